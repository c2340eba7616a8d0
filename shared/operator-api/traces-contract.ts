/** Traces: find a correlation by any id, see it whole, watch it grow. */
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { Phrase, Words } from '../i18n/translate.ts';
import { EventRow, JobWithAttempts, RoutedAs, SetAsideInTrace, TraceSummary } from './lineage-schemas.ts';
import { streamOpening } from './streams.ts';

/** The lineage of a correlation; `buildTraceTree` makes the tree of it. */
export const Trace = z.object({
  correlationId: z.string(),
  events: z.array(EventRow),
  jobs: z.array(JobWithAttempts),
  setAside: z.array(SetAsideInTrace),
  /** Of events that have no jobs: what routing recorded of them. Left empty for traces of more than 2,000 such events. */
  routed: z.array(RoutedAs),
  /** The `traceparent` that its first event carries: how a tracing backend knows it. */
  traceparent: z.string().nullable(),
  /** True when the correlation holds more than was returned. */
  truncated: z.boolean(),
  measuredMs: z.number(),
});
export type Trace = z.infer<typeof Trace>;

/** The same in few bytes, for the console: `unpackLineage` makes events and jobs of `lineage`. */
export const PackedTrace = Trace.omit({ events: true, jobs: true }).extend({ lineage: z.string() });
export type PackedTrace = z.infer<typeof PackedTrace>;

export const StepVerdict = z.enum(['happened', 'under-way', 'waiting', 'dead', 'decided', 'missing', 'set-aside', 'not-owed', 'not-routed', 'unknown']);
export type StepVerdict = z.infer<typeof StepVerdict>;
export const WhyNotStepRow = z.object({
  verdict: StepVerdict,
  words: Words,
  /** The node of the trace that it speaks of, as the console's URL names it. */
  node: z.string().nullable(),
});

export type WhyNotStepRow = z.infer<typeof WhyNotStepRow>;
export const WhyNotAnswer = z.object({ expected: z.string(), kind: z.enum(['event', 'job']), verdict: StepVerdict, steps: z.array(WhyNotStepRow) });
export type WhyNotAnswer = z.infer<typeof WhyNotAnswer>;

export const TraceSearchResult = z.object({
  traces: z.array(TraceSummary),
  /** What a bare word was taken for. */
  matched: z.enum(['correlation', 'event', 'job', 'query', 'none']),
  /** False if the search was cut off: there may be more than was found. */
  complete: z.boolean(),
  /** Up to which event payloads can be found by their text; null if the search did not ask for text. */
  textUpToSeq: z.int().nullable(),
  tookMs: z.number(),
});
export type TraceSearchResult = z.infer<typeof TraceSearchResult>;

export const JobDetail = z.object({
  job: JobWithAttempts,
  /** What its handler says of how far it is: share 0 to 1. Only while it runs, in this process. */
  progress: z.object({ share: z.number(), note: Phrase.nullable() }).nullable(),
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
  /** By a line such as `type:rule.* error:timeout took:>2s data.customer.tier:vip`; see shared/trace-query.ts. */
  search: oc
    .route({ method: 'GET', path: '/traces/search', summary: 'Find correlations by any id, type, source, error, duration, state, time, payload field or text' })
    .input(z.object({ query: z.string().trim().max(1_000), order: z.enum(['recent', 'slowest']).default('recent'), limit: z.coerce.number().int().min(1).max(200).default(100) }))
    .output(TraceSearchResult),
  get: oc
    .route({ method: 'GET', path: '/traces/{correlationId}', summary: 'A correlation with all its events, jobs and attempts' })
    .input(z.object({ correlationId: z.string().min(1) }))
    .output(Trace),
  /** The trace at once, then again whenever it has grown. */
  watch: oc.input(streamOpening.extend({ correlationId: z.string().min(1) })).output(eventIterator(PackedTrace)),
  /** Why did this not happen? Of an expected event or job type within a correlation, or of all that an event owes. */
  whyNot: oc
    .route({ method: 'GET', path: '/traces/{correlationId}/why-not', summary: 'Why an expected event or job did not happen' })
    .input(z.object({ correlationId: z.string().min(1), expected: z.string().trim().min(1).max(200) }))
    .output(WhyNotAnswer),
  owed: oc
    .route({ method: 'GET', path: '/events/{eventId}/owed', summary: 'What an event owes, and what became of it' })
    .input(z.object({ eventId: z.string().min(1) }))
    .output(z.object({ steps: z.array(WhyNotStepRow) })),
  job: oc
    .route({ method: 'GET', path: '/jobs/{jobId}', summary: 'One job with its input and attempts' })
    .input(z.object({ jobId: z.string().min(1) }))
    .output(JobDetail),
};
