/** spine jobs: jobs of the queues, newest first, or one with its attempts. */
import { JobState } from '../../../shared/operator-api/index.ts';
import { Tier } from '../../../shared/tiers.ts';
import { command, onSite } from '../command-line.ts';
import { answer, clock, duration, paint, say, sayTable } from '../output.ts';


const list = command({
  command: '$0',
  describe: 'Jobs, newest first',
  builder: (argv) => argv
    .option('state', { choices: JobState.options, describe: 'Only in this state' })
    .option('tier', { choices: Tier.options, describe: 'Only of this tier' })
    .option('type', { type: 'string', describe: 'Only of this job type' })
    .option('limit', { alias: 'n', type: 'number', default: 50, describe: 'At most so many' }),
  async handler(given) {
    const { state, tier, type: jobType, limit } = given;
    const { jobs } = await onSite(given, (client) => client.jobs.list({ limit, ...(state ? { state } : {}), ...(tier ? { tier } : {}), ...(jobType ? { jobType } : {}) }));
    answer(given.json, jobs, () => sayTable(jobs, [
      { head: 'job', cell: ({ jobId }) => jobId },
      { head: 'type', cell: ({ jobType: type }) => type },
      { head: 'queue', cell: ({ queue }) => queue },
      { head: 'state', cell: (row) => paint(row.state === 'dead' ? 'red' : row.state === 'completed' ? 'green' : 'yellow', row.state) },
      { head: 'enqueued', cell: ({ enqueuedMs }) => clock(enqueuedMs) },
      { head: 'waited', cell: ({ publishedMs, startedMs }) => duration(startedMs === null ? null : Math.max(0, startedMs - publishedMs)), right: true },
      { head: 'attempts', cell: ({ attempts }) => String(attempts), right: true },
      { head: 'last error', cell: ({ lastError }) => (lastError ?? '').slice(0, 60) },
    ], 'No jobs.'));
  },
});

const show = command({
  command: 'show <id>',
  describe: 'One job with its input and attempts',
  builder: (argv) => argv.positional('id', { type: 'string', demandOption: true, describe: 'Its id' }),
  async handler(given) {
    const { job, input } = await onSite(given, (client) => client.traces.job({ jobId: given.id }));
    answer(given.json, { job, input }, () => {
      say(`${paint('bold', job.jobType)}  ${job.state} on ${job.queue}, enqueued ${clock(job.enqueuedMs)}, spine trace ${job.correlationId}`);
      for (const { attempt, outcome, startedMs, finishedMs, errorName, errorMessage } of job.attemptList) {
        say(`  attempt ${attempt}  ${outcome}  ${clock(startedMs)}  ${duration(finishedMs === null ? null : finishedMs - startedMs)}${errorName ? `  ${errorName}: ${errorMessage ?? ''}` : ''}`);
      }
      say(`input ${JSON.stringify(input, null, 2)}`);
    });
  },
});

export const jobsCommand = command({
  command: 'jobs',
  describe: 'Jobs and their attempts',
  builder: (argv) => argv.command(list).command(show),
  handler: () => {},
});
