/** Everything that must be written when a job is put on its queue. */
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import type { JobDefinition, JobPayload } from '../../shared/job-catalogue/index.ts';
import type { NewJob } from './job-queue.ts';
import type { LedgerEntry } from './ledger.ts';

export interface EnqueuedJob {
  readonly job: NewJob;
  readonly entry: LedgerEntry;
  /** job.Enqueued, for the outbox. */
  readonly event: Envelope;
}

/** The job, its ledger entry and its job.Enqueued event: written together, in one transaction, or not at all. */
export function newJob(
  id: string,
  definition: Pick<JobDefinition, 'type' | 'queue' | 'tier' | 'priority'>,
  payload: JobPayload,
  source: string,
): EnqueuedJob {
  const { type: jobType, queue, tier, priority } = definition;
  return {
    job: { id, queue, priority, payload },
    entry: {
      kind: 'enqueued',
      jobId: id,
      detail: {
        jobType, queue, tier, priority,
        correlationId: payload.correlationId,
        triggeringEventId: payload.triggeringEventId,
        parentJobId: payload.parentJobId ?? null,
        redriveOf: payload.redriveOf ?? null,
        replayOf: payload.replay?.id ?? null,
        publishedMs: payload.publishedMs,
        enqueuedMs: payload.enqueuedMs,
        input: payload.input,
      },
    },
    event: createTyped({
      eventType: 'job.Enqueued',
      source,
      correlationId: payload.correlationId,
      causationId: payload.triggeringEventId,
      jobId: id,
      ...(payload.traceContext ? { traceContext: payload.traceContext } : {}),
      data: { jobId: id, jobType, queue, tier, priority, enqueuedAt: new Date(payload.enqueuedMs).toISOString(), triggeringEventId: payload.triggeringEventId },
    }) as Envelope,
  };
}
