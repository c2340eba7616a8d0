/** Jobs across all queues. One job with its attempts is traces.job. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { PayloadQuery } from '../payload-query.ts';
import { Tier } from '../tiers.ts';
import { JobRow, JobState } from './lineage-schemas.ts';

export const JobFilter = z.object({
  state: JobState.optional(),
  tier: Tier.optional(),
  queue: z.string().optional(),
  jobType: z.string().optional(),
  /** Only those whose first start was later than their tier promises. */
  late: z.boolean().optional(),
}).extend(PayloadQuery.shape);
export type JobFilter = z.infer<typeof JobFilter>;

export const jobsContract = {
  list: oc
    .route({ method: 'GET', path: '/jobs', summary: 'Jobs, newest first' })
    .input(JobFilter.extend({
      /** Only those enqueued before the job with this ledger id. */
      beforeLedgerId: z.coerce.number().int().optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }))
    .output(z.object({ jobs: z.array(JobRow), more: z.boolean(), /** `beforeLedgerId` of the next page; null if there is nothing older. */ nextBefore: z.number().nullable(), /** False: it took too long; go on at `nextBefore`, or narrow it down. */ complete: z.boolean(), tookMs: z.number() })),
  cancel: oc
    .route({ method: 'POST', path: '/jobs/{jobId}/cancel', summary: 'Stop a job: it becomes a dead letter' })
    .input(z.object({ jobId: z.string().min(1), reason: z.string().min(1).max(500) }))
    /** stopping: its attempt has been told to; it ends within moments. */
    .output(z.object({ outcome: z.enum(['cancelled', 'stopping']) })),
  retryNow: oc
    .route({ method: 'POST', path: '/jobs/{jobId}/retry-now', summary: 'Make the next attempt of a retrying job due' })
    .input(z.object({ jobId: z.string().min(1) }))
    .output(z.object({ jobId: z.string() })),
  moveToFront: oc
    .route({ method: 'POST', path: '/jobs/{jobId}/move-to-front', summary: 'Let a waiting job be the next of its queue' })
    .input(z.object({ jobId: z.string().min(1) }))
    .output(z.object({ jobId: z.string(), priority: z.int() })),
};
