/** Tiers and queues: latency against the promise, depth, age; pause and resume. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Tier } from '../tiers.ts';
import { TierSummary } from './site-contract.ts';

export const LatencyPoint = z.object({
  /** Start of the bucket, epoch ms. */
  at: z.number(),
  started: z.int(),
  late: z.int(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
});
export type LatencyPoint = z.infer<typeof LatencyPoint>;

/** start: published → handler started, of first attempts. bus: published → enqueued. wait: enqueued → started. run: started → ended, of every attempt. */
export const LatencyMeasure = z.enum(['start', 'bus', 'wait', 'run']);
export type LatencyMeasure = z.infer<typeof LatencyMeasure>;

export const LatencyHistogram = z.object({
  tier: Tier,
  targetMs: z.number(),
  sinceMs: z.number(),
  measures: z.array(z.object({
    measure: LatencyMeasure,
    samples: z.int(),
    p50Ms: z.number().nullable(),
    p95Ms: z.number().nullable(),
    p99Ms: z.number().nullable(),
    /** Ascending, each 5 % wider than the one before; those without samples are left out. */
    buckets: z.array(z.object({ fromMs: z.number(), toMs: z.number(), count: z.int() })),
  })),
});
export type LatencyHistogram = z.infer<typeof LatencyHistogram>;

export const QueueStatus = z.object({
  queue: z.string(),
  tier: Tier,
  waiting: z.int(),
  /** Waiting for a time in the future: retries and delayed jobs. */
  deferred: z.int(),
  running: z.int(),
  oldestMs: z.number().nullable(),
  concurrency: z.int(),
  /** An operator has changed it from what the configuration says. */
  concurrencyChanged: z.object({ configured: z.int(), operator: z.string(), reason: z.string(), sinceMs: z.number() }).nullable(),
  jobTypes: z.array(z.string()),
  /** Over the last minutes, per minute. */
  perMinute: z.object({ enqueued: z.number(), completed: z.number(), failed: z.number(), dead: z.number() }),
  paused: z.object({ operator: z.string(), reason: z.string(), sinceMs: z.number() }).nullable(),
  /** Faster tiers are at work: the workers here take few of its jobs at a time, until one has waited for minutes. */
  givesWay: z.boolean(),
  completedTotal: z.int(),
});
export type QueueStatus = z.infer<typeof QueueStatus>;

export const tiersContract = {
  series: oc
    .route({ method: 'GET', path: '/tiers/{tier}/latency', summary: 'Published → started over time' })
    .input(z.object({ tier: Tier, rangeMs: z.coerce.number().int().min(60_000).max(604_800_000).default(900_000) }))
    .output(z.object({ bucketMs: z.number(), points: z.array(LatencyPoint), summary: TierSummary })),
  histogram: oc
    .route({ method: 'GET', path: '/tiers/{tier}/histogram', summary: 'Where the time went: bus, queue, run' })
    .input(z.object({ tier: Tier, rangeMs: z.coerce.number().int().min(60_000).max(604_800_000).default(900_000) }))
    .output(LatencyHistogram),
  setConcurrency: oc
    .route({ method: 'POST', path: '/queues/{queue}/concurrency', summary: 'How many jobs of a queue run at once; null: as configured' })
    .input(z.object({ queue: z.string().min(1), concurrency: z.int().min(1).max(256).nullable(), reason: z.string().min(1).max(500) }))
    .output(z.object({ queue: z.string(), concurrency: z.int() })),
  queues: oc.route({ method: 'GET', path: '/queues', summary: 'All queues now' }).output(z.object({ measuredMs: z.number(), queues: z.array(QueueStatus) })),
  pause: oc
    .route({ method: 'POST', path: '/queues/{queue}/pause', summary: 'Workers stop taking jobs of a queue' })
    .input(z.object({ queue: z.string().min(1), reason: z.string().min(1).max(500) }))
    .output(z.object({ queue: z.string() })),
  resume: oc
    .route({ method: 'POST', path: '/queues/{queue}/resume', summary: 'Workers take jobs of a queue again' })
    .input(z.object({ queue: z.string().min(1) }))
    .output(z.object({ queue: z.string() })),
};
