/**
 * The life of a redrive. Pure: what is next follows from its counts alone, so that it goes on after a crash where it was.
 *
 *   canary ──► running ──► settling ──► done       (canary only if asked for; done when all have ended)
 *      │          │
 *      ├──────────┴──► stopped                     (a canary failed; too many failed)
 *      └──────────┬──► cancelled                   (by a person)
 *
 * Whatever has been put on a queue runs to its end; stopped and cancelled only put no more there.
 */
import { type Words, words } from '../../shared/i18n/translate.ts';
import type { RedriveRow } from '../../shared/operator-api/index.ts';

export type RedriveProgress = Pick<RedriveRow, 'state' | 'total' | 'skipped' | 'redriven' | 'succeeded' | 'failed' | 'canary' | 'stopRatio'>;

export interface NextStep {
  readonly state: RedriveRow['state'];
  /** Set when it stops by itself. */
  readonly reason?: Words;
  /** How many may be put on their queues now, at the most. */
  readonly mayHandOut: number;
  /** Nothing about it will change any more. */
  readonly finished: boolean;
}

/** A failure ratio means little before so many have ended. */
export const FEWEST_ENDED = 10;

const percent = (share: number): number => Number((share * 100).toFixed(share * 100 < 10 ? 1 : 0));

export function nextStep(progress: RedriveProgress): NextStep {
  const { state, total, skipped, redriven, succeeded, failed, canary, stopRatio } = progress;
  const ended = succeeded + failed;
  const open = redriven - ended;
  const left = total - skipped - redriven;
  const step = (next: RedriveRow['state'], mayHandOut = 0, reason?: Words): NextStep => ({
    state: next, mayHandOut, finished: open === 0 && (next === 'done' || next === 'stopped' || next === 'cancelled'), ...(reason === undefined ? {} : { reason }),
  });
  const handedOut = (): NextStep => step(open > 0 ? 'settling' : 'done');
  switch (state) {
    case 'canary':
      if (failed > 0) return step('stopped', 0, words('{failed, number} of the first {canary, number} failed. The other {left, number} were not touched.', { failed, canary, left }));
      if (left === 0) return handedOut();
      return succeeded >= canary ? step('running', left) : step('canary', Math.min(left, canary - redriven));
    case 'running':
      if (left === 0) return handedOut();
      if (stopRatio !== null && ended >= FEWEST_ENDED && failed / ended > stopRatio) {
        return step('stopped', 0, words('{failed, number} of {ended, number} failed, {percent, number} %, more than the {allowed, number} % allowed. The other {left, number} were not touched.', { failed, ended, percent: percent(failed / ended), allowed: percent(stopRatio), left }));
      }
      return step('running', left);
    case 'settling':
      return handedOut();
    default:
      return step(state);
  }
}
