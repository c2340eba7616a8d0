/** What a redrive would do, in words. Pure. */
import { say, t } from '../../shared/i18n/translate.ts';
import type { DeadLetterScope, RedrivePreview, RedriveRow } from '../../shared/operator-api/index.ts';
import { formatCount, formatDuration, formatList } from '../kit/format.ts';

export interface Consequence {
  readonly text: string;
  /** A person should look twice. */
  readonly warning?: boolean;
}

/** One sentence a line, what happens first, what is left out next, what can't be taken back last. */
export function consequencesOf(preview: RedrivePreview, ratePerSecond: number | null): Consequence[] {
  const { total, willRun, skipped, unsafe, partlyDone, inOtherRedrives, inputsChecked, jobTypes } = preview;
  const lines: Consequence[] = [];
  const add = (count: number, text: string, warning = false): void => void (count > 0 && lines.push({ text, warning }));
  if (total === 0) return [{ text: t('No dead letter of these waits for a decision any more.') }];
  const running = jobTypes.filter((type) => type.willRun > 0);
  const types = formatList(running.map((type) => (running.length === 1 ? type.jobType : `${formatCount(type.willRun)} ${type.jobType}`)));
  lines.push({ text: willRun === 0 ? t('Nothing would run.') : t('{n, plural, one {# job runs} other {# jobs run}} again, each once and under its old idempotency key: {types}.', { n: willRun, types }) });
  if (ratePerSecond !== null && willRun > 0) lines.push({ text: t('At {rate, number} a second it takes {time}.', { rate: ratePerSecond, time: formatDuration((willRun / ratePerSecond) * 1_000) }) });
  add(skipped.alreadyDone, t('{n, plural, one {# is} other {# are}} skipped: the effect is already recorded, so there is nothing to do again.', { n: skipped.alreadyDone }));
  const unsafeTypes = formatList(jobTypes.filter(({ replaySafety }) => replaySafety === 'unsafe').map(({ jobType }) => jobType));
  add(skipped.unsafe, t('{n, plural, one {# is} other {# are}} skipped: {types} is unsafe to repeat, the effect may happen twice.', { n: skipped.unsafe, types: unsafeTypes }), true);
  add(skipped.invalidInput, [t('{n, plural, one {# is} other {# are}} skipped: the input does not fit its schema.', { n: skipped.invalidInput }), ...firstProblem(preview)].join(' '), true);
  add(skipped.unknownType, t('{n, plural, one {# is} other {# are}} skipped: no handler is loaded (a plugin is missing?).', { n: skipped.unknownType }), true);
  add(skipped.unreadable, t('{n, plural, one {# is} other {# are}} skipped: the payload can’t be read.', { n: skipped.unreadable }));
  add(partlyDone, t('{n, number} did a part before they died; what is on record is not done again.', { n: partlyDone }));
  add(inOtherRedrives, t('{n, plural, one {# also waits in another redrive; whichever comes first runs it.} other {# also wait in another redrive; whichever comes first runs them.}}', { n: inOtherRedrives }));
  const guarded = running.filter(({ replaySafety }) => replaySafety === 'guarded').map(({ jobType }) => jobType);
  add(guarded.length, t('{types}: the other side gets the same Idempotency-Key as before; if it honours the key, nothing happens twice there.', { types: formatList(guarded) }));
  add(unsafe, t('{n, plural, one {# is} other {# are}} unsafe to repeat: where an earlier attempt reached the other side, the effect happens twice.', { n: unsafe }), true);
  for (const { jobType, emits } of running) lines.push({ text: emitsWords(jobType, emits) });
  add(inputsChecked > 0 && inputsChecked < willRun ? 1 : 0, t('The first {n, number} inputs were checked; each is checked again before it runs.', { n: inputsChecked }));
  return lines;
}

function emitsWords(jobType: string, emits: readonly string[] | null): string {
  if (emits === null) return t('{jobType} does not say which events it publishes.', { jobType });
  if (emits.length === 0) return t('{jobType} publishes no events of its own.', { jobType });
  return t('Each {jobType} that succeeds may publish {events}.', { jobType, events: formatList(emits) });
}

function firstProblem({ problems }: RedrivePreview): string[] {
  const issue = problems[0]?.issues[0];
  if (!issue) return [];
  return [issue.field === '' ? t('For example as a whole: {problem}.', { problem: issue.message }) : t('For example {field}: {problem}.', { field: issue.field, problem: issue.message })];
}

/** What a redrive or discard reaches, in a few words. */
export function scopeWords(scope: DeadLetterScope): string {
  if (scope.kind === 'selection') return t('{n, plural, one {# dead letter} other {# picked dead letters}}', { n: scope.deadLetterIds.length });
  if (scope.kind === 'family') return t('a failure family');
  const { family, jobType, text } = scope.filter;
  const parts = [family === undefined ? '' : t('of one family'), jobType ?? '', text === undefined ? '' : t('with “{words}”', { words: text })];
  return [t('all that waited'), ...parts.filter((part) => part !== '')].join(', ');
}

/** How far a redrive is, as one line. */
export function progressWords(redrive: Pick<RedriveRow, 'state' | 'total' | 'skipped' | 'redriven' | 'succeeded' | 'failed' | 'canary' | 'stateReason'>): string {
  const { state, total, skipped, redriven, succeeded, failed, canary, stateReason } = redrive;
  switch (state) {
    case 'canary':
      return t('{succeeded, number} of the first {n, number} have succeeded; the rest waits for them.', { succeeded, n: Math.min(canary, total - skipped) });
    case 'running':
      return t('{redriven, number} of {n, plural, one {# job} other {# jobs}} are on their queues or have ended.', { redriven, n: total - skipped });
    case 'settling':
      return t('All are on their queues; {n, plural, one {# has} other {# have}} not ended yet.', { n: redriven - succeeded - failed });
    case 'done':
      if (failed === 0) return t('All {n, number} have succeeded.', { n: succeeded });
      return t('{succeeded, number} succeeded, {n, plural, one {# is a dead letter} other {# are dead letters}} again.', { succeeded, n: failed });
    case 'cancelled':
      return t('Cancelled {why}. {n, number} were not touched.', { why: stateReason === null ? '' : say(stateReason), n: total - skipped - redriven });
    case 'stopped':
      return stateReason === null ? t('It stopped by itself.') : say(stateReason);
  }
}
