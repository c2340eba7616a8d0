/** Our OTLP must be what OpenTelemetry's own transformer writes of the same spans. */
import { SpanKind } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeOtlp } from '../tests/support/decode-otlp.ts';
import { attempt, event, job, lineages } from '../tests/support/trace-arbitraries.ts';
import { timeTrace } from './timed-trace.ts';
import { traceToMermaid } from './trace-to-mermaid.ts';
import { type OtlpAttribute, type OtlpSpan, traceToOtlp } from './trace-to-otlp.ts';
import { buildTraceTree } from './trace-tree.ts';

const CORRELATION = '7f3a12bc-1111-4222-8333-444455556666';
const SITE = { site: 'test', version: '0.1.0' };
const exported = (events: ReturnType<typeof event>[], jobs: ReturnType<typeof job>[], now = 10_000) => traceToOtlp(timeTrace(buildTraceTree(events, jobs), now), CORRELATION, SITE);
const spansOf = (otlp: ReturnType<typeof traceToOtlp>): OtlpSpan[] => otlp.resourceSpans[0].scopeSpans[0].spans;
const valuesOf = (attributes: readonly OtlpAttribute[]): Record<string, unknown> => Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
const hrTime = (nanos: string): [number, number] => [Number(BigInt(nanos) / 1_000_000_000n), Number(BigInt(nanos) % 1_000_000_000n)];

const RESOURCE = resourceFromAttributes({ 'service.name': 'spine-console', 'service.version': SITE.version, 'service.instance.id': SITE.site });
const SCOPE = { name: 'spine-console/lineage', version: SITE.version };

/** The same span as OpenTelemetry's SDK would hold it. */
function readable(span: OtlpSpan): ReadableSpan {
  const context = (spanId: string) => ({ traceId: span.traceId, spanId, traceFlags: 1 });
  return {
    name: span.name,
    kind: ({ 1: SpanKind.INTERNAL, 4: SpanKind.PRODUCER, 5: SpanKind.CONSUMER } as Record<number, SpanKind>)[span.kind] ?? SpanKind.INTERNAL,
    spanContext: () => context(span.spanId),
    ...(span.parentSpanId === undefined ? {} : { parentSpanContext: context(span.parentSpanId) }),
    startTime: hrTime(span.startTimeUnixNano), endTime: hrTime(span.endTimeUnixNano), duration: [0, 0], ended: true,
    status: { code: span.status.code, ...(span.status.message === undefined ? {} : { message: span.status.message }) },
    attributes: valuesOf(span.attributes) as ReadableSpan['attributes'],
    links: span.links.map((link) => ({ context: context(link.spanId), attributes: valuesOf(link.attributes) as ReadableSpan['attributes'], droppedAttributesCount: 0 })),
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({ name, time: hrTime(timeUnixNano), attributes: valuesOf(attributes) as ReadableSpan['attributes'], droppedAttributesCount: 0 })),
    resource: RESOURCE, instrumentationScope: SCOPE,
    droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0,
  };
}

describe('a trace as OTLP', () => {
  test('is what OpenTelemetry’s transformer writes, for any lineage', () => {
    fc.assert(
      fc.property(lineages(6), ({ events, jobs }) => {
        const ours = exported(events, jobs);
        const theirs = JSON.parse(new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spansOf(ours).map(readable)))) as typeof ours;
        if (spansOf(ours).length === 0) return;
        expect(spansOf(decodeOtlp(JSON.stringify(ours)))).toHaveLength(spansOf(ours).length);
        expect(spansOf(theirs)).toHaveLength(spansOf(ours).length);
        for (const [at, span] of spansOf(ours).entries()) expect(spansOf(theirs)[at]).toMatchObject(span);
        expect(theirs.resourceSpans[0].resource).toMatchObject(ours.resourceSpans[0].resource);
        expect(theirs.resourceSpans[0].scopeSpans[0].scope).toEqual(ours.resourceSpans[0].scopeSpans[0].scope);
      }),
      { numRuns: 100 },
    );
  });

  test('is decoded by OpenTelemetry’s own message types, which take nothing else', () => {
    const ours = exported([event('e1', 1, 1_000), event('e2', 2, 1_015, { jobId: 'j1', causationId: 'e1' })], [job('j1', 1, 'e1', 1_000, { attemptList: [attempt('j1', 1, 1_001, 1_010)] })]);
    const [first, second] = spansOf(decodeOtlp(JSON.stringify(ours)));
    expect(first).toMatchObject({ traceId: CORRELATION.replaceAll('-', ''), startTimeUnixNano: '1000000000', kind: 4 });
    expect(second?.parentSpanId).toBe(first?.spanId);
    const spoilt = (change: object): string => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...first, ...change }] }] }] });
    expect(() => decodeOtlp(spoilt({ durationNano: 3 }))).toThrow(/fields that OTLP does not know: .*durationNano/);
    expect(() => decodeOtlp(spoilt({ spanId: 'abc' }))).toThrow(/spanId: "abc" is no id of 8 bytes/);
    expect(() => decodeOtlp(spoilt({ attributes: 'none' }))).toThrow(/array expected/);
  });

  test('parents, links, kinds, attributes and errors are as the conventions say', () => {
    const dead = job('j1', 1, 'e1', 1_000, { jobType: 'SendOutgoingMessageJob', queue: 'interactive', state: 'redriven', lastError: 'RetryableError: no', attemptList: [attempt('j1', 1, 1_010, 1_020, 'failed'), attempt('j1', 2, 1_100, 1_110, 'dead')] });
    const again = job('j2', 2, 'e1', 5_000, { jobType: 'SendOutgoingMessageJob', queue: 'interactive', redriveOf: 'j1', attemptList: [attempt('j2', 1, 5_001, 5_010)] });
    const spans = spansOf(exported([event('e1', 1, 1_000, { eventType: 'rule.ActionTriggered' }), event('e2', 2, 5_015, { jobId: 'j2', causationId: 'e1', eventType: 'communication.MessageSent' })], [dead, again]));
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['publish rule.ActionTriggered', 4], ['job SendOutgoingMessageJob', 1], ['process interactive', 5], ['process interactive', 5], ['job SendOutgoingMessageJob', 1], ['process interactive', 5], ['publish communication.MessageSent', 4],
    ]);
    const [root, first, failedOnce, died, second, went, sent] = spans;
    expect(spans.every(({ traceId }) => traceId === CORRELATION.replaceAll('-', ''))).toBe(true);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    expect([root?.parentSpanId, first?.parentSpanId, failedOnce?.parentSpanId, second?.parentSpanId, sent?.parentSpanId]).toEqual([undefined, root?.spanId, first?.spanId, died?.spanId, went?.spanId]);
    expect(second?.links).toMatchObject([{ traceId: root?.traceId, spanId: first?.spanId }]);
    expect(failedOnce).toMatchObject({ status: { code: 2, message: 'RetryableError: no' }, events: [{ name: 'exception' }] });
    expect(went?.status).toEqual({ code: 0 });
    expect(valuesOf(root?.attributes ?? [])).toMatchObject({ 'messaging.system': 'nats', 'messaging.operation.type': 'send', 'messaging.destination.name': 'rule.ActionTriggered', 'messaging.message.id': 'e1', 'messaging.message.conversation_id': 'c', 'cloudevents.event_id': 'e1', 'cloudevents.event_source': 's' });
    expect(valuesOf(went?.attributes ?? [])).toMatchObject({ 'messaging.system': 'pg-boss', 'messaging.operation.type': 'process', 'messaging.destination.name': 'interactive', 'messaging.message.id': 'j2', 'spine.job.attempt': 1 });
    expect([sent?.startTimeUnixNano, sent?.endTimeUnixNano]).toEqual(['5010000000', '5015000000']);
  });
});

test('a trace as Mermaid: a box a node, arrows to what it led to, names that can’t break out', () => {
  const trace = timeTrace(buildTraceTree([event('e1', 1, 1_000, { eventType: 'data.Thing' })], [job('j1', 1, 'e1', 1_000, { jobType: 'A"]<b>Job', state: 'dead', attemptList: [attempt('j1', 1, 1_001, 1_003, 'dead')] })]), 2_000);
  expect(traceToMermaid(trace, (ms) => `${ms} ms`).split('\n').slice(0, 4)).toEqual(['flowchart TD', '  n0(["data.Thing"])', '  n1["A&quot;]&lt;b&gt;Job<br/>dead · ran 2 ms"]:::broken', '  n0 --> n1']);
});
