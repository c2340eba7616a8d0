/** spine dlq: dead letters by cause and one by one; redrive and discard after a dry run. */
import type { DeadLetterRow, FailureFamilyRow, RedrivePreview, RedriveRow } from '../../../shared/operator-api/index.ts';
import { ConfigError } from '../../../shared/errors.ts';
import { command, type Given, onSite } from '../command-line.ts';
import { confirmed } from '../confirm.ts';
import { answer, clock, counted, paint, say, sayTable } from '../output.ts';
import type { OperatorClient } from '../site-client.ts';
import { until } from '../wait.ts';

/** Which dead letters: named ones, a family, a job type, a text, or all. */
interface Scope { readonly id: readonly string[]; readonly family: string | undefined; readonly job: string | undefined; readonly text: string | undefined; readonly all: boolean }

const scopeOptions = {
  family: { type: 'string', describe: 'All of a failure family, by its id or the beginning of it' },
  job: { type: 'string', describe: 'All of a job type' },
  text: { type: 'string', describe: 'All with this in the name or message of their error' },
  all: { type: 'boolean', default: false, describe: 'All that wait' },
} as const;
const reasonOption = { alias: 'r', type: 'string', describe: 'Why; part of the audit' } as const;

async function scopeOf(client: OperatorClient, { id, family, job: jobType, text, all }: Scope): Promise<Parameters<OperatorClient['redrives']['preview']>[0]['scope']> {
  if (id.length > 0) return { kind: 'selection', deadLetterIds: [...id] };
  if (family !== undefined) return { kind: 'family', family: await familyOf(client, family) };
  if (jobType === undefined && text === undefined && !all) throw new ConfigError('scope', 'is missing', 'ids, --family, --job, --text or --all');
  return { kind: 'filter', filter: { ...(jobType === undefined ? {} : { jobType }), ...(text === undefined ? {} : { text }) } };
}

async function familyOf(client: OperatorClient, start: string): Promise<string> {
  const { families } = await client.deadLetters.families({ show: 'all', limit: 500 });
  const found = families.filter(({ family }) => family.startsWith(start));
  const [only] = found;
  if (!only || found.length > 1) throw new ConfigError('--family', `${counted(found.length, 'family begins', 'families begin')} with "${start}"`, 'the id of one family, as spine dlq families shows it');
  return only.family;
}

const list = command({
  command: 'ls',
  describe: 'Dead letters, newest first',
  builder: (argv) => argv
    .option('job', scopeOptions.job).option('text', scopeOptions.text)
    .option('status', { choices: ['waiting', 'redriven', 'discarded', 'all'] as const, default: 'waiting' as const, describe: 'What was decided' })
    .option('limit', { type: 'number', default: 50, describe: 'At most so many' }),
  async handler(given) {
    const { rows, total } = await onSite(given, (client) => client.deadLetters.list({ status: given.status, limit: given.limit, ...(given.job ? { jobType: given.job } : {}), ...(given.text ? { text: given.text } : {}) }));
    answer(given.json, rows, () => {
      sayTable<DeadLetterRow>(rows, [
        { head: 'id', cell: ({ deadLetterId }) => deadLetterId },
        { head: 'died', cell: ({ diedMs }) => clock(diedMs) },
        { head: 'job', cell: ({ jobType }) => jobType },
        { head: 'error', cell: ({ errorName, errorMessage }) => `${errorName}: ${errorMessage}`.slice(0, 80) },
      ], 'No dead letters. Good.');
      if (total > rows.length) say(paint('dim', `… ${(total - rows.length).toLocaleString('en')} more; --limit shows more`));
    });
  },
});

const families = command({
  command: 'families',
  describe: 'Dead letters by cause',
  async handler(given) {
    const found = await onSite(given, (client) => client.deadLetters.families({}));
    answer(given.json, found.families, () => sayTable<FailureFamilyRow>(found.families, [
      { head: 'family', cell: ({ family }) => family.slice(0, 8) },
      { head: 'waiting', cell: ({ waiting }) => waiting.toLocaleString('en'), right: true },
      { head: 'trend', cell: ({ trend }) => trend },
      { head: 'last seen', cell: ({ lastSeenMs }) => clock(lastSeenMs) },
      { head: 'job', cell: ({ jobType }) => jobType },
      { head: 'cause', cell: ({ errorName, template }) => `${errorName}: ${template}`.slice(0, 80) },
    ], 'No dead letters wait. Good.'));
  },
});

const show = command({
  command: 'show <id>',
  describe: 'One dead letter with every error, and what redriving it would do',
  builder: (argv) => argv.positional('id', { type: 'string', demandOption: true, describe: 'Its id' }),
  async handler(given) {
    const detail = await onSite(given, (client) => client.deadLetters.get({ deadLetterId: given.id }));
    answer(given.json, detail, () => {
      const { row, attempts, input, consequence, decision } = detail;
      say(`${paint('bold', row.jobType)}  ${row.status}, died ${clock(row.diedMs)}, spine trace ${row.correlationId}`);
      for (const { attempt, startedMs, errorName, errorMessage } of attempts) say(`  attempt ${attempt}  ${clock(startedMs)}  ${errorName ?? ''}: ${errorMessage ?? ''}`);
      say(`input ${JSON.stringify(input, null, 2)}`);
      if (decision) say(`${row.status} by ${decision.operator} at ${clock(decision.atMs)}: ${decision.reason}`);
      say(consequence.text);
    });
  },
});

interface Redrive extends Scope { readonly reason: string; readonly rate: number | undefined; readonly canary: number; readonly stop: number | undefined; readonly unsafe: boolean; readonly dryRun: boolean; readonly yes: boolean; readonly wait: boolean }
const redrive = command({
  command: 'redrive [id..]',
  describe: 'Run dead letters again: says what it would do, then asks',
  builder: (argv) => argv
    .positional('id', { type: 'string', array: true, default: [] as string[], describe: 'Ids of dead letters' })
    .options(scopeOptions)
    .option('reason', { ...reasonOption, default: '' })
    .option('rate', { type: 'number', describe: 'Jobs a second' })
    .option('canary', { type: 'number', default: 0, describe: 'So many first; the rest if they succeed' })
    .option('stop', { type: 'number', describe: 'Stop when more than this share has failed, such as 0.2' })
    .option('unsafe', { type: 'boolean', default: false, describe: 'Also what may take effect twice' })
    .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what it would do' })
    .option('wait', { type: 'boolean', default: false, describe: 'Wait for its end; exit code 4 if any failed' })
    .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask' })
    .example('$0 dlq redrive --family ba79f29f --canary 10 --rate 50 -r "gateway is back"', 'ten first, then the rest'),
  handler: (given) => onSite(given, async (client) => {
    const scope = await scopeOf(client, given);
    const preview = await client.redrives.preview({ scope, repeatUnsafe: given.unsafe });
    if (!given.json) sayPreview(preview);
    if (given.dryRun || preview.willRun === 0) return given.json ? answer(true, preview, () => {}) : undefined;
    if (!(await confirmed(`run ${counted(preview.willRun, 'job')} again`, given.yes))) return;
    const { ratePerSecond, stopRatio } = { ratePerSecond: given.rate ?? null, stopRatio: given.stop ?? null };
    const started = await client.redrives.start({ scope, repeatUnsafe: given.unsafe, reason: given.reason, asOfMs: preview.asOfMs, ratePerSecond, canary: given.canary, stopRatio });
    const ended = given.wait ? await untilEnded(client, started, given) : started;
    answer(given.json, ended, () => say(wordsOf(ended)));
    if (ended.failed > 0 || ended.state === 'stopped') process.exitCode = 4;
  }),
});

function untilEnded(client: OperatorClient, { redriveId }: RedriveRow, { json }: Given<Redrive>): Promise<RedriveRow> {
  let said = '';
  return until(async () => {
    const row = await client.redrives.get({ redriveId });
    const words = `${row.state}: ${row.succeeded + row.failed} of ${row.total - row.skipped} ended, ${row.failed} failed`;
    if (!json && words !== said) say(paint('dim', (said = words)));
    return ['done', 'cancelled', 'stopped'].includes(row.state) ? row : null;
  }) as Promise<RedriveRow>;
}

function sayPreview({ total, willRun, skipped, unsafe, partlyDone, jobTypes }: RedrivePreview): void {
  say(`${counted(total, 'dead letter')}: ${willRun.toLocaleString('en')} would run again.`);
  for (const [n, words] of [
    [skipped.alreadyDone, 'are done already'], [skipped.unsafe, 'may take effect twice and are left out (--unsafe runs them)'], [skipped.unreadable, 'can’t be read'],
    [skipped.unknownType, 'are of a job type that this site has not'], [skipped.invalidInput, 'have an input that does not fit'], [unsafe, 'of those that run may take effect twice'],
    [partlyDone, 'are partly done; what is on record is not repeated'],
  ] as const) if (n > 0) say(`  ${n.toLocaleString('en')} ${words}`);
  for (const { jobType, willRun: n, emits } of jobTypes) if (n > 0) say(`  ${n.toLocaleString('en')} ${jobType}${emits ? `, each may publish ${emits.join(', ') || 'nothing'}` : ''}`);
}

function wordsOf(row: RedriveRow): string {
  const { redriveId, state, stateReason, succeeded, failed, skipped } = row;
  return state === 'done' || state === 'cancelled' || state === 'stopped'
    ? `${state}${stateReason ? ` (${stateReason.text})` : ''}: ${succeeded} succeeded, ${failed} failed, ${skipped} skipped.`
    : `Redrive ${redriveId} has begun (${state}).`;
}

const discard = command({
  command: 'discard [id..]',
  describe: 'Decide that they will not run again; can be undone for 7 days',
  builder: (argv) => argv
    .positional('id', { type: 'string', array: true, default: [] as string[], describe: 'Ids of dead letters' })
    .options(scopeOptions)
    .option('reason', { ...reasonOption, demandOption: true })
    .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask' }),
  handler: (given) => onSite(given, async (client) => {
    const scope = await scopeOf(client, given);
    const { total, asOfMs } = await client.redrives.preview({ scope });
    if (total === 0) return answer(given.json, { discarded: 0 }, () => say('No dead letter fits.'));
    if (!(await confirmed(`discard ${counted(total, 'dead letter')}`, given.yes))) return;
    const done = await client.deadLetters.discardMany({ scope, reason: given.reason, asOfMs });
    answer(given.json, done, () => say(`Discarded ${counted(done.discarded, 'dead letter')}. Until ${clock(done.undoUntilMs)}: spine dlq undo ${done.discardId}`));
  }),
});

const undo = command({
  command: 'undo <discard>',
  describe: 'Undo a discard',
  builder: (argv) => argv.positional('discard', { type: 'string', demandOption: true, describe: 'Id that discarding has printed' }),
  async handler(given) {
    const done = await onSite(given, (client) => client.deadLetters.undoDiscard({ discardId: given.discard }));
    answer(given.json, done, () => say(`${counted(done.restored, 'dead letter waits', 'dead letters wait')} again.`));
  },
});

export const deadLettersCommand = command({
  command: 'dlq',
  describe: 'Dead letters: by cause, one by one, redrive, discard',
  builder: (argv) => argv.command(list).command(families).command(show).command(redrive).command(discard).command(undo).demandCommand(1, 'Say which: ls, families, show, redrive, discard or undo.'),
  handler: () => {},
});
