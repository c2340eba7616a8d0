/**
 * Spans of the spine, after OpenTelemetry's messaging conventions: publish and route are PRODUCER, an attempt is CONSUMER.
 * Names are `{operation} {destination}`; the conversation id is the correlation.
 */
import { context, type Context, isSpanContextValid, type Span, SpanKind, SpanStatusCode, trace, TraceFlags, type Attributes } from '@opentelemetry/api';
import type { Envelope } from '../../shared/envelope.ts';
import { messageOf } from '../../shared/errors.ts';
import type { JobDefinition, JobPayload } from '../../shared/job-catalogue/index.ts';
import type { TraceContext } from '../../shared/trace-context.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';

export class SpanRecorder {
  readonly #tracer = trace.getTracer('spine-console');

  /** Give an event that is about to be published a span, and its trace context if it has none of its own. */
  publish<Event extends Envelope>(event: Event): Event {
    const span = this.#tracer.startSpan(
      `publish ${event.eventType}`,
      { kind: SpanKind.PRODUCER, attributes: { 'messaging.system': 'nats', 'messaging.operation.type': 'send', 'messaging.operation.name': 'publish', ...eventAttributes(event) } },
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
      {
        kind: SpanKind.PRODUCER,
        attributes: { 'messaging.system': 'pg-boss', 'messaging.operation.type': 'send', 'messaging.operation.name': 'route', 'messaging.destination.name': definition.queue, 'spine.stream.sequence': message.seq, 'spine.job.type': definition.type, ...eventAttributes(event) },
      },
      parentOf(event.traceContext),
    );
    const payload = build(contextOf(span, event.traceContext));
    span.end();
    return payload;
  }

  /** Run an attempt inside its span. Its context is active while `work` runs, so that clients used by it join the trace. */
  async attempt<Result>(
    job: { id: string; queue: string; attempt: number },
    payload: JobPayload,
    work: (traceContext: TraceContext | undefined) => Promise<Result>,
  ): Promise<Result> {
    const parent = parentOf(payload.traceContext);
    const linked = trace.getSpanContext(parent);
    const options = {
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.system': 'pg-boss', 'messaging.operation.type': 'process', 'messaging.operation.name': 'process', 'messaging.destination.name': job.queue,
        'messaging.message.id': job.id, 'messaging.message.conversation_id': payload.correlationId, 'spine.job.type': payload.jobType, 'spine.job.attempt': job.attempt,
      },
      ...(linked ? { links: [{ context: linked }] } : {}),
    };
    // A redrive may come days later: a trace of its own, linked to the old one.
    const span = this.#tracer.startSpan(`process ${job.queue}`, options, payload.redriveOf ? context.active() : parent);
    try {
      return await context.with(trace.setSpan(context.active(), span), () => work(contextOf(span, payload.traceContext)));
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      if (error instanceof Error) span.recordException(error);
      throw error;
    } finally {
      span.end();
    }
  }
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

function parentOf(traceContext: TraceContext | undefined): Context {
  const [, traceId, spanId, flags] = traceContext?.traceparent.split('-') ?? [];
  if (!traceId || !spanId) return context.active();
  return trace.setSpanContext(context.active(), { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16) & TraceFlags.SAMPLED, isRemote: true });
}

/** The context to carry on: the span's, or the one that came in when spans are switched off. */
function contextOf(span: Span, incoming: TraceContext | undefined): TraceContext | undefined {
  const own = span.spanContext();
  if (!isSpanContextValid(own)) return incoming;
  const traceparent = `00-${own.traceId}-${own.spanId}-0${own.traceFlags & TraceFlags.SAMPLED}`;
  return incoming?.tracestate === undefined ? { traceparent } : { traceparent, tracestate: incoming.tracestate };
}
