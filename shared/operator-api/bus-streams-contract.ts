/** The bus's own streams: how full they are, who reads them, how long they keep, and what is in them, message by message. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Words } from '../i18n/translate.ts';

export const StreamName = z.enum(['platform-events', 'connector-data', 'audit-log']);
export type StreamName = z.infer<typeof StreamName>;

/** How long, and how much. ms and bytes; null is without a limit. */
export const Retention = z.object({ maxAgeMs: z.number().int().positive().nullable(), maxBytes: z.number().int().positive().nullable() });
export type Retention = z.infer<typeof Retention>;

/** Where a limit comes from. `server`: somebody set it on the server itself. */
export const RetentionOrigin = z.enum(['default', 'config', 'operator', 'server']);
export type RetentionOrigin = z.infer<typeof RetentionOrigin>;

export const BusStream = z.object({
  name: StreamName,
  /** The stream that it mirrors; null for the origin. */
  copyOf: z.string().nullable(),
  /** Subjects that it takes; of a copy those that it copies, none: all. */
  subjects: z.array(z.string()),
  messages: z.number(),
  bytes: z.number(),
  firstSeq: z.number(),
  /** When the oldest and the newest message were stored, epoch ms; null while it is empty. */
  firstMs: z.number().nullable(),
  lastSeq: z.number(),
  lastMs: z.number().nullable(),
  /** Messages that came in, per second, and the time that this was measured over, ms; null until there are two looks to compare. */
  rate: z.object({ perSecond: z.number(), overMs: z.number() }).nullable(),
  consumers: z.int(),
  retention: Retention,
  /** What the site's configuration, or its default, says. */
  configured: Retention,
  origins: z.object({ maxAge: RetentionOrigin, maxBytes: RetentionOrigin }),
  /** The operator whose limits hold; null if the configuration's do. */
  override: z.object({ operator: z.string(), reason: z.string(), setMs: z.number() }).nullable(),
  /** Ids of events are remembered so long; null for a copy. */
  duplicateWindowMs: z.number().nullable(),
  storage: z.enum(['file', 'memory']),
  replicas: z.int(),
  /** Why its retention can't be changed here; null if it can. */
  locked: Words.nullable(),
  /** Messages by which a copy is behind; null for the origin. */
  lag: z.number().nullable(),
  /** Messages that its origin has in the same range and it has not; null for the origin, and if it could not be counted. */
  missing: z.number().nullable(),
  /** What is not as it should be. */
  drift: z.array(Words),
});
export type BusStream = z.infer<typeof BusStream>;

export const BusConsumer = z.object({
  name: z.string(),
  durable: z.boolean(),
  subjects: z.array(z.string()),
  /** Messages that it has not been given. */
  pending: z.number(),
  /** …and those that it was given and has not acknowledged. */
  ackPending: z.number(),
  redelivered: z.number(),
  /** Pulls that wait for a message. */
  waitingPulls: z.number(),
  lastDelivered: z.object({ seq: z.number(), atMs: z.number().nullable() }),
  /** Every message up to here is acknowledged; null where nothing is. */
  ackedUpTo: z.number().nullable(),
  paused: z.boolean(),
  createdMs: z.number(),
});
export type BusConsumer = z.infer<typeof BusConsumer>;

export const RetentionPreview = z.object({
  measuredMs: z.number(),
  before: Retention,
  after: Retention,
  /** Messages in the stream now. */
  messages: z.number(),
  /** How many go; `exact` if they were counted, and not reckoned from the average size. */
  goes: z.object({ messages: z.number(), exact: z.boolean(), byAge: z.number(), byBytes: z.number() }),
  /** What was stored before this moment goes, epoch ms; null if nothing goes, or everything. */
  cutoffMs: z.number().nullable(),
  /** Why it can't be done; null if it can. */
  problem: Words.nullable(),
});
export type RetentionPreview = z.infer<typeof RetentionPreview>;

export const StreamMessageRow = z.object({
  seq: z.number(),
  storedMs: z.number(),
  subject: z.string(),
  bytes: z.int(),
  /** From its headers, if it says so. */
  eventId: z.string().nullable(),
  correlationId: z.string().nullable(),
  source: z.string().nullable(),
  /** The payload on one line; of what is no event, how it begins. */
  summary: z.string(),
});
export type StreamMessageRow = z.infer<typeof StreamMessageRow>;

export const StreamMessage = StreamMessageRow.extend({
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  /** The body, if it is a JSON object. */
  envelope: z.record(z.string(), z.unknown()).nullable(),
  /** …and if it is none. */
  text: z.string().nullable(),
  /** The console's view holds this event, with its cause and effects. */
  inView: z.boolean(),
});
export type StreamMessage = z.infer<typeof StreamMessage>;

const named = z.object({ stream: StreamName });

export const busStreamsContract = {
  list: oc.route({ method: 'GET', path: '/streams', summary: 'The streams with their retention, rate and drift' }).output(z.object({ measuredMs: z.number(), streams: z.array(BusStream) })),
  consumers: oc.route({ method: 'GET', path: '/streams/{stream}/consumers', summary: 'Who reads a stream, and how far' }).input(named).output(z.object({ measuredMs: z.number(), consumers: z.array(BusConsumer) })),
  /** What a retention would take away, before it is set. */
  previewRetention: oc.route({ method: 'POST', path: '/streams/{stream}/retention/preview', summary: 'What another retention would take away' }).input(named.extend({ retention: Retention })).output(RetentionPreview),
  /** `before` is what the person saw: if it has changed meanwhile, nothing is done. Back at the configured values, the configuration rules again. */
  changeRetention: oc
    .route({ method: 'POST', path: '/streams/{stream}/retention', summary: 'Set how long a stream keeps its messages' })
    .input(named.extend({ retention: Retention, before: Retention, reason: z.string().trim().min(1).max(500) }))
    .output(z.object({ stream: StreamName, retention: Retention })),
};

export const streamMessagesContract = {
  /** A page, newest first. */
  list: oc
    .route({ method: 'GET', path: '/streams/{stream}/messages', summary: 'Messages of a stream, newest first' })
    .input(
      named.extend({
        /** Older than this sequence. */
        beforeSeq: z.coerce.number().int().positive().optional(),
        /** Stored at this moment or before, epoch ms. */
        untilMs: z.coerce.number().positive().optional(),
        /** Newer than this sequence: the page that follows. */
        afterSeq: z.coerce.number().int().nonnegative().optional(),
        /** A subject, `domain.*` for all of a domain. */
        subject: z.string().regex(/^[\w*>-]+(\.[\w*>-]+)*$/, 'a subject such as communication.CallStarted or communication.*').max(200).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ messages: z.array(StreamMessageRow), older: z.boolean(), newer: z.boolean() })),
  get: oc.route({ method: 'GET', path: '/streams/{stream}/messages/{seq}', summary: 'One message with its headers' }).input(named.extend({ seq: z.coerce.number().int().positive() })).output(StreamMessage),
};
