/** What a redrive would do, in words. Pure. */
import type { DeadLetterScope, RedrivePreview, RedriveRow } from '../../shared/operator-api/index.ts';
import { countOf, formatCount, formatDuration } from '../kit/format.ts';

export interface Consequence {
  readonly text: string;
  /** A person should look twice. */
  readonly warning?: boolean;
}

const list = (names: readonly string[]): string => (names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`);
const isAre = (count: number): string => (count === 1 ? 'is' : 'are');

/** One sentence a line, what happens first, what is left out next, what can't be taken back last. */
export function consequencesOf(preview: RedrivePreview, ratePerSecond: number | null): Consequence[] {
  const { total, willRun, skipped, unsafe, partlyDone, inOtherRedrives, inputsChecked, jobTypes } = preview;
  const lines: Consequence[] = [];
  const add = (count: number, text: string, warning = false): void => void (count > 0 && lines.push({ text, warning }));
  if (total === 0) return [{ text: 'No dead letter of these waits for a decision any more.' }];
  const running = jobTypes.filter((type) => type.willRun > 0);
  lines.push({
    text: willRun === 0 ? 'Nothing would run.' : `${countOf(willRun, 'job')} ${willRun === 1 ? 'runs' : 'run'} again, each once and under its old idempotency key: ${list(running.map((type) => (running.length === 1 ? type.jobType : `${formatCount(type.willRun)} ${type.jobType}`)))}.`,
  });
  if (ratePerSecond !== null && willRun > 0) lines.push({ text: `At ${formatCount(ratePerSecond)} a second it takes ${formatDuration((willRun / ratePerSecond) * 1_000)}.` });
  add(skipped.alreadyDone, `${formatCount(skipped.alreadyDone)} ${isAre(skipped.alreadyDone)} skipped: the effect is already recorded, so there is nothing to do again.`);
  const unsafeTypes = list(jobTypes.filter(({ replaySafety }) => replaySafety === 'unsafe').map(({ jobType }) => jobType));
  add(skipped.unsafe, `${formatCount(skipped.unsafe)} ${isAre(skipped.unsafe)} skipped: ${unsafeTypes} is unsafe to repeat, the effect may happen twice.`, true);
  add(skipped.invalidInput, `${formatCount(skipped.invalidInput)} ${isAre(skipped.invalidInput)} skipped: the input does not fit its schema. ${firstProblem(preview)}`, true);
  add(skipped.unknownType, `${formatCount(skipped.unknownType)} ${isAre(skipped.unknownType)} skipped: no handler is loaded (a plugin is missing?).`, true);
  add(skipped.unreadable, `${formatCount(skipped.unreadable)} ${isAre(skipped.unreadable)} skipped: the payload can’t be read.`);
  add(partlyDone, `${formatCount(partlyDone)} did a part before they died; what is on record is not done again.`);
  add(inOtherRedrives, `${formatCount(inOtherRedrives)} also ${inOtherRedrives === 1 ? 'waits' : 'wait'} in another redrive; whichever comes first runs ${inOtherRedrives === 1 ? 'it' : 'them'}.`);
  const guarded = running.filter(({ replaySafety }) => replaySafety === 'guarded').map(({ jobType }) => jobType);
  add(guarded.length, `${list(guarded)}: the other side gets the same Idempotency-Key as before; if it honours the key, nothing happens twice there.`);
  add(unsafe, `${formatCount(unsafe)} ${isAre(unsafe)} unsafe to repeat: where an earlier attempt reached the other side, the effect happens twice.`, true);
  for (const { jobType, emits } of running) {
    lines.push({ text: emits === null ? `${jobType} does not say which events it publishes.` : emits.length === 0 ? `${jobType} publishes no events of its own.` : `Each ${jobType} that succeeds may publish ${list(emits)}.` });
  }
  add(inputsChecked > 0 && inputsChecked < willRun ? 1 : 0, `The first ${formatCount(inputsChecked)} inputs were checked; each is checked again before it runs.`);
  return lines;
}

function firstProblem({ problems }: RedrivePreview): string {
  const issue = problems[0]?.issues[0];
  return issue ? `For example ${issue.field === '' ? 'as a whole' : issue.field}: ${issue.message}.` : '';
}

/** What a redrive or discard reaches, in a few words. */
export function scopeWords(scope: DeadLetterScope): string {
  if (scope.kind === 'selection') return scope.deadLetterIds.length === 1 ? '1 dead letter' : `${formatCount(scope.deadLetterIds.length)} picked dead letters`;
  if (scope.kind === 'family') return 'a failure family';
  const { family, jobType, text } = scope.filter;
  const parts = [family === undefined ? '' : 'of one family', jobType ?? '', text === undefined ? '' : `with “${text}”`].filter((part) => part !== '');
  return parts.length === 0 ? 'all that waited' : `all that waited, ${parts.join(', ')}`;
}

/** How far a redrive is, as one line. */
export function progressWords(redrive: Pick<RedriveRow, 'state' | 'total' | 'skipped' | 'redriven' | 'succeeded' | 'failed' | 'canary' | 'stateReason'>): string {
  const { state, total, skipped, redriven, succeeded, failed, canary, stateReason } = redrive;
  const open = redriven - succeeded - failed;
  switch (state) {
    case 'canary':
      return `${formatCount(succeeded)} of the first ${formatCount(Math.min(canary, total - skipped))} have succeeded; the rest waits for them.`;
    case 'running':
      return `${formatCount(redriven)} of ${countOf(total - skipped, 'job')} are on their queues or have ended.`;
    case 'settling':
      return `All are on their queues; ${formatCount(open)} ${open === 1 ? 'has' : 'have'} not ended yet.`;
    case 'done':
      return failed === 0 ? `All ${formatCount(succeeded)} have succeeded.` : `${formatCount(succeeded)} succeeded, ${formatCount(failed)} ${failed === 1 ? 'is a dead letter' : 'are dead letters'} again.`;
    case 'cancelled':
      return `Cancelled ${stateReason ?? ''}. ${formatCount(total - skipped - redriven)} were not touched.`;
    case 'stopped':
      return stateReason ?? 'It stopped by itself.';
  }
}
