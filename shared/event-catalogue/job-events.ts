import * as z from 'zod';
import { message } from '../i18n/translate.ts';
import { Tier } from '../tiers.ts';
import { defineEvent, instant, text } from './define-event.ts';

const job = { jobId: z.uuid(), jobType: text, queue: text, tier: Tier };
const timings = {
  attempt: z.int().min(1),
  /** When the triggering event was stored on the bus. */
  publishedAt: instant.optional(),
  enqueuedAt: instant,
  startedAt: instant,
  finishedAt: instant,
  /** Enqueued → handler started, ms. */
  queueMs: z.number(),
  /** Handler started → finished, ms. */
  runMs: z.number(),
};
const error = z.looseObject({ name: text, code: z.string().optional(), message: z.string() });
const sample = {
  jobId: '6f1b8a52-3c0e-5f6e-9a55-0d1f3f1c2b11', jobType: 'RunRuleEngineJob', queue: 'realtime', tier: 'realtime' as const,
};
const sampleTimings = {
  attempt: 1, enqueuedAt: '2026-11-23T12:04:31.206Z', startedAt: '2026-11-23T12:04:31.209Z', finishedAt: '2026-11-23T12:04:31.215Z', queueMs: 3, runMs: 6,
};

export const JobEnqueued = defineEvent({
  type: 'job.Enqueued',
  description: message('A job was put on its queue.'),
  schema: z.looseObject({ ...job, priority: z.int(), enqueuedAt: instant, triggeringEventId: z.uuid() }),
  example: { ...sample, priority: 0, enqueuedAt: '2026-11-23T12:04:31.206Z', triggeringEventId: '0d9f8c0e-46c1-4b1c-9df4-6d4ad1f6a001' },
});
export const JobCompleted = defineEvent({
  type: 'job.Completed',
  description: message('An attempt succeeded; the job is done.'),
  schema: z.looseObject({ ...job, ...timings }),
  example: { ...sample, ...sampleTimings },
});
export const JobFailed = defineEvent({
  type: 'job.Failed',
  description: message('An attempt failed; the job will be tried again at `retryAt`.'),
  schema: z.looseObject({ ...job, ...timings, error, retryAt: instant }),
  example: { ...sample, ...sampleTimings, error: { name: 'RetryableError', message: 'HTTP 503' }, retryAt: '2026-11-23T12:04:33.215Z' },
});
export const JobDeadLettered = defineEvent({
  type: 'job.DeadLettered',
  description: message('A job will not be tried again; it waits for a person.'),
  schema: z.looseObject({ ...job, ...timings, /** 0 and no start: cancelled before the first. */ attempt: z.int().min(0), startedAt: instant.optional(), error, reason: z.enum(['retries-exhausted', 'not-retryable', 'cancelled', 'worker-lost']) }),
  example: { ...sample, ...sampleTimings, error: { name: 'NotRetryableError', message: 'bad input' }, reason: 'not-retryable' },
});

export const jobEvents = [JobEnqueued, JobCompleted, JobFailed, JobDeadLettered] as const;
