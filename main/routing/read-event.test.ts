import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEvent } from '../../shared/envelope.ts';
import { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import { readEvent } from './read-event.ts';

const catalogue = new EventCatalogue();
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
/** An object of JSON values with text that Postgres can keep. */
const keepable = (value: unknown): boolean => !JSON.stringify(value).includes(String.raw`\u0000`) && !JSON.stringify(value).includes('"__proto__"');
const value = fc.jsonValue({ stringUnit: 'grapheme' }).filter(keepable);
const storable = fc.dictionary(fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__'), value).filter(keepable);

describe('readEvent', () => {
  test('whatever the bytes: an event, or a reason with words', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.jsonValue().map(bytes)), fc.string(), (body, subject) => {
        const read = readEvent({ body, subject }, catalogue);
        expect(read.ok || read.problem.length > 0).toBe(true);
      }),
    );
  });

  test('trace context in the headers alone is taken up; the envelope has the last word, and what is invalid is ignored', () => {
    const event = createEvent({ eventType: 'data.EntityDeleted', source: 'test', data: { entityType: 'a', entityId: 'b', version: 1 } });
    const [ours, theirs] = ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'];
    const contextOf = (envelope: object, headers: [string, string][]): unknown => {
      const read = readEvent({ body: bytes(envelope), subject: event.eventType, headers }, catalogue);
      return read.ok ? read.event.traceContext : read.problem;
    };
    expect(contextOf(event, [['Traceparent', ours], ['tracestate', 'a=1, b=2']])).toEqual({ traceparent: ours, tracestate: 'a=1,b=2' });
    expect(contextOf({ ...event, traceContext: { traceparent: theirs } }, [['traceparent', ours]])).toEqual({ traceparent: theirs });
    expect(contextOf(event, [['traceparent', `${ours}-more`]])).toBeUndefined();
    expect(contextOf(event, [])).toBeUndefined();
  });

  test('an envelope with one field replaced is read or refused, and never throws', () => {
    const event = createEvent({ eventType: 'data.EntityDeleted', source: 'test', data: { entityType: 'a', entityId: 'b', version: 1 } });
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(event)), fc.jsonValue(), (field, other) => {
        const read = readEvent({ body: bytes({ ...event, [field]: other }), subject: event.eventType }, catalogue);
        if (read.ok) expect(read.event).toEqual({ ...event, [field]: other });
        else expect(read.problem).not.toBe('');
      }),
    );
  });

  test('a field that would be dropped in silence is refused by name; the word inside a text is not', () => {
    const event = createEvent({ eventType: 'data.Uncatalogued', source: 'test', data: { note: 'say "__proto__": 1' } });
    expect(readEvent({ body: bytes(event), subject: event.eventType }, catalogue)).toMatchObject({ ok: true });
    const body = new TextEncoder().encode(JSON.stringify(event).replace('"note"', '"__proto__"'));
    expect(readEvent({ body, subject: event.eventType }, catalogue)).toMatchObject({ ok: false, reason: 'bad-payload', problem: expect.stringContaining('__proto__') as unknown });
  });

  test('what was created is what is read, with every extra field', () => {
    fc.assert(
      fc.property(storable, value, (data, extra) => {
        const event = { ...createEvent({ eventType: 'data.Uncatalogued', source: 'test', data }), extra };
        expect(readEvent({ body: bytes(event), subject: event.eventType }, catalogue)).toEqual({ ok: true, event: JSON.parse(JSON.stringify(event)) as unknown, verdict: 'uncatalogued' });
      }),
    );
  });
});
