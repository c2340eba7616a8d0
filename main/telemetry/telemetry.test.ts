/** What leaves for a tracing backend: decoded from the wire of a real exporter. */
import { trace } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEvent, deriveEvent, type Envelope } from '../../shared/envelope.ts';
import { RetryableError } from '../../shared/errors.ts';
import { JobCatalogue, type JobPayload } from '../../shared/job-catalogue/index.ts';
import { attributesOf, Collector } from '../../tests/support/collector.ts';
import type { OtlpSpan } from '../../shared/trace-to-otlp.ts';
import { SpanRecorder, traceFiring } from './spans.ts';
import { type Telemetry, startTelemetry } from './telemetry.ts';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const VARIABLES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS'];
const send = new JobCatalogue().get('SendOutgoingMessageJob');
if (!send) throw new Error('no SendOutgoingMessageJob');

let collector: Collector;
let telemetry: Telemetry;
const before = VARIABLES.map((name) => [name, process.env[name]] as const);

async function start(more: NodeJS.ProcessEnv = {}): Promise<void> {
  telemetry = startTelemetry({ ...process.env, ...more }, { site: 'test', version: '0.1.0' });
}
beforeEach(async () => {
  collector = new Collector();
  // The exporter reads the process's own variables.
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = await collector.start();
  process.env.OTEL_EXPORTER_OTLP_HEADERS = 'api-key=abc';
});
afterEach(async () => {
  await telemetry.stop();
  await collector.stop();
  expect(collector.unreadable).toEqual([]);
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const named = (name: string): OtlpSpan[] => collector.spans.filter((span) => span.name === name);
const one = (name: string): OtlpSpan => {
  const [span, ...more] = named(name);
  if (!span || more.length > 0) throw new Error(`${named(name).length} spans are named ${name}; there are ${collector.spans.map((each) => each.name).join(', ')}`);
  return span;
};
const call = (more: Partial<Parameters<typeof createEvent>[0]> = {}): Envelope => createEvent({ eventType: 'communication.CallStarted', source: 'pbx', data: {}, ...more }) as Envelope;
const routed = (spans: SpanRecorder, event: Envelope, more: Partial<JobPayload> = {}): JobPayload =>
  spans.route(event, { seq: 7, storedMs: Date.now() }, send, (traceContext) => ({ jobType: send.type, triggeringEventId: event.eventId, correlationId: event.correlationId, traceContext, input: {}, idempotencyKey: event.eventId, publishedMs: Date.now(), enqueuedMs: Date.now(), ...more }));

describe('on the wire', () => {
  test('one event: publish, route, process, handle hang below the caller, the attempt linked to its creation', async () => {
    await start();
    const spans = new SpanRecorder();
    const event = spans.publish(call({ traceContext: { traceparent: CALLER, tracestate: 'vendor=1' } }));
    const payload = routed(spans, event);
    let emitted: Envelope | undefined;
    await spans.attempt({ id: 'job-1', queue: 'interactive', attempt: 1 }, payload, async (traceContext) => {
      emitted = deriveEvent({ ...event, ...(traceContext ? { traceContext } : {}) }, { eventType: 'communication.MessageSent', source: 'spine', data: {} });
      expect(trace.getActiveSpan()?.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    });
    await spans.relay([emitted as Envelope], async () => {});
    await telemetry.stop();

    const [publish, route, process_, handle, relay] = [one('publish communication.CallStarted'), one('route interactive'), one('process interactive'), one('handle SendOutgoingMessageJob'), one('relay outbox')];
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']));
    expect([publish, route, process_, handle, relay].map(({ parentSpanId }) => parentSpanId)).toEqual(['b7ad6b7169203331', publish.spanId, route.spanId, process_.spanId, process_.spanId]);
    expect([publish, route, process_, handle, relay].map(({ kind }) => kind)).toEqual([4, 4, 5, 1, 4]);
    expect(process_.links).toMatchObject([{ traceId: route.traceId, spanId: route.spanId }]);
    expect(relay.links).toMatchObject([{ spanId: process_.spanId }]);
    expect(attributesOf(publish)).toMatchObject({ 'messaging.system': 'nats', 'messaging.operation.name': 'publish', 'messaging.operation.type': 'send', 'messaging.destination.name': 'communication.CallStarted', 'messaging.message.id': event.eventId, 'messaging.message.conversation_id': event.correlationId, 'cloudevents.event_type': 'communication.CallStarted', 'cloudevents.event_source': 'pbx' });
    expect(attributesOf(route)).toMatchObject({ 'messaging.system': 'pg-boss', 'messaging.destination.name': 'interactive', 'spine.stream.sequence': 7 });
    expect(attributesOf(process_)).toMatchObject({ 'messaging.operation.type': 'process', 'messaging.message.id': 'job-1', 'spine.job.type': 'SendOutgoingMessageJob', 'spine.job.attempt': 1 });
    // The context goes on with the caller's tracestate.
    expect(event.traceContext).toEqual({ traceparent: `00-${publish.traceId}-${publish.spanId}-01`, tracestate: 'vendor=1' });
    expect(emitted?.traceContext).toEqual({ traceparent: `00-${process_.traceId}-${process_.spanId}-01`, tracestate: 'vendor=1' });
    expect(collector.headers[0]?.['api-key']).toBe('abc');
    expect(Object.fromEntries((collector.resources[0] ?? []).map(({ key, value }) => [key, Object.values(value)[0]]))).toMatchObject({ 'service.name': 'spine-console', 'service.instance.id': 'test', 'service.version': '0.1.0' });
    expect(JsonTraceSerializer.deserializeResponse(new TextEncoder().encode('{"partialSuccess":{}}'))).toEqual({ partialSuccess: {} });
  });

  test('each attempt is a span of its own; a failed one says why', async () => {
    await start();
    const spans = new SpanRecorder();
    const payload = routed(spans, spans.publish(call()));
    await spans.attempt({ id: 'j', queue: 'interactive', attempt: 1 }, payload, async () => { throw new RetryableError('HTTP 503'); }).catch(() => {});
    await spans.attempt({ id: 'j', queue: 'interactive', attempt: 2 }, payload, async () => {});
    await telemetry.stop();
    const [first, second] = named('process interactive');
    expect(first).toMatchObject({ status: { code: 2, message: 'HTTP 503' }, events: [{ name: 'exception' }], parentSpanId: one('route interactive').spanId });
    expect(attributesOf(first as OtlpSpan)['error.type']).toBe('RetryableError');
    expect(second).toMatchObject({ status: { code: 0 }, parentSpanId: one('route interactive').spanId });
    expect([first, second].map((span) => attributesOf(span as OtlpSpan)['spine.job.attempt'])).toEqual([1, 2]);
  });

  test.each([
    ['a redrive', { redriveOf: '11111111-1111-4111-8111-111111111111' }],
    ['a replay', { replay: { id: '11111111-1111-4111-8111-111111111111', restrained: true } }],
    ['a job that waited for an hour', { enqueuedMs: Date.now() - 3_600_000 }],
  ] as const)('%s begins a trace of its own, linked to the one before', async (_, more) => {
    await start();
    const spans = new SpanRecorder();
    const payload = routed(spans, spans.publish(call({ traceContext: { traceparent: CALLER } })), more);
    await spans.attempt({ id: 'j', queue: 'interactive', attempt: 1 }, payload, async () => {});
    await telemetry.stop();
    const [route, attempted] = [one('route interactive'), one('process interactive')];
    expect(attempted.parentSpanId ?? '').toBe('');
    expect(attempted.traceId).not.toBe(route.traceId);
    expect(attempted.links).toMatchObject([{ traceId: route.traceId, spanId: route.spanId }]);
  });

  test('batches are nobody’s child and linked to all of theirs; a schedule’s firing is a root of its own', async () => {
    await start();
    const spans = new SpanRecorder();
    const events = [spans.publish(call()), spans.publish(call()), spans.publish(call())];
    await spans.receive('job-service', events, async () => {});
    await spans.relay(events, async () => {});
    const asked = spans.publish(createEvent({ eventType: 'system.ScheduleRunRequested', source: 'spine', data: { schedule: 'nightly' } }));
    const fired = traceFiring(createEvent({ eventType: 'system.ScheduleFired', source: 'spine', data: { schedule: 'nightly' } }), 'nightly', asked);
    await telemetry.stop();
    for (const [name, kind] of [['receive job-service', 5], ['relay outbox', 4]] as const) {
      const batch = one(name);
      expect(batch).toMatchObject({ kind, links: events.map(({ traceContext }) => ({ spanId: traceContext?.traceparent.split('-')[2] })) });
      expect(batch.parentSpanId ?? '').toBe('');
      expect(attributesOf(batch)['messaging.batch.message_count']).toBe(3);
    }
    const firing = one('publish system.ScheduleFired');
    expect(firing.parentSpanId ?? '').toBe('');
    expect(firing.links).toMatchObject([{ spanId: asked.traceContext?.traceparent.split('-')[2] }]);
    expect(fired.traceContext?.traceparent).toBe(`00-${firing.traceId}-${firing.spanId}-01`);
    expect(attributesOf(firing)['spine.schedule.id']).toBe('nightly');
  });

  test('the queue is bounded: what does not fit is dropped and counted; what the endpoint refuses is counted as well', async () => {
    await start({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10', OTEL_BSP_SCHEDULE_DELAY: '60000' });
    collector.answer = () => ({ status: 400 });
    const spans = new SpanRecorder();
    for (let n = 0; n < 50; n += 1) spans.publish(call());
    expect(telemetry.counts()).toMatchObject({ capacity: 10, endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/) });
    await expect.poll(() => telemetry.counts()?.failed, { timeout: 5_000 }).toBeGreaterThan(0);
    const counts = telemetry.counts();
    expect(counts?.dropped).toBeGreaterThan(0);
    expect((counts?.sent ?? 0) + (counts?.failed ?? 0) + (counts?.dropped ?? 0) + (counts?.queued ?? 0)).toBe(50);
  });
});

describe('by the standard variables', () => {
  test('nothing is sent without an endpoint, with the exporter "none", or disabled; context is carried all the same', async () => {
    const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    await start();
    expect(telemetry.counts()).toBeNull();
    const event = new SpanRecorder(false).publish(call({ traceContext: { traceparent: CALLER } }));
    expect(event.traceContext?.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/);
    await telemetry.stop();
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' });
    expect(telemetry.counts()).toBeNull();
    await telemetry.stop();
    await start({ OTEL_SDK_DISABLED: 'true' });
    expect(new SpanRecorder(false).publish(call({ traceContext: { traceparent: CALLER } })).traceContext?.traceparent).toBe(CALLER);
  });

  test('the sampler and the names of the resource; a mistake names its variable', async () => {
    await start({ OTEL_TRACES_SAMPLER: 'always_off', OTEL_SERVICE_NAME: 'our-spine', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=plant%207,broken' });
    const event = new SpanRecorder().publish(call());
    expect(event.traceContext?.traceparent).toMatch(/-00$/);
    await telemetry.stop();
    expect(collector.spans).toEqual([]);
    expect(() => startTelemetry({ OTEL_TRACES_SAMPLER: 'sometimes' }, { site: 's', version: '1' })).toThrow(/OTEL_TRACES_SAMPLER/);
    expect(() => startTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_BSP_MAX_QUEUE_SIZE: 'many' }, { site: 's', version: '1' })).toThrow(/OTEL_BSP_MAX_QUEUE_SIZE/);
  });
});
