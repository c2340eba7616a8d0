/** What a bar of the waterfall stands for, in words. */
import { message, t } from '../../shared/i18n/translate.ts';
import type { AttemptRow } from '../../shared/operator-api/index.ts';
import type { Bar } from '../../shared/timed-trace.ts';

const OUTCOMES: Readonly<Record<AttemptRow['outcome'], string>> = {
  running: message('running'), completed: message('completed'), failed: message('failed'), dead: message('dead'), cancelled: message('cancelled'), lost: message('lost'),
};

/** "attempt 2: failed", "retry wait". */
export function barWords({ words, attempt }: Bar): string {
  if (attempt === undefined) return t(words);
  const outcome = OUTCOMES[attempt.outcome];
  return t(words, { n: attempt.number, outcome: t(outcome) });
}
