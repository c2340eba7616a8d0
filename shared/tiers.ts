/**
 * The three latency promises. A promise is counted from the event's durable publish to the start of the handler.
 */
import * as z from 'zod';
import { message } from './i18n/translate.ts';

export const TIERS = ['realtime', 'interactive', 'background'] as const;
export const Tier = z.enum(TIERS);
export type Tier = z.infer<typeof Tier>;

export interface TierPromise {
  /** Published → handler started, in ms. */
  readonly targetMs: number;
  /** As a person reads it: a message. */
  readonly words: string;
  /** Share of jobs that may start later than `targetMs` before the promise counts as broken. */
  readonly budget: number;
}

/**
 * `background` promises "minutes to hours"; we hold it to one hour.
 * The budget is 1 %: a promise is about the p99.
 */
export const TIER_PROMISES: Record<Tier, TierPromise> = {
  realtime: { targetMs: 100, words: message('< 100 ms'), budget: 0.01 },
  interactive: { targetMs: 5_000, words: message('< 5 s'), budget: 0.01 },
  background: { targetMs: 3_600_000, words: message('minutes to hours'), budget: 0.01 },
};

export type PromiseVerdict = 'kept' | 'at-risk' | 'broken' | 'unknown';

/**
 * Judge a tier over a window. `late` of `started` jobs started after the promise.
 * at-risk: more than half of the budget is burnt, or a job that waits right now is already late.
 * unknown: nothing started and nothing waits late, so there is nothing to judge by.
 */
export function judgePromise(tier: Tier, window: { started: number; late: number; oldestWaitingMs: number | null }): PromiseVerdict {
  const { targetMs } = TIER_PROMISES[tier];
  const waitingLate = window.oldestWaitingMs !== null && window.oldestWaitingMs > targetMs;
  if (window.started === 0) return waitingLate ? 'at-risk' : 'unknown';
  const burnt = budgetBurnt(tier, window);
  if (burnt > 1) return 'broken';
  return burnt > 0.5 || waitingLate ? 'at-risk' : 'kept';
}

/** Share of the error budget that is used: 0 none, 1 all of it, above 1 broken. */
export function budgetBurnt(tier: Tier, window: { started: number; late: number }): number {
  return window.started === 0 ? 0 : window.late / window.started / TIER_PROMISES[tier].budget;
}
