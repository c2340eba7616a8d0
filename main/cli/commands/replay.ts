/** spine replay: let past events be routed again. A dry run comes first, always. */
import type { ReplayFilter, ReplayRow } from '../../../shared/operator-api/index.ts';
import { ACTING_VERDICTS } from '../../../shared/operator-api/index.ts';
import { ConfigError, UnavailableError } from '../../../shared/errors.ts';
import { Duration } from '../../config/site-config.ts';
import { command, onSite } from '../command-line.ts';
import { confirmed } from '../confirm.ts';
import { answer, clock, counted, say, sayTable } from '../output.ts';
import type { OperatorClient } from '../site-client.ts';
import { until } from '../wait.ts';


/** "2026-11-24T08:00", or how long ago: "24h". @throws ConfigError naming the option. */
function moment(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const ago = Duration.safeParse(given);
  const at = ago.success ? Date.now() - ago.data : Date.parse(given);
  if (Number.isNaN(at)) throw new ConfigError(option, `"${given}" is no time`, 'a time such as 2026-11-24T08:00, or how long ago, such as 24h');
  return at;
}

const run = command({
  command: '$0',
  describe: 'Replay events: says what it would do, then asks',
  builder: (argv) => argv
    .option('from', { type: 'string', describe: 'Stored since: a time, or how long ago (24h)' })
    .option('to', { type: 'string', describe: 'Stored until' })
    .option('from-seq', { type: 'number', describe: 'Sequence to begin at' })
    .option('to-seq', { type: 'number', describe: 'Last sequence' })
    .option('type', { type: 'string', describe: 'Event type, or domain.*' })
    .option('source', { type: 'string', describe: 'Who published them' })
    .option('correlation', { type: 'string', describe: 'Correlation id' })
    .option('force', { type: 'boolean', default: false, describe: 'Also new jobs for those that have completed' })
    .option('unsafe', { type: 'boolean', default: false, describe: 'With --force: also what may take effect twice' })
    .option('rate', { type: 'number', default: 100, describe: 'Jobs a second' })
    .option('reason', { alias: 'r', type: 'string', default: '', describe: 'Why; part of the audit' })
    .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what it would do' })
    .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask' })
    .example('$0 replay --from 24h --type "connector.*" --dry-run', 'what is missing of the last day'),
  handler: (given) => onSite(given, async (client) => {
    const wanted = { fromMs: moment('--from', given.from), toMs: moment('--to', given.to), fromSeq: given.fromSeq, toSeq: given.toSeq, type: given.type, source: given.source, correlationId: given.correlation };
    const filter = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)) as ReplayFilter;
    const scope = { filter, mode: given.force ? ('force' as const) : ('missing' as const), unsafeConfirmed: given.unsafe };
    const { replayId: dryRunId } = await client.replays.dryRun(scope);
    const looked = await ended(client, dryRunId);
    const jobs = acting(looked);
    if (!given.json) sayCounts(looked);
    if (given.dryRun || jobs === 0) return given.json ? answer(true, looked, () => {}) : undefined;
    if (given.reason.trim() === '') throw new ConfigError('--reason', 'is missing', 'why these events are replayed; it is part of the audit');
    if (!(await confirmed(`put ${counted(jobs, 'job')} on the queues`, given.yes))) return;
    const { replayId } = await client.replays.run({ ...scope, reason: given.reason, jobsPerSecond: given.rate, dryRunId });
    const row = await ended(client, replayId);
    answer(given.json, row, () => say(`${row.status}: ${counted(acting(row), 'job')} on the queues.`));
  }),
});

/** @throws UnavailableError if it failed. */
async function ended(client: OperatorClient, replayId: string): Promise<ReplayRow> {
  const row = (await until(async () => {
    const { row: now } = await client.replays.get({ replayId });
    return now.status === 'running' ? null : now;
  })) as ReplayRow;
  if (row.status === 'failed') throw new UnavailableError('replay', row.problem ?? 'it failed', 'Try again when the site is healthy.');
  return row;
}

function acting({ counts }: ReplayRow): number {
  return Object.values(counts.jobs).reduce((sum, verdicts) => sum + ACTING_VERDICTS.reduce((all, verdict) => all + (verdicts[verdict] ?? 0), 0), 0);
}

function sayCounts({ counts, fromSeq, toSeq }: ReplayRow): void {
  say(`Of ${counted(counts.read, 'message')} (${fromSeq} to ${toSeq}), ${counts.matched.toLocaleString('en')} fit; ${counts.oweNothing.toLocaleString('en')} of them owe nothing.`);
  const rows = Object.entries(counts.jobs).flatMap(([jobType, verdicts]) => Object.entries(verdicts).map(([verdict, n]) => ({ jobType, verdict, n: n ?? 0 })));
  sayTable(rows, [
    { head: 'job', cell: ({ jobType }) => jobType },
    { head: 'verdict', cell: ({ verdict }) => verdict },
    { head: 'jobs', cell: ({ n }) => n.toLocaleString('en'), right: true },
  ], 'They owe no jobs.');
}

const list = command({
  command: 'ls',
  describe: 'Replays and dry runs, newest first',
  async handler(given) {
    const { replays } = await onSite(given, (client) => client.replays.list({}));
    answer(given.json, replays, () => sayTable(replays, [
      { head: 'id', cell: ({ replayId }) => replayId },
      { head: 'started', cell: ({ startedMs }) => clock(startedMs) },
      { head: 'kind', cell: ({ dryRun, mode }) => (dryRun ? 'dry run' : mode) },
      { head: 'state', cell: ({ status }) => status },
      { head: 'jobs', cell: (row) => acting(row).toLocaleString('en'), right: true },
      { head: 'why', cell: ({ reason }) => reason },
    ], 'No replays.'));
  },
});

const cancel = command({
  command: 'cancel <id>',
  describe: 'Stop a replay; what is on the queues stays there',
  builder: (argv) => argv.positional('id', { type: 'string', demandOption: true, describe: 'Id of the replay' }).option('reason', { alias: 'r', type: 'string', default: '', describe: 'Why; part of the audit' }),
  async handler(given) {
    const done = await onSite(given, (client) => client.replays.cancel({ replayId: given.id, reason: given.reason }));
    answer(given.json, done, () => say('Cancelled.'));
  },
});

export const replayCommand = command({
  command: 'replay',
  describe: 'Let past events be routed again',
  builder: (argv) => argv.command(run).command(list).command(cancel),
  handler: () => {},
});
