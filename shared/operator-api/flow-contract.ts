/** Flow: the live tail, its history, and one event with its cause and effects. */
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { EventRow, JobRow } from './lineage-schemas.ts';
import { streamOpening } from './streams.ts';

/** All given conditions hold. `type` may end in `*`. */
export const EventFilter = z.object({
  domain: z.string().optional(),
  type: z.string().optional(),
  source: z.string().optional(),
  correlationId: z.string().optional(),
});
export type EventFilter = z.infer<typeof EventFilter>;

export const FlowBatch = z.object({
  /** Newest last. At most 200 rows a second are sent for the eye. */
  events: z.array(EventRow),
  /** Events that matched the filter since the last batch: exact, also when rows were left out. */
  matched: z.int(),
  /** All events since the last batch. */
  seen: z.int(),
  /** Time that the batch covers, ms. */
  spanMs: z.number(),
  lastSeq: z.number(),
  measuredMs: z.number(),
});
export type FlowBatch = z.infer<typeof FlowBatch>;

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
    .output(z.object({ events: z.array(EventRow), more: z.boolean() })),
  event: oc
    .route({ method: 'GET', path: '/events/{eventId}', summary: 'One event with its cause and effects' })
    .input(z.object({ eventId: z.string().min(1) }))
    .output(EventDetail),
  sources: oc.output(z.object({ sources: z.array(z.string()), types: z.array(z.string()) })),
};
