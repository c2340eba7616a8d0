/** Flow: the live tail, its history, and one event with its cause and effects. */
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { EventRow, JobRow } from './lineage-schemas.ts';
import { PayloadQuery } from '../payload-query.ts';
import { streamOpening } from './streams.ts';

/** All given conditions hold. `type` may end in `*`. */
export const EventFilter = z.object({
  domain: z.string().optional(),
  type: z.string().optional(),
  source: z.string().optional(),
  correlationId: z.string().optional(),
  /** Stored at or after, and before: epoch ms. Of history only. */
  sinceMs: z.number().optional(),
  untilMs: z.number().optional(),
}).extend(PayloadQuery.shape);
export type EventFilter = z.infer<typeof EventFilter>;

export const FlowBatch = z.object({
  /** Newest last. At most 200 rows a second are sent for the eye. */
  events: z.array(EventRow),
  /** Events that matched the filter since the last batch: exact, also when rows were left out. */
  matched: z.int(),
  /** …of those, how many of each type. */
  byType: z.record(z.string(), z.int()),
  /** All events since the last batch. */
  seen: z.int(),
  /** Time that the batch covers, ms. */
  spanMs: z.number(),
  lastSeq: z.number(),
  measuredMs: z.number(),
});
export type FlowBatch = z.infer<typeof FlowBatch>;

/** What flows from where to where, counted over the newest events. */
export const FlowMap = z.object({
  measuredMs: z.number(),
  /** Times of the first and the last event that were looked at; null if there are none. */
  sinceMs: z.number().nullable(),
  untilMs: z.number().nullable(),
  events: z.int(),
  edges: z.array(z.object({
    /** publishes: source → event type. triggers: event type → job type. hands-on: job type → job type. emits: job type → event type. */
    kind: z.enum(['publishes', 'triggers', 'hands-on', 'emits']),
    from: z.string(),
    to: z.string(),
    count: z.int(),
    /** Jobs of it that died. */
    failed: z.int(),
    /** Mean: published → started, enqueued → started, or job's end → stored; null where nothing was timed. */
    ms: z.number().nullable(),
  })),
});
export type FlowMap = z.infer<typeof FlowMap>;

export const EventDetail = z.object({
  row: EventRow,
  /** The envelope as it is on the bus. */
  envelope: z.record(z.string(), z.unknown()),
  /** Message headers, in order. */
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  bytes: z.int(),
  /** What the catalogue says of the type, if it knows it. */
  description: z.string().nullable(),
  causedBy: z.object({ event: EventRow.nullable(), job: JobRow.nullable() }),
  jobs: z.array(JobRow),
  events: z.array(EventRow),
});
export type EventDetail = z.infer<typeof EventDetail>;

export const flowContract = {
  tail: oc.input(streamOpening.extend({ filter: EventFilter.default({}) })).output(eventIterator(FlowBatch)),
  /** A page of history, newest first. */
  list: oc
    .route({ method: 'GET', path: '/events', summary: 'Past events, newest first' })
    .input(
      z.object({
        filter: EventFilter.default({}),
        /** Only events before this sequence. */
        beforeSeq: z.coerce.number().int().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ events: z.array(EventRow), more: z.boolean(), /** `beforeSeq` of the next page; null if there is nothing older. */ nextBefore: z.number().nullable(), /** False: it took too long; go on at `nextBefore`, or narrow it down. */ complete: z.boolean(), /** Sequence up to which payloads are indexed, if they were searched. */ textUpToSeq: z.number().nullable(), /** Events whose payloads were not indexed yet when it was searched: ask again to have those, too. */ textBehind: z.int(), /** Every event up to this sequence was looked at. */ viewUpToSeq: z.int(), /** Events that a tail opened now begins after, and the view does not hold yet: ask again to have those, too. */ viewBehind: z.int(), tookMs: z.number() })),
  event: oc
    .route({ method: 'GET', path: '/events/{eventId}', summary: 'One event with its cause and effects' })
    .input(z.object({ eventId: z.string().min(1) }))
    .output(EventDetail),
  map: oc.route({ method: 'GET', path: '/flow/map', summary: 'Who causes what, over the newest events' }).input(z.object({ maxEvents: z.coerce.number().int().min(100).max(20_000).default(5_000) })).output(FlowMap),
  sources: oc.output(z.object({ sources: z.array(z.string()), types: z.array(z.string()) })),
};
