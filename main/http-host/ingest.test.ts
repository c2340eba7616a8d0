import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../shared/errors.ts';
import { readIngest } from './ingest.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const cloudEvent = { specversion: '1.0', id: 'order-7', source: 'crm', type: 'data.EntityDeleted', time: '2026-11-23T12:00:00+01:00', data: { entityType: 'order', entityId: '7', version: 2 } };

describe('event intake', () => {
  test('a native event: what is left out is filled in, extra fields are kept', () => {
    const [event] = readIngest({ 'content-type': 'application/json' }, bytes({ eventType: 'data.EntityDeleted', source: 'crm', data: { a: 1 }, tenant: 'north' }));
    expect(event).toMatchObject({ eventType: 'data.EntityDeleted', eventVersion: '1.0', tenant: 'north', data: { a: 1 } });
    expect(event?.correlationId).toBe(event?.eventId);
  });

  test('CloudEvents, structured: the same (source, id) is the same event every time', () => {
    const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    const [first] = readIngest(headers, bytes(cloudEvent));
    const [again] = readIngest(headers, bytes(cloudEvent));
    const [other] = readIngest(headers, bytes({ ...cloudEvent, source: 'erp' }));
    expect(first).toMatchObject({ cloudEventsId: 'order-7', source: 'crm', timestamp: '2026-11-23T11:00:00.000Z' });
    expect(again?.eventId).toBe(first?.eventId);
    expect(other?.eventId).not.toBe(first?.eventId);
  });

  test('CloudEvents, binary: attributes from headers, with trace context', () => {
    const [event] = readIngest(
      { 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-id': '3f333df6-90a4-4fda-8dd3-9485d27cee36', 'ce-source': 'Caf%C3%A9', 'ce-type': 'data.EntityDeleted', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      bytes(cloudEvent.data),
    );
    expect(event).toMatchObject({ eventId: '3f333df6-90a4-4fda-8dd3-9485d27cee36', source: 'Café', data: cloudEvent.data, traceContext: { traceparent: expect.stringContaining('0af7651916cd43dd8448eb211c80319c') } });
  });

  test('CloudEvents, batch', () => {
    expect(readIngest({ 'content-type': 'application/cloudevents-batch+json' }, bytes([cloudEvent, { ...cloudEvent, id: 'order-8' }]))).toHaveLength(2);
  });

  test('an invalid traceparent is ignored, as the standard says', () => {
    const [event] = readIngest({ 'content-type': 'application/json', traceparent: 'rubbish' }, bytes({ eventType: 'data.X', source: 'a', data: {} }));
    expect(event?.traceContext).toBeUndefined();
  });

  test.each([
    ['no JSON', { 'content-type': 'application/json' }, '{', 'body'],
    ['bytes that are no UTF-8', { 'content-type': 'application/json' }, new Uint8Array([0xff, 0xfe]), 'body'],
    ['a content type that is not known', { 'content-type': 'text/csv' }, 'a,b', 'Content-Type'],
    ['no data', { 'content-type': 'application/json' }, { eventType: 'data.X', source: 'a' }, 'data'],
    ['a type that is no type', { 'content-type': 'application/cloudevents+json' }, { ...cloudEvent, type: 'com.example.thing' }, 'eventType'],
    ['binary data', { 'content-type': 'application/cloudevents+json' }, { ...cloudEvent, data: undefined, data_base64: 'AA==' }, 'data_base64'],
    ['a batch that is no list', { 'content-type': 'application/cloudevents-batch+json' }, cloudEvent, 'body'],
  ])('%s is refused and named', (_case, headers, body, field) => {
    let error: unknown;
    try {
      readIngest(headers, body instanceof Uint8Array ? body : bytes(body));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).toContain(field);
  });
});
