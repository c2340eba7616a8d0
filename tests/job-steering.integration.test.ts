/** Single jobs and the number that run at once, steered on a real site; and what stands in the books afterwards. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkConservation } from '../main/conservation/check-conservation.ts';
import type { JobDetail, JobRow, LatencyHistogram, QueueStatus } from '../shared/operator-api/index.ts';
import { HOLD_WANTED, writeHoldingPlugin } from './support/holding-plugin.ts';
import { sqlClient } from './support/site-clients.ts';
import { eventually, SiteProcess } from './support/site-process.ts';

let site: SiteProcess;
const published: string[] = [];

beforeAll(async () => {
  site = new SiteProcess({ config: { plugins: { folder: 'plugins' } } });
  writeHoldingPlugin(site.folder);
  await site.start();
});
afterAll(() => site?.dispose());

/** Publish the wish for a job. @returns the job, once it is in the state. */
async function jobOf(who: string, then: 'hold' | 'fail' | 'end', state: JobRow['state']): Promise<JobRow> {
  const { eventId, correlationId } = await site.publish(HOLD_WANTED, { who, does: then });
  published.push(eventId);
  return eventually(`${who} to be ${state}`, async () => (await site.api<{ jobs: JobRow[] }>(`/traces/${correlationId}`)).jobs.find((job) => job.state === state) ?? false);
}
const detail = (jobId: string): Promise<JobDetail> => site.api<JobDetail>(`/jobs/${jobId}`);
const inState = (jobId: string, state: JobRow['state']): Promise<JobDetail> => eventually(`the job to be ${state}`, async () => (await detail(jobId)).job.state === state && detail(jobId));
const queue = async (): Promise<QueueStatus> => {
  const found = (await site.api<{ queues: QueueStatus[] }>('/queues')).queues.find((each) => each.queue === 'hold');
  if (!found) throw new Error('no queue');
  return found;
};
const audited = (type: string): Promise<unknown> => eventually(type, async () => (await site.api<{ rows: { eventType: string; data: object }[] }>('/audit')).rows.find(({ eventType }) => eventType === type)?.data ?? false);

test('a running job tells how far it is, and is stopped; its dead letter says by whom', async () => {
  const { jobId } = await jobOf('runs', 'hold', 'running');
  await eventually('its progress', async () => (await detail(jobId)).progress?.note?.text === 'holding');
  expect(await site.api(`/jobs/${jobId}/cancel`, { reason: 'wrong customer' })).toEqual({ outcome: 'stopping' });
  const ended = await inState(jobId, 'dead');
  expect(ended.job.lastError).toMatch(/CancelledError: Cancelled by .+: wrong customer/);
  expect(ended.job.attemptList).toMatchObject([{ attempt: 1, outcome: 'cancelled' }]);
  expect(ended.progress).toBeNull();
  expect(await audited('system.JobCancelled')).toMatchObject({ jobId, wasRunning: true, reason: 'wrong customer' });
  await expect(site.api(`/jobs/${jobId}/cancel`, { reason: 'again' })).rejects.toThrow(/409.*a dead letter already/);
});

test('a job that retries is made due at once, and one that waits for its time is cancelled', async () => {
  const { jobId } = await jobOf('retries', 'fail', 'retrying');
  await site.api(`/jobs/${jobId}/retry-now`, {});
  await eventually('its second attempt', async () => (await detail(jobId)).job.attempts === 2 && (await detail(jobId)).job.state === 'retrying');
  expect(await site.api(`/jobs/${jobId}/cancel`, { reason: 'no use' })).toEqual({ outcome: 'cancelled' });
  const ended = await inState(jobId, 'dead');
  expect(ended.job.attemptList.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  expect(ended.job.lastError).toContain('no use');
  await expect(site.api(`/jobs/${jobId}/retry-now`, {})).rejects.toThrow(/409/);
});

test('fewer run at once, a waiting job is moved to the front and runs next; the queue says who changed it', async () => {
  const configured = (await queue()).concurrency;
  expect(await site.api('/queues/hold/concurrency', { concurrency: 1, reason: 'the other side is slow' })).toEqual({ queue: 'hold', concurrency: 1 });
  expect(await queue()).toMatchObject({ concurrency: 1, concurrencyChanged: { configured, reason: 'the other side is slow' } });
  const holder = await jobOf('holder', 'hold', 'running');
  const first = await jobOf('first', 'hold', 'waiting');
  const second = await jobOf('second', 'hold', 'waiting');
  expect(await site.api(`/jobs/${second.jobId}/move-to-front`, {})).toEqual({ jobId: second.jobId, priority: 1 });
  await eventually('the view to know', async () => (await detail(second.jobId)).job.priority === 1);
  // Cancelled before it has ever run: a dead letter without an attempt.
  const third = await jobOf('third', 'hold', 'waiting');
  await site.api(`/jobs/${third.jobId}/cancel`, { reason: 'not needed' });
  expect((await inState(third.jobId, 'dead')).job).toMatchObject({ attempts: 0, attemptList: [] });

  await site.api(`/jobs/${holder.jobId}/cancel`, { reason: 'done' });
  await inState(second.jobId, 'running');
  expect((await detail(first.jobId)).job.state).toBe('waiting');
  await expect(site.api(`/jobs/${second.jobId}/move-to-front`, {})).rejects.toThrow(/409.*does not wait/);

  // What an operator said of a queue survives the process.
  await site.kill();
  await site.start();
  expect((await queue()).concurrency).toBe(1);
  expect(await site.api('/queues/hold/concurrency', { concurrency: null, reason: 'fast again' })).toEqual({ queue: 'hold', concurrency: configured });
  await Promise.all([inState(first.jobId, 'running'), inState(second.jobId, 'running')]);
  for (const { jobId } of [first, second]) await site.api(`/jobs/${jobId}/cancel`, { reason: 'end of the test' });
  await Promise.all([inState(first.jobId, 'dead'), inState(second.jobId, 'dead')]);
});

test('a job cancelled while it ran is not run again when its worker dies before it has stopped', async () => {
  const { jobId } = await jobOf('dies', 'hold', 'running');
  const sql = await sqlClient(site);
  // As it stands when the process dies between the audit's commit and the attempt's end.
  await sql.query(`INSERT INTO spine.cancelled_job (job_id, operator, reason) VALUES ($1, 'ann', 'too late')`, [jobId]);
  await sql.end();
  await site.kill();
  await site.start();
  const ended = await inState(jobId, 'dead');
  expect(ended.job.lastError).toBe('CancelledError: Cancelled by ann: too late');
  expect(ended.job.attemptList).toMatchObject([{ outcome: 'lost' }, { outcome: 'cancelled' }]);
});

test('jobs are found by a field of their input, and where the time went is split', async () => {
  const { jobId } = await jobOf('Ada Lovelace', 'end', 'completed');
  const found = await eventually('the index', async () => {
    const page = await site.api<{ jobs: JobRow[]; complete: boolean }>('/jobs?fields[0][path][0]=who&fields[0][value]=ada%20lovelace&jobType=HoldJob');
    return page.jobs.length > 0 && page;
  });
  expect(found).toMatchObject({ jobs: [{ jobId }], complete: true });
  expect((await site.api<{ jobs: JobRow[] }>('/jobs?text[0]=lovelace&state=dead')).jobs).toEqual([]);

  const { measures } = await site.api<LatencyHistogram>('/tiers/interactive/histogram');
  const samples = Object.fromEntries(measures.map(({ measure, samples: n }) => [measure, n]));
  expect(samples).toMatchObject({ bus: 8, start: 7, wait: 7 });
  expect(samples.run).toBeGreaterThanOrEqual(8);
  for (const { buckets, samples: n } of measures) expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(n);
  expect((await queue()).perMinute.enqueued).toBeGreaterThan(0);
});

test('the books balance', async () => {
  const sql = await sqlClient(site);
  expect(await checkConservation(sql, published)).toMatchObject({ violations: [], routed: 8, jobs: 8, completed: 1, dead: 7 });
  await sql.end();
});
