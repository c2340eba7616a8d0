/**
 * The envelope: the JSON body of every message on the bus.
 *
 * Unknown extra fields are kept. `causationId` is the event that caused this one, `jobId` the job that emitted it.
 */
import { v4 as uuidv4 } from 'uuid';
import * as z from 'zod';
import { EVENT_TYPE } from './event-type.ts';
import { ReplayMark } from './replay-mark.ts';
import { TraceContext } from './trace-context.ts';

export { EVENT_TYPE } from './event-type.ts';
export const EventType = z.string().max(200).regex(EVENT_TYPE, 'expected domain.NounVerb, such as communication.CallStarted');

const uuid = z.uuid({ error: 'expected a uuid' });

export const Envelope = z.looseObject({
  // Version 5 where an id is derived from another system's, so that the same event keeps the same id.
  eventId: z.union([z.uuid({ version: 'v4' }), z.uuid({ version: 'v5' })], { error: 'expected a uuid of version 4 (or 5, if derived)' }),
  eventType: EventType,
  eventVersion: z.string().regex(/^\d+\.\d+$/, 'expected a version such as "1.0"'),
  timestamp: z.iso.datetime({ precision: 3, error: 'expected ISO 8601 in UTC with milliseconds, such as 2026-11-23T12:04:31.204Z' }),
  source: z.string().min(1, 'expected a name of the source').max(200, 'expected at most 200 characters'),
  correlationId: uuid,
  causationId: uuid.optional(),
  jobId: uuid.optional(),
  traceContext: TraceContext.optional(),
  replay: ReplayMark.optional(),
  data: z.record(z.string(), z.unknown()),
});
/** A valid envelope. Extra fields survive on the wire; code reads the named ones. */
export interface Envelope<Data extends object = Record<string, unknown>> {
  eventId: string;
  eventType: string;
  eventVersion: string;
  timestamp: string;
  source: string;
  correlationId: string;
  causationId?: string | undefined;
  jobId?: string | undefined;
  traceContext?: TraceContext | undefined;
  /** It follows from a job that a replay runs again. */
  replay?: ReplayMark | undefined;
  data: Data;
}

/** What a caller says of a new event; the rest is filled in. */
export interface NewEvent<Data extends object = Record<string, unknown>> {
  eventType: string;
  data: Data;
  source: string;
  /** Default "1.0". */
  eventVersion?: string;
  /** Default: a new uuid. Give one to make publishing repeatable. */
  eventId?: string;
  /** Default: now. */
  timestamp?: Date;
  /** Default: the event's own id, which makes it the root of a correlation. */
  correlationId?: string;
  causationId?: string;
  jobId?: string;
  traceContext?: TraceContext;
  replay?: ReplayMark;
}

/** Build a complete envelope. Without a `correlationId` the event starts a correlation of its own. */
export function createEvent<Data extends object>(event: NewEvent<Data>): Envelope<Data> {
  const eventId = event.eventId ?? uuidv4();
  return {
    eventId,
    eventType: event.eventType,
    eventVersion: event.eventVersion ?? '1.0',
    timestamp: (event.timestamp ?? new Date()).toISOString(),
    source: event.source,
    correlationId: event.correlationId ?? eventId,
    ...(event.causationId === undefined ? {} : { causationId: event.causationId }),
    ...(event.jobId === undefined ? {} : { jobId: event.jobId }),
    ...(event.traceContext === undefined ? {} : { traceContext: event.traceContext }),
    ...(event.replay === undefined ? {} : { replay: event.replay }),
    data: event.data,
  };
}

/** The part of a cause that its consequences inherit. */
export type EventCause = Pick<Envelope, 'eventId' | 'correlationId' | 'traceContext'>;

/** Build the envelope of an event caused by another: same correlation, `causationId` set, trace context carried on. */
export function deriveEvent<Data extends object>(
  cause: EventCause,
  event: Omit<NewEvent<Data>, 'correlationId' | 'causationId'>,
): Envelope<Data> {
  const traceContext = event.traceContext ?? cause.traceContext;
  return createEvent({
    ...event,
    correlationId: cause.correlationId,
    causationId: cause.eventId,
    ...(traceContext === undefined ? {} : { traceContext }),
  });
}

/** The domain of an event type: the part before the dot. */
export function domainOf(eventType: string): string {
  return eventType.slice(0, eventType.indexOf('.'));
}
