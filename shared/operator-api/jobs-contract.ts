/** Jobs across all queues. One job with its attempts is traces.job. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Tier } from '../tiers.ts';
import { JobRow, JobState } from './lineage-schemas.ts';

export const JobFilter = z.object({
  state: JobState.optional(),
  tier: Tier.optional(),
  queue: z.string().optional(),
  jobType: z.string().optional(),
});
export type JobFilter = z.infer<typeof JobFilter>;

export const jobsContract = {
  list: oc
    .route({ method: 'GET', path: '/jobs', summary: 'Jobs, newest first' })
    .input(JobFilter.extend({
      /** Only those enqueued before the job with this ledger id. */
      beforeLedgerId: z.coerce.number().int().optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }))
    .output(z.object({ jobs: z.array(JobRow), more: z.boolean() })),
};
