/** What an operator does to single jobs and to how many run at once. Each writes its audit event in the transaction that acts. */
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { CancelledError, ConflictError, NotFoundError } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import { JobPayload } from '../../shared/job-catalogue/index.ts';
import type { JobRow } from '../../shared/operator-api/index.ts';
import { inTransaction } from '../database/database.ts';
import { cancelledWords, rememberCancelled } from '../job-queue/cancelled-jobs.ts';
import { buryJob } from '../job-queue/dead-letters.ts';
import { changeConcurrency } from '../job-queue/queue-control.ts';
import { writeRecords } from '../job-queue/records.ts';
import { describeError } from '../workers/attempt-outcome.ts';
import type { RequestContext } from './services.ts';

const ENDED = new Set<JobRow['state']>(['completed', 'dead', 'discarded', 'redriven', 'cancelled']);

/**
 * Cancel a job. One that waits becomes a dead letter at once; of one that runs, the attempt is told to stop and becomes one then.
 * Either can be redriven, should it have been the wrong one.
 * @throws ConflictError if it has ended, or runs in another process.
 */
export async function cancelJob({ services, operator }: RequestContext, { jobId, reason }: { jobId: string; reason: string }): Promise<{ outcome: 'cancelled' | 'stopping' }> {
  const job = await openJob(services, jobId);
  const why = cancelledWords({ operator, reason });
  const audit = (wasRunning: boolean): Envelope =>
    createTyped({ eventType: 'system.JobCancelled', source: services.source, correlationId: job.correlationId, data: { jobId, jobType: job.jobType, queue: job.queue, wasRunning, operator, reason } }) as Envelope;
  const waited = await inTransaction(services.database.intake, async (tx) => {
    const taken = await services.queue.takeWaiting(tx, job.queue, jobId);
    if (!taken) {
      await rememberCancelled(tx, jobId, { operator, reason });
      await writeRecords(tx, { outbox: [audit(true)] });
      return false;
    }
    const definition = services.jobs.get(job.jobType) ?? null;
    const parsed = JobPayload.safeParse(taken.payload);
    const payload = parsed.success ? parsed.data : null;
    const { stack: _stack, ...error } = describeError(new CancelledError(why));
    const now = Date.now();
    await buryJob(tx, { job: taken, payload, definition, reason: 'cancelled', error });
    const ended = createTyped({
      eventType: 'job.DeadLettered', source: services.source, correlationId: job.correlationId, causationId: job.triggeringEventId, jobId,
      data: {
        jobId, jobType: job.jobType, queue: job.queue, tier: job.tier, attempt: taken.attempt, reason: 'cancelled', error,
        enqueuedAt: new Date(job.enqueuedMs).toISOString(), finishedAt: new Date(now).toISOString(), queueMs: Math.max(0, now - job.enqueuedMs), runMs: 0,
      },
    }) as Envelope;
    await writeRecords(tx, {
      ledger: [{ kind: 'dead', jobId, attempt: taken.attempt, detail: { startedMs: null, finishedMs: now, worker: null, error, reason: 'cancelled' } }],
      outbox: [audit(false), ended],
    });
    return true;
  });
  services.committed([]);
  if (waited) return { outcome: 'cancelled' };
  // An observer has no workers: those of the other processes hear of it within a second.
  if (services.workers?.cancel(jobId, why) === false) throw new ConflictError(words('No worker of this process runs this job: it has just ended, or runs in another process, which hears of it within a second.'));
  return { outcome: 'stopping' };
}

/** Make the next attempt of a retrying job due now. @throws ConflictError if it does not wait for a time. */
export async function retryJobNow({ services, operator }: RequestContext, jobId: string): Promise<{ jobId: string }> {
  const job = await openJob(services, jobId);
  await inTransaction(services.database.intake, async (tx) => {
    if (!(await services.queue.hasten(tx, job.queue, jobId))) throw new ConflictError(words('This job does not wait for a next attempt: it is due already, runs, or has ended. Nothing was done.'));
    await writeRecords(tx, {
      ledger: [{ kind: 'hastened', jobId, detail: { operator, atMs: Date.now() } }],
      outbox: [createTyped({ eventType: 'system.JobHastened', source: services.source, correlationId: job.correlationId, data: { jobId, jobType: job.jobType, queue: job.queue, operator } }) as Envelope],
    });
  });
  services.committed([job.queue]);
  return { jobId };
}

/** Let a waiting job be the next of its queue. @throws ConflictError if it does not wait. */
export async function moveJobToFront({ services, operator }: RequestContext, jobId: string): Promise<{ jobId: string; priority: number }> {
  const job = await openJob(services, jobId);
  const types = services.jobs.queues().find(({ name }) => name === job.queue)?.jobTypes ?? [job.jobType];
  const priority = await inTransaction(services.database.intake, async (tx) => {
    const given = await services.queue.moveToFront(tx, job.queue, jobId, types);
    if (given === null) throw new ConflictError(words('This job does not wait: it runs or has just ended. Nothing was done.'));
    await writeRecords(tx, {
      ledger: [{ kind: 'moved', jobId, detail: { operator, priority: given } }],
      outbox: [createTyped({ eventType: 'system.JobMovedToFront', source: services.source, correlationId: job.correlationId, data: { jobId, jobType: job.jobType, queue: job.queue, priority: given, operator } }) as Envelope],
    });
    return given;
  });
  services.committed([job.queue]);
  return { jobId, priority };
}

/** @param concurrency null: as the configuration says. @returns how many run at once now. */
export async function setConcurrency({ services, operator }: RequestContext, { queue, concurrency, reason }: { queue: string; concurrency: number | null; reason: string }): Promise<{ queue: string; concurrency: number }> {
  const known = services.jobs.queues().find(({ name }) => name === queue);
  if (!known) throw new NotFoundError('queue', queue);
  const configured = services.config.workers[known.tier];
  const before = services.workers?.status().find((each) => each.queue === queue)?.concurrency ?? configured;
  const to = concurrency ?? configured;
  await inTransaction(services.database.intake, async (tx) => {
    await changeConcurrency(tx, queue, concurrency, operator, reason);
    await writeRecords(tx, { outbox: [createTyped({ eventType: 'system.QueueConcurrencyChanged', source: services.source, data: { queue, from: before, to, configured: concurrency === null, operator, reason } }) as Envelope] });
  });
  services.workers?.setConcurrency(queue, concurrency);
  services.committed([queue]);
  return { queue, concurrency: to };
}

/** @throws NotFoundError, or ConflictError if it has ended. */
async function openJob(services: RequestContext['services'], jobId: string): Promise<JobRow> {
  const found = await services.projection.read.job(jobId);
  if (!found) throw new NotFoundError('job', jobId);
  const { job } = found;
  if (ENDED.has(job.state)) throw new ConflictError(job.state === 'dead' ? words('This job is a dead letter already; nothing was done. Decide about it on the page Dead letters.') : words('This job is {state} already; nothing was done.', { state: words(job.state) }));
  return job;
}
