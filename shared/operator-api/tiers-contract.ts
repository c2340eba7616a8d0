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

export const QueueStatus = z.object({
  queue: z.string(),
  tier: Tier,
  waiting: z.int(),
  /** Waiting for a time in the future: retries and delayed jobs. */
  deferred: z.int(),
  running: z.int(),
  oldestMs: z.number().nullable(),
  concurrency: z.int(),
  paused: z.object({ operator: z.string(), reason: z.string(), sinceMs: z.number() }).nullable(),
  completedTotal: z.int(),
});
export type QueueStatus = z.infer<typeof QueueStatus>;

export const tiersContract = {
  series: oc
    .route({ method: 'GET', path: '/tiers/{tier}/latency', summary: 'Published → started over time' })
    .input(z.object({ tier: Tier, rangeMs: z.coerce.number().int().min(60_000).max(604_800_000).default(900_000) }))
    .output(z.object({ bucketMs: z.number(), points: z.array(LatencyPoint), summary: TierSummary })),
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
