/**
 * POST /api/events: events from any HTTP client, as native envelope or as CloudEvents 1.0 (structured, batch or binary).
 * The answer comes after the bus has stored the event. What is not valid is refused with the field and what was expected.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { v5 as uuidv5 } from 'uuid';
import * as z from 'zod';
import { createEvent, Envelope, type NewEvent } from '../../shared/envelope.ts';
import { describeIssues } from '../../shared/event-catalogue/index.ts';
import { ConfigError } from '../../shared/errors.ts';
import { type TraceContext, traceContextFrom } from '../../shared/trace-context.ts';

/** Namespace of event ids made from CloudEvents ids that are no uuid. */
const CLOUDEVENTS_NAMESPACE = '2c2d9a3e-8d8a-5b7e-9a55-7be1c2f4a9d1';

const CloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1).max(200),
  type: z.string().min(1),
  time: z.iso.datetime({ offset: true }).optional(),
  datacontenttype: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  data_base64: z.string().optional(),
  correlationid: z.uuid().optional(),
  causationid: z.uuid().optional(),
  traceparent: z.string().optional(),
  tracestate: z.string().optional(),
});

/** A caller may leave out what we can fill in. */
const NativeEvent = z.looseObject({ ...Envelope.shape, eventId: Envelope.shape.eventId.optional(), eventVersion: Envelope.shape.eventVersion.optional(), timestamp: Envelope.shape.timestamp.optional(), correlationId: z.uuid().optional() });

/**
 * Read a request into complete envelopes.
 * @throws ConfigError naming the field and what was expected.
 */
export function readIngest(headers: IncomingHttpHeaders, body: Uint8Array): Envelope[] {
  const type = (headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase();
  const caller = traceContextFrom(headers.traceparent, headers.tracestate);
  if (headers['ce-specversion'] !== undefined) return [fromCloudEvent(binaryCloudEvent(headers, body), caller)];
  switch (type) {
    case 'application/cloudevents+json':
      return [fromCloudEvent(parseJson(body), caller)];
    case 'application/cloudevents-batch+json':
      return arrayOf(parseJson(body)).map((item) => fromCloudEvent(item, caller));
    case 'application/json': {
      const json = parseJson(body);
      return Array.isArray(json) ? json.map((item) => fromNative(item, caller)) : [fromNative(json, caller)];
    }
    default:
      throw new ConfigError('Content-Type', `"${type ?? ''}" is not understood`, 'application/json, application/cloudevents+json, application/cloudevents-batch+json, or ce-* headers');
  }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new ConfigError('body', 'is not JSON in UTF-8', 'one event, or a list of events', { cause });
  }
}

function arrayOf(json: unknown): unknown[] {
  if (!Array.isArray(json)) throw new ConfigError('body', 'is not a list', 'a list of CloudEvents');
  return json;
}

function fromNative(json: unknown, caller: TraceContext | undefined): Envelope {
  const parsed = NativeEvent.safeParse(json);
  if (!parsed.success) throw new ConfigError('event', describeIssues(parsed.error), 'an envelope: eventType, source and data at least');
  const { timestamp, traceContext = caller, ...given } = parsed.data;
  const complete = createEvent(defined({ ...given, timestamp: timestamp === undefined ? undefined : new Date(timestamp), traceContext }));
  // Extra fields are kept.
  return { ...given, ...complete };
}

function binaryCloudEvent(headers: IncomingHttpHeaders, body: Uint8Array): unknown {
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    // The HTTP binding percent-encodes attribute values.
    if (name.startsWith('ce-') && typeof value === 'string') attributes[name.slice(3)] = decode(value);
  }
  return { ...attributes, datacontenttype: headers['content-type'], data: body.length === 0 ? undefined : parseJson(body) };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function fromCloudEvent(json: unknown, caller: TraceContext | undefined): Envelope {
  const parsed = CloudEvent.safeParse(json);
  if (!parsed.success) throw new ConfigError('CloudEvent', describeIssues(parsed.error), 'CloudEvents 1.0 whose data is a JSON object');
  const { specversion: _, id, source, type, time, datacontenttype: _type, data = {}, data_base64, correlationid, causationid, traceparent, tracestate, ...extensions } = parsed.data;
  if (data_base64 !== undefined) throw new ConfigError('data_base64', 'binary data is not carried', 'data as a JSON object');
  const isUuid = z.uuid().safeParse(id).success;
  const event = createEvent(
    defined({
      eventType: type,
      source,
      data,
      // (source, id) is unique by the CloudEvents specification, so the same event gets the same id however often it is sent.
      eventId: isUuid ? id : uuidv5(`${source} ${id}`, CLOUDEVENTS_NAMESPACE),
      timestamp: time === undefined ? undefined : new Date(time),
      correlationId: correlationid,
      causationId: causationid,
      traceContext: traceContextFrom(traceparent, tracestate) ?? caller,
    }),
  );
  const checked = Envelope.safeParse({ ...(isUuid ? {} : { cloudEventsId: id }), ...extensions, ...event });
  if (!checked.success) throw new ConfigError('CloudEvent', describeIssues(checked.error), 'a type such as communication.CallStarted');
  return checked.data as Envelope;
}

/** Leave out what is undefined, so that defaults apply. */
function defined(event: { [Key in keyof NewEvent]: NewEvent[Key] | undefined }): NewEvent {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)) as unknown as NewEvent;
}
