/**
 * A trace as OTLP/JSON, made of our lineage: for whoever wants to look at it in another tool, also where no spans were ever
 * exported. Pure. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 *
 * An event is a PRODUCER span as long as its way to the bus; a job is an INTERNAL span from its event to its last end, and each
 * of its attempts a CONSUMER span below it. Ids follow from ours, so that exporting twice gives the same spans.
 */
import { v5 as uuidv5 } from 'uuid';
import type { TimedNode, TimedTrace } from './timed-trace.ts';

/** Namespace of span ids: any fixed uuid does. */
const SPAN_NAMESPACE = '7a5d1f0e-2b60-5c0c-9d3b-4f1c8a6e9b20';

export const OTLP_KIND = { internal: 1, producer: 4, consumer: 5 } as const;
const STATUS = { unset: 0, ok: 1, error: 2 } as const;

type Value = { readonly stringValue: string } | { readonly intValue: number } | { readonly doubleValue: number } | { readonly boolValue: boolean };
export interface OtlpAttribute {
  readonly key: string;
  readonly value: Value;
}
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: OtlpAttribute[];
  readonly droppedAttributesCount: number;
  readonly events: { readonly name: string; readonly timeUnixNano: string; readonly attributes: OtlpAttribute[]; readonly droppedAttributesCount: number }[];
  readonly droppedEventsCount: number;
  readonly status: { readonly code: number; readonly message?: string };
  readonly links: { readonly traceId: string; readonly spanId: string; readonly attributes: OtlpAttribute[]; readonly droppedAttributesCount: number }[];
  readonly droppedLinksCount: number;
}
export interface OtlpTrace {
  readonly resourceSpans: readonly [{
    readonly resource: { readonly attributes: OtlpAttribute[]; readonly droppedAttributesCount: number };
    readonly scopeSpans: readonly [{ readonly scope: { readonly name: string; readonly version: string }; readonly spans: OtlpSpan[] }];
  }];
}

/** @param site and version name who tells. */
export function traceToOtlp(trace: TimedTrace, correlationId: string, site: { readonly site: string; readonly version: string }): OtlpTrace {
  const traceId = hexOf(correlationId);
  const spanOf = new Map<number, string>();
  const spans: OtlpSpan[] = [];
  for (const node of trace.nodes) {
    const cause = trace.nodes[node.parent];
    const parent = cause && spanOf.get(cause.index);
    for (const span of spansOf(node, traceId, cause, parent)) {
      spans.push(span.span);
      // What a job brought about hangs under the attempt that did so: its last.
      if (span.carriesOn) spanOf.set(node.index, span.span.spanId);
    }
  }
  return {
    resourceSpans: [{
      resource: { attributes: attributes({ 'service.name': 'spine-console', 'service.version': site.version, 'service.instance.id': site.site }), droppedAttributesCount: 0 },
      scopeSpans: [{ scope: { name: 'spine-console/lineage', version: site.version }, spans }],
    }],
  };
}

interface MadeSpan {
  readonly span: OtlpSpan;
  readonly carriesOn: boolean;
}

function spansOf(node: TimedNode, traceId: string, cause: TimedNode | undefined, parentSpanId: string | undefined): MadeSpan[] {
  const base = { traceId, droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 };
  const under = parentSpanId === undefined ? {} : { parentSpanId };
  const skewed = node.skewMs > 0 ? { 'spine.clock_skew_ms': node.skewMs } : {};
  // The cause is named, but nothing is kept of it.
  const gap = cause?.node.kind === 'gap' ? { 'spine.gap': `${cause.node.missing} ${cause.node.id}` } : {};
  switch (node.node.kind) {
    case 'gap':
      return [];
    case 'event': {
      const { event } = node.node;
      const [relay] = node.bars;
      return [{
        carriesOn: true,
        span: {
          ...base, ...under, spanId: spanIdOf(node.key), name: `publish ${event.eventType}`, kind: OTLP_KIND.producer, ...times(relay?.from ?? node.begins, node.ends), events: [], links: [], status: { code: STATUS.unset },
          attributes: attributes({
            'messaging.system': 'nats', 'messaging.operation.name': 'publish', 'messaging.operation.type': 'send', 'messaging.destination.name': event.eventType,
            'messaging.message.id': event.eventId, 'messaging.message.conversation_id': event.correlationId,
            'cloudevents.event_id': event.eventId, 'cloudevents.event_source': event.source, 'cloudevents.event_type': event.eventType, 'cloudevents.event_spec_version': '1.0', 'spine.stream.sequence': event.seq, ...skewed, ...gap,
          }),
        },
      }];
    }
    case 'set-aside': {
      const { message } = node.node;
      return [{
        carriesOn: true,
        span: {
          ...base, ...under, spanId: spanIdOf(node.key), name: `publish ${message.subject}`, kind: OTLP_KIND.producer, ...times(node.begins, node.ends), events: [], links: [], status: { code: STATUS.error, message: message.problem },
          attributes: attributes({ 'messaging.system': 'nats', 'messaging.operation.name': 'publish', 'messaging.operation.type': 'send', 'messaging.destination.name': message.subject, 'spine.stream.sequence': message.seq, 'spine.set_aside.reason': message.reason, ...gap }),
        },
      }];
    }
    default:
      return jobSpans(node, base, under, { ...skewed, ...gap });
  }
}

function jobSpans(node: TimedNode, base: Pick<OtlpSpan, 'traceId' | 'droppedAttributesCount' | 'droppedEventsCount' | 'droppedLinksCount'>, under: { parentSpanId?: string }, more: Record<string, string | number>): MadeSpan[] {
  if (node.node.kind !== 'job') return [];
  const { job } = node.node;
  const jobSpanId = spanIdOf(node.key);
  const common = { 'messaging.system': 'pg-boss', 'messaging.destination.name': job.queue, 'messaging.message.id': job.jobId, 'messaging.message.conversation_id': job.correlationId, 'spine.job.type': job.jobType, 'spine.job.tier': job.tier };
  const failed = job.state === 'dead' || job.state === 'discarded' || job.state === 'redriven';
  // Run again by a person: another life of the work, linked to the one before as well as hung under it.
  const links = job.redriveOf === null ? [] : [{ traceId: base.traceId, spanId: spanIdOf(`job:${job.redriveOf}`), attributes: attributes({ 'spine.link': 'redrive' }), droppedAttributesCount: 0 }];
  const whole: MadeSpan = {
    carriesOn: job.attemptList.length === 0,
    span: { ...base, ...under, spanId: jobSpanId, name: `job ${job.jobType}`, kind: OTLP_KIND.internal, ...times(node.begins, node.ends), events: [], links, status: failed ? { code: STATUS.error, message: job.lastError ?? job.state } : { code: STATUS.unset }, attributes: attributes({ ...common, 'spine.job.state': job.state, ...more }) },
  };
  const runs = node.bars.filter(({ kind }) => kind === 'done' || kind === 'failed' || kind === 'running');
  const attempts = job.attemptList.toSorted((a, b) => a.attempt - b.attempt).map((attempt, turn): MadeSpan => {
    const bar = runs[turn];
    const end = bar?.to ?? node.ends;
    const error = attempt.errorName === null ? null : { 'exception.type': attempt.errorName, 'exception.message': attempt.errorMessage ?? '', ...(attempt.errorStack === null ? {} : { 'exception.stacktrace': attempt.errorStack }) };
    return {
      carriesOn: turn === job.attemptList.length - 1,
      span: {
        ...base, parentSpanId: jobSpanId, spanId: spanIdOf(`${node.key}#${attempt.attempt}`), name: `process ${job.queue}`, kind: OTLP_KIND.consumer, ...times(bar?.from ?? node.begins, end), links: [],
        events: error === null ? [] : [{ name: 'exception', timeUnixNano: nanos(end), attributes: attributes(error), droppedAttributesCount: 0 }],
        status: attempt.outcome === 'completed' || attempt.outcome === 'running' ? { code: STATUS.unset } : { code: STATUS.error, message: `${attempt.errorName ?? attempt.outcome}: ${attempt.errorMessage ?? ''}` },
        attributes: attributes({ ...common, 'messaging.operation.name': 'process', 'messaging.operation.type': 'process', 'spine.job.attempt': attempt.attempt, ...(attempt.errorName === null ? {} : { 'error.type': attempt.errorName }) }),
      },
    };
  });
  return [whole, ...attempts];
}

function attributes(values: Readonly<Record<string, string | number>>): OtlpAttribute[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: typeof value === 'string' ? { stringValue: value } : Number.isInteger(value) ? { intValue: value } : { doubleValue: value } }));
}

function times(from: number, to: number): { startTimeUnixNano: string; endTimeUnixNano: string } {
  return { startTimeUnixNano: nanos(from), endTimeUnixNano: nanos(Math.max(from, to)) };
}

/** Epoch ms as nanoseconds in a text: they are too many for a number. */
function nanos(ms: number): string {
  return `${BigInt(Math.floor(ms)) * 1_000_000n + BigInt(Math.round((ms - Math.floor(ms)) * 1_000_000))}`;
}

function spanIdOf(key: string): string {
  return hexOf(uuidv5(key, SPAN_NAMESPACE)).slice(0, 16);
}

/** 32 hex digits: of the uuid itself, or of one that follows from the text. */
function hexOf(id: string): string {
  const hex = id.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(hex) ? hex : uuidv5(id, SPAN_NAMESPACE).replaceAll('-', '');
}
