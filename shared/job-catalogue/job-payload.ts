/** What travels in a job: enough to run it and to say why it exists. */
import { v5 as uuidv5 } from 'uuid';
import * as z from 'zod';
import { ReplayMark } from '../replay-mark.ts';
import { TraceContext } from '../trace-context.ts';

export const JobPayload = z.looseObject({
  jobType: z.string().min(1),
  triggeringEventId: z.uuid(),
  correlationId: z.uuid(),
  traceContext: TraceContext.optional(),
  input: z.unknown(),
  /** Stable over retries and redrives; effects are recorded under it and it goes along to outside systems. */
  idempotencyKey: z.uuid(),
  /** The job that handed this one on, if no event did. */
  parentJobId: z.uuid().optional(),
  /** The dead letter that this job runs again. */
  redriveOf: z.uuid().optional(),
  /** The replay that put this job on its queue. */
  replay: ReplayMark.optional(),
  /** When the triggering event was stored on the bus, epoch ms: start of the latency promise. For a redrive, its decision. */
  publishedMs: z.number(),
  /** When this job was put on its queue, epoch ms. */
  enqueuedMs: z.number(),
});
export type JobPayload = z.infer<typeof JobPayload>;

/** Namespace of job ids: any fixed uuid does. */
const JOB_NAMESPACE = '5b0e3d3c-6f0a-5d55-8a7e-1f6c9c1b7a10';

/**
 * The id of the job that an event owes: the same event always owes the same job, however often it is routed.
 */
export function owedJobId(jobType: string, eventId: string): string {
  return uuidv5(`${jobType}:${eventId}`, JOB_NAMESPACE);
}

/** The id of a job that another job hands on. `key` tells several of one type apart (an entity's id, say). */
export function handedOnJobId(parentIdempotencyKey: string, jobType: string, key: string): string {
  return uuidv5(`${parentIdempotencyKey}:${jobType}:${key}`, JOB_NAMESPACE);
}

/** The id of the job that runs a dead letter again. A dead letter is redriven at most once, so its id suffices. */
export function redriveJobId(deadLetterId: string): string {
  return uuidv5(`redrive:${deadLetterId}`, JOB_NAMESPACE);
}

/** The id of the job by which a replay runs again what an event owes. */
export function replayJobId(replayId: string, jobType: string, eventId: string): string {
  return uuidv5(`replay:${replayId}:${jobType}:${eventId}`, JOB_NAMESPACE);
}
