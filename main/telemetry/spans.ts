/**
 * Spans of the spine, after OpenTelemetry's messaging conventions. Names are `{operation} {destination}`; the conversation id
 * is the correlation.
 *
 *   publish <type>     PRODUCER   an event gets its context: its parent is the caller's, if one came along
 *   receive <consumer> CONSUMER   a batch of events is routed, linked to each of them
 *   route <queue>      PRODUCER   an owed job gets its context, below its event
 *   process <queue>    CONSUMER   an attempt, below the job's context and linked to it; each attempt is one of its own
 *   handle <job type>  INTERNAL   the handler within the attempt; its context goes along to outside systems
 *   relay outbox       PRODUCER   a batch leaves for the bus, linked to each of its events
 *
 * What happens much later or by a person's decision (redrives, replays, schedules, long waits) begins a trace of its own and is
 * linked to the one before.
 */
import { context, type Context, createTraceState, isSpanContextValid, type Link, type Span, type SpanContext, SpanKind, type SpanOptions, SpanStatusCode, trace, TraceFlags, type Attributes } from '@opentelemetry/api';
import type { Envelope } from '../../shared/envelope.ts';
import { messageOf } from '../../shared/errors.ts';
import type { JobDefinition, JobPayload } from '../../shared/job-catalogue/index.ts';
import type { TraceContext } from '../../shared/trace-context.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';
import { activeContext, NOTHING_CARRIED } from './carried-context.ts';

/** A job that has waited longer than this for its attempt starts a trace of its own, ms. */
const LONG_WAIT_MS = 600_000;
/** A span takes no more links than this; a larger batch says how large it was. */
const MOST_LINKS = 128;

export class SpanRecorder {
  readonly #tracer = trace.getTracer('spine-console');
  readonly #detailed: boolean;

  /** @param detailed false leaves out what only matters to who looks at the spans: attributes, batches, handlers. Context is carried all the same. */
  constructor(detailed = true) {
    this.#detailed = detailed;
  }

  /** Give an event that is about to be published a span, and its trace context if it has none of its own. */
  publish<Event extends Envelope>(event: Event): Event {
    const span = this.#tracer.startSpan(
      `publish ${event.eventType}`,
      this.#options(SpanKind.PRODUCER, () => ({ 'messaging.system': 'nats', 'messaging.operation.type': 'send', 'messaging.operation.name': 'publish', ...eventAttributes(event) })),
      parentOf(event.traceContext),
    );
    const traceContext = contextOf(span, event.traceContext);
    span.end();
    return traceContext ? { ...event, traceContext } : event;
  }

  /** The span of enqueueing a job that an event owes; `build` gets the context that the job carries on. */
  route(
    event: Envelope,
    message: Pick<StoredMessage, 'seq' | 'storedMs'>,
    definition: JobDefinition,
    build: (traceContext: TraceContext | undefined) => JobPayload,
  ): JobPayload {
    const span = this.#tracer.startSpan(
      `route ${definition.queue}`,
      this.#options(SpanKind.PRODUCER, () => ({ ...eventAttributes(event), 'messaging.system': 'pg-boss', 'messaging.operation.type': 'send', 'messaging.operation.name': 'route', 'messaging.destination.name': definition.queue, 'spine.stream.sequence': message.seq, 'spine.job.type': definition.type })),
      parentOf(event.traceContext),
    );
    const payload = build(contextOf(span, event.traceContext));
    span.end();
    return payload;
  }

  /** A batch of events is taken from the bus and routed. */
  async receive<Result>(consumer: string, events: readonly Envelope[], work: () => Promise<Result>): Promise<Result> {
    return this.#batch(`receive ${consumer}`, SpanKind.CONSUMER, events, { 'messaging.system': 'nats', 'messaging.operation.type': 'process', 'messaging.operation.name': 'receive', 'messaging.destination.name': 'platform-events', 'messaging.consumer.group.name': consumer }, work);
  }

  /** A batch of events leaves the outbox for the bus. */
  async relay<Result>(events: readonly Envelope[], work: () => Promise<Result>): Promise<Result> {
    return this.#batch('relay outbox', SpanKind.PRODUCER, events, { 'messaging.system': 'nats', 'messaging.operation.type': 'send', 'messaging.operation.name': 'relay', 'messaging.destination.name': 'platform-events' }, work);
  }

  /** Run an attempt inside its span. Its context is active while `work` runs, so that clients used by it join the trace. */
  async attempt<Result>(
    job: { id: string; queue: string; attempt: number },
    payload: JobPayload,
    work: (traceContext: TraceContext | undefined) => Promise<Result>,
  ): Promise<Result> {
    const parent = parentOf(payload.traceContext);
    const apart = payload.redriveOf !== undefined || payload.replay !== undefined || Date.now() - payload.enqueuedMs > LONG_WAIT_MS;
    const span = this.#tracer.startSpan(
      `process ${job.queue}`,
      {
        ...this.#options(SpanKind.CONSUMER, () => ({
          'messaging.system': 'pg-boss', 'messaging.operation.type': 'process', 'messaging.operation.name': 'process', 'messaging.destination.name': job.queue,
          'messaging.message.id': job.id, 'messaging.message.conversation_id': payload.correlationId, 'spine.job.type': payload.jobType, 'spine.job.attempt': job.attempt,
          ...(payload.redriveOf === undefined ? {} : { 'spine.job.redrive_of': payload.redriveOf }), ...(payload.replay === undefined ? {} : { 'spine.job.replay_of': payload.replay.id }),
        })),
        links: linksTo([payload.traceContext]),
      },
      apart ? NOTHING_CARRIED : parent,
    );
    try {
      return await context.with(trace.setSpan(activeContext(), span), () => this.#handle(payload, () => work(contextOf(span, payload.traceContext))));
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  async #handle<Result>(payload: JobPayload, work: () => Promise<Result>): Promise<Result> {
    if (!this.#detailed) return work();
    const span = this.#tracer.startSpan(`handle ${payload.jobType}`, { kind: SpanKind.INTERNAL, attributes: { 'spine.job.type': payload.jobType, 'messaging.message.conversation_id': payload.correlationId } });
    try {
      return await context.with(trace.setSpan(activeContext(), span), work);
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  async #batch<Result>(name: string, kind: SpanKind, events: readonly Envelope[], attributes: Attributes, work: () => Promise<Result>): Promise<Result> {
    if (!this.#detailed || events.length === 0) return work();
    const [only] = events;
    const single = events.length === 1 ? only : undefined;
    const span = this.#tracer.startSpan(
      name,
      {
        kind,
        attributes: { ...attributes, ...(single ? { 'messaging.message.id': single.eventId, 'messaging.message.conversation_id': single.correlationId } : { 'messaging.batch.message_count': events.length }) },
        links: linksTo(events.map(({ traceContext }) => traceContext)),
      },
      // Of one message it is a part; of many it is nobody's child.
      single ? parentOf(single.traceContext) : NOTHING_CARRIED,
    );
    try {
      return await context.with(trace.setSpan(activeContext(), span), work);
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  #options(kind: SpanKind, attributes: () => Attributes): SpanOptions {
    return this.#detailed ? { kind, attributes: attributes() } : { kind };
  }
}

/** Give the event of a firing a trace of its own, linked to what asked for it, if anything did. */
export function traceFiring(event: Envelope, schedule: string, cause?: { readonly traceContext?: TraceContext | undefined }): Envelope {
  const span = trace.getTracer('spine-console').startSpan(
    `publish ${event.eventType}`,
    {
      kind: SpanKind.PRODUCER, root: true, links: linksTo([cause?.traceContext]),
      attributes: { 'messaging.system': 'nats', 'messaging.operation.type': 'create', 'messaging.operation.name': 'publish', 'spine.schedule.id': schedule, ...eventAttributes(event) },
    },
    NOTHING_CARRIED,
  );
  const traceContext = contextOf(span, undefined);
  span.end();
  const { traceContext: _before, ...rest } = event;
  return traceContext ? { ...rest, traceContext } : rest;
}

function failed(span: Span, error: unknown): void {
  span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
  if (error instanceof Error) span.recordException(error);
}

function eventAttributes(event: Envelope): Attributes {
  return {
    'messaging.destination.name': event.eventType,
    'messaging.message.id': event.eventId,
    'messaging.message.conversation_id': event.correlationId,
    'cloudevents.event_id': event.eventId,
    'cloudevents.event_source': event.source,
    'cloudevents.event_type': event.eventType,
    'cloudevents.event_spec_version': '1.0',
  };
}

function linksTo(contexts: readonly (TraceContext | undefined)[]): Link[] {
  return contexts.slice(0, MOST_LINKS).flatMap((each) => {
    const linked = spanContextOf(each);
    return linked ? [{ context: linked }] : [];
  });
}

function parentOf(traceContext: TraceContext | undefined): Context {
  const parent = spanContextOf(traceContext);
  return parent ? trace.setSpanContext(activeContext(), parent) : activeContext();
}

function spanContextOf(traceContext: TraceContext | undefined): SpanContext | null {
  const [, traceId, spanId, flags] = traceContext?.traceparent.split('-') ?? [];
  if (!traceContext || !traceId || !spanId) return null;
  return {
    traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16) & TraceFlags.SAMPLED, isRemote: true,
    ...(traceContext.tracestate === undefined ? {} : { traceState: createTraceState(traceContext.tracestate) }),
  };
}

/** The context to carry on: the span's, or the one that came in when spans are switched off. */
function contextOf(span: Span, incoming: TraceContext | undefined): TraceContext | undefined {
  const own = span.spanContext();
  if (!isSpanContextValid(own)) return incoming;
  const traceparent = `00-${own.traceId}-${own.spanId}-0${own.traceFlags & TraceFlags.SAMPLED}`;
  return incoming?.tracestate === undefined ? { traceparent } : { traceparent, tracestate: incoming.tracestate };
}
