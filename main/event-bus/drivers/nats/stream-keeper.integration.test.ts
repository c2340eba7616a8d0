/** Looks into streams on a real server: places in streams with gaps, counts, and who may change what. */
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type EmbeddedNats, startEmbeddedNats } from '../../../../embedded/nats-server.ts';
import { testSite } from '../../../../embedded/test-site.ts';
import { createEvent } from '../../../../shared/envelope.ts';
import type { EventBus, StreamKeeper } from '../../event-bus.ts';
import { connectNats } from './connection.ts';
import { openNatsEventBus } from './nats-event-bus.ts';
import { NatsStreamKeeper } from './stream-keeper.ts';

const site = testSite();
const DAY_MS = 86_400_000;
let nats: EmbeddedNats;
let bus: EventBus;
let keeper: StreamKeeper;
/** Sequences of connector.* in platform-events: the copy has these alone. */
const inCopy: number[] = [];

beforeAll(async () => {
  nats = await startEmbeddedNats({ folder: site.open(), domains: ['system'], log: site.log });
  site.defer(() => nats.stop());
  const as = (user: 'admin' | 'service') => connectNats({ url: nats.url, outside: false, seed: nats.credentials[user].seed }, `test ${user}`);
  const [admin, service] = [await as('admin'), await as('service')];
  bus = await openNatsEventBus({
    admin, service, alone: true, domains: ['connector', 'system'], onStreamChange: () => {}, onStateChange: () => {},
    retention: { platformEvents: 30 * DAY_MS, connectorData: 7 * DAY_MS, auditLog: 365 * DAY_MS, duplicateWindow: 1_200_000, overrides: new Map([['connector-data', { maxAgeMs: null, maxBytes: 1_000_000 }], ['audit-log', { maxAgeMs: 1_200_000, maxBytes: 5 }]]) },
  });
  site.defer(() => bus.close());
  keeper = bus.keeper;
  for (let n = 1; n <= 300; n += 1) {
    const eventType = n % 37 === 0 || n > 295 ? 'connector.Seen' : 'system.Noise';
    const { seq } = await bus.publish(createEvent({ eventType, source: 'test', data: { n } }));
    if (eventType === 'connector.Seen') inCopy.push(seq);
  }
  await vi.waitFor(async () => expect((await bus.streams()).map(({ lag, lastSeq }) => [lag, lastSeq])).toEqual([[null, 300], [0, 300], [0, 300]]), 10_000);
});
afterAll(() => site.end());

const seqs = async (read: ReturnType<StreamKeeper['before']>): Promise<number[]> => (await read).map(({ seq }) => seq);

test('an operator’s limits hold from the start, except for the audit log', async () => {
  expect((await keeper.inspect()).map(({ name, maxAgeMs, maxBytes, deletionDenied }) => ({ name, maxAgeMs, maxBytes, deletionDenied }))).toEqual([
    { name: 'platform-events', maxAgeMs: 30 * DAY_MS, maxBytes: null, deletionDenied: false },
    { name: 'connector-data', maxAgeMs: null, maxBytes: 1_000_000, deletionDenied: false },
    { name: 'audit-log', maxAgeMs: 365 * DAY_MS, maxBytes: null, deletionDenied: true },
  ]);
});

test('pages lead through a copy with gaps without losing or repeating a message', async () => {
  expect(inCopy).toHaveLength(12);
  const seen: number[] = [];
  let place = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const page = await seqs(keeper.before('connector-data', { seq: place }, 4));
    seen.unshift(...page);
    if (page.length < 4) break;
    place = page[0] ?? 0;
  }
  expect(seen).toEqual(inCopy);
  expect(await seqs(keeper.after('connector-data', 38, 3))).toEqual(inCopy.slice(1, 4));
});

test('pages lead through one subject of the origin in the same way', async () => {
  expect(await seqs(keeper.before('platform-events', { seq: 298 }, 6, 'connector.*'))).toEqual(inCopy.slice(3, 9));
  expect(await seqs(keeper.before('platform-events', { seq: 30 }, 6, 'connector.*'))).toEqual([]);
  expect(await seqs(keeper.after('platform-events', 297, 100, 'connector.Seen'))).toEqual(inCopy.slice(-4));
  expect(await seqs(keeper.after('platform-events', 301, 100))).toEqual([]);
});

test('a moment is a place, too', async () => {
  const [middle] = await keeper.after('platform-events', 150, 1);
  const storedMs = middle?.storedMs ?? 0;
  const counted = await keeper.count('platform-events', { storedMs });
  const [before] = (await keeper.before('platform-events', { storedMs }, 1)).slice(-1);
  // Several may be stored within the same millisecond, which is as fine as a moment can be said.
  expect(before?.seq).toBe(300 - counted);
  expect(before?.storedMs).toBeLessThan(storedMs);
  expect(await keeper.count('platform-events', { storedMs: Date.now() + 60_000 })).toBe(0);
  expect(await keeper.count('platform-events', { seq: 1 }, 'connector.*')).toBe(12);
});

test('what is not there is null', async () => {
  expect(await keeper.message('connector-data', 1)).toBeNull();
  expect(await keeper.message('platform-events', 1)).toMatchObject({ seq: 1, subject: 'system.Noise' });
});

test('consumers are told of, those that only look are not', async () => {
  const source = await bus.deliveries('reads-on', ['system.*']);
  await source.nextBatch(10);
  await Promise.all([keeper.count('platform-events', { seq: 1 }), expect.poll(() => keeper.consumers('platform-events')).toEqual([expect.objectContaining({ name: 'reads-on', durable: true, ackPending: 288, pending: 0, subjects: ['system.*'], ackedUpTo: 0 })])]);
  await source.close();
});

test('the user of the services may not change a stream, and the server is asked without changing anything', async () => {
  const service = await connectNats({ url: nats.url, outside: false, seed: nats.credentials.service.seed }, 'test without the right');
  site.defer(() => service.close());
  const manager = await jetstreamManager(service, { checkAPI: false });
  const weak = new NatsStreamKeeper(service, manager, jetstream(service), manager);
  expect(await weak.refusal('platform-events')).toMatch(/[Pp]ermissions [Vv]iolation.*STREAM\.UPDATE\.platform-events/);
  await expect(weak.setRetention('platform-events', { maxAgeMs: DAY_MS, maxBytes: null })).rejects.toThrow('stream platform-events: its retention could not be set');
  expect(await keeper.refusal('platform-events')).toBeNull();
  await keeper.setRetention('platform-events', { maxAgeMs: DAY_MS, maxBytes: 5_000_000 });
  expect((await keeper.inspect())[0]).toMatchObject({ maxAgeMs: DAY_MS, maxBytes: 5_000_000, messages: 300 });
});
