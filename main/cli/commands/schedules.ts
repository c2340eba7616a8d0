/** spine schedules: list, run, pause, resume, create, remove. */
import { MissedPolicy, OverlapPolicy } from '../../../shared/schedule-rule.ts';
import { command, onSite } from '../command-line.ts';
import { answer, clock, paint, say, sayTable } from '../output.ts';
import { confirmed } from '../confirm.ts';
import { payload } from './publish.ts';

const id = { id: { type: 'string', demandOption: true, describe: 'Name of the schedule' } } as const;
const reason = { reason: { alias: 'r', type: 'string', default: '', describe: 'Why; part of the audit' } } as const;

const list = command({
  command: 'ls',
  describe: 'All schedules with their next time',
  async handler(given) {
    const { schedules } = await onSite(given, (client) => client.schedules.list());
    answer(given.json, schedules, () => sayTable(schedules, [
      { head: 'schedule', cell: (row) => row.id },
      { head: 'rule', cell: ({ words, timeZone }) => `${words}, ${timeZone}` },
      { head: 'job', cell: ({ jobType }) => jobType },
      { head: 'next', cell: ({ paused, nextMs }) => (paused ? paint('yellow', `paused by ${paused.operator}`) : clock(nextMs[0] ?? null)) },
      { head: 'last', cell: ({ last }) => (last ? `${last.outcome} ${clock(last.slotMs)}` : '–') },
    ], 'No schedules.'));
  },
});

const run = command({
  command: 'run <id>',
  describe: 'Fire now, beside its times',
  builder: (argv) => argv.positional('id', id.id).options(reason),
  async handler(given) {
    const fired = await onSite(given, (client) => client.schedules.runNow({ id: given.id, reason: given.reason }));
    answer(given.json, fired, () => say(`Fired. Job ${fired.jobId}, see it with: spine trace ${fired.correlationId}`));
  },
});

const pause = command({
  command: 'pause <id>',
  describe: 'Fire no more until resumed',
  builder: (argv) => argv.positional('id', id.id).option('reason', { ...reason.reason, demandOption: true }),
  async handler(given) {
    const done = await onSite(given, (client) => client.schedules.pause({ id: given.id, reason: given.reason }));
    answer(given.json, done, () => say(`${done.id} is paused.`));
  },
});

const resume = command({
  command: 'resume <id>',
  describe: 'Fire again from the next time on',
  builder: (argv) => argv.positional('id', id.id).options(reason),
  async handler(given) {
    const done = await onSite(given, (client) => client.schedules.resume({ id: given.id, reason: given.reason }));
    answer(given.json, done, () => say(`${done.id} fires again.`));
  },
});

const create = command({
  command: 'create <id> <cron> <job>',
  describe: 'Make a schedule',
  builder: (argv) => argv
    .positional('id', id.id)
    .positional('cron', { type: 'string', demandOption: true, describe: 'Cron expression' })
    .positional('job', { type: 'string', demandOption: true, describe: 'Job type' })
    .option('zone', { type: 'string', default: 'UTC', describe: 'Time zone, such as Europe/Berlin' })
    .option('data', { alias: 'd', type: 'string', default: '{}', describe: 'Input of the job as JSON, @file or -' })
    .option('overlap', { choices: OverlapPolicy.options, default: 'skip' as OverlapPolicy, describe: 'While the job before still runs' })
    .option('missed', { choices: MissedPolicy.options, default: 'once' as MissedPolicy, describe: 'After downtime' })
    .options(reason)
    .example(`$0 schedules create nightly "30 2 * * *" BackupSiteJob --zone Europe/Berlin`, ''),
  async handler(given) {
    const input = await payload(given.data);
    const { words, problem } = await onSite(given, async (client) => {
      const preview = await client.schedules.preview({ cron: given.cron, timeZone: given.zone });
      await client.schedules.create({ id: given.id, cron: given.cron, timeZone: given.zone, jobType: given.job, input, overlap: given.overlap, missed: given.missed, reason: given.reason });
      return preview;
    });
    answer(given.json, { id: given.id, words, problem }, () => say(`${given.id} fires ${words}, ${given.zone}.`));
  },
});

const remove = command({
  command: 'remove <id>',
  describe: 'Remove a schedule with its history',
  builder: (argv) => argv.positional('id', id.id).option('reason', { ...reason.reason, demandOption: true }).option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask' }),
  async handler(given) {
    if (!(await confirmed(`remove the schedule ${given.id} with its history`, given.yes))) return;
    const done = await onSite(given, (client) => client.schedules.remove({ id: given.id, reason: given.reason }));
    answer(given.json, done, () => say(`${done.id} is removed.`));
  },
});

export const schedulesCommand = command({
  command: 'schedules',
  describe: 'Schedules: list, run, pause, resume, create, remove',
  builder: (argv) => argv.command(list).command(run).command(pause).command(resume).command(create).command(remove).demandCommand(1, 'Say which: ls, run, pause, resume, create or remove.'),
  handler: () => {},
});
