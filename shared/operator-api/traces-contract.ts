/** Traces: find a correlation by any id, see it whole, watch it grow. */
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { EventRow, JobWithAttempts, TraceSummary } from './lineage-schemas.ts';
import { streamOpening } from './streams.ts';

/** The lineage of a correlation; `buildTraceTree` makes the tree of it. */
export const Trace = z.object({
  correlationId: z.string(),
  events: z.array(EventRow),
  jobs: z.array(JobWithAttempts),
  /** True when the correlation holds more than was returned. */
  truncated: z.boolean(),
  measuredMs: z.number(),
});
export type Trace = z.infer<typeof Trace>;

export const JobDetail = z.object({
  job: JobWithAttempts,
  input: z.unknown(),
  definition: z.object({ description: z.string(), replaySafety: z.string(), maxAttempts: z.int(), timeoutMs: z.number() }).nullable(),
});
export type JobDetail = z.infer<typeof JobDetail>;

export const tracesContract = {
  recent: oc
    .route({ method: 'GET', path: '/traces', summary: 'Recent correlations' })
    .input(
      z.object({
        limit: z.coerce.number().int().min(1).max(200).default(50),
        /** Only those whose last activity lies before, epoch ms. */
        beforeMs: z.coerce.number().optional(),
        show: z.enum(['all', 'open', 'failed']).default('all'),
      }),
    )
    .output(z.object({ traces: z.array(TraceSummary), more: z.boolean() })),
  /** By correlation id, event id or job id: exact, or the first eight or more characters. */
  search: oc
    .route({ method: 'GET', path: '/traces/search', summary: 'Find correlations by any id or an event type' })
    .input(z.object({ query: z.string().trim().min(1).max(200) }))
    .output(z.object({ traces: z.array(TraceSummary), matched: z.enum(['correlation', 'event', 'job', 'type', 'none']) })),
  get: oc
    .route({ method: 'GET', path: '/traces/{correlationId}', summary: 'A correlation with all its events, jobs and attempts' })
    .input(z.object({ correlationId: z.string().min(1) }))
    .output(Trace),
  /** The trace at once, then again whenever it has grown. */
  watch: oc.input(streamOpening.extend({ correlationId: z.string().min(1) })).output(eventIterator(Trace)),
  job: oc
    .route({ method: 'GET', path: '/jobs/{jobId}', summary: 'One job with its input and attempts' })
    .input(z.object({ jobId: z.string().min(1) }))
    .output(JobDetail),
};
