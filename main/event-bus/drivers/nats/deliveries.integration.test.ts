/** A durable consumer with its faster lane on a real server: each event once, as it is stored, and acknowledged. */
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type EmbeddedNats, startEmbeddedNats } from '../../../../embedded/nats-server.ts';
import { testSite } from '../../../../embedded/test-site.ts';
import { createEvent } from '../../../../shared/envelope.ts';
import type { Delivery, DeliverySource, EventBus } from '../../event-bus.ts';
import { connectNats } from './connection.ts';
import { openNatsEventBus } from './nats-event-bus.ts';
import { STORED_PREFIX } from './stored-message.ts';

const site = testSite();
let nats: EmbeddedNats;
let bus: EventBus;
let watcher: NatsConnection;
let source: DeliverySource;
const changes: string[] = [];

const as = (user: 'admin' | 'service'): Promise<NatsConnection> => connectNats({ url: nats.url, outside: false, seed: nats.credentials[user].seed }, `test ${user}`);
async function open(): Promise<EventBus> {
  return openNatsEventBus({
    admin: await as('admin'), service: await as('service'), alone: true, domains: ['system'], onStreamChange: ({ stream, change }) => changes.push(`${stream} ${change}`), onStateChange: () => {},
    retention: { platformEvents: 0, connectorData: 0, auditLog: 0, duplicateWindow: 120_000 },
  });
}
const publish = async (n: number): Promise<number> => (await bus.publish(createEvent({ eventType: 'system.Test', source: 'test', data: { n } }), { 'X-Own': 'kept' })).seq;

beforeAll(async () => {
  nats = await startEmbeddedNats({ folder: site.open(), domains: ['system'], log: site.log });
  site.defer(() => nats.stop());
  watcher = await as('admin');
  site.defer(() => watcher.close());
});
afterAll(() => site.end());

test('a stream of an earlier version gets the lane, and is told to have changed', async () => {
  const manager = await jetstreamManager(watcher);
  await manager.streams.add({ name: 'platform-events', subjects: ['system.*'], duplicate_window: 120_000_000_000 });
  bus = await open();
  site.defer(() => bus.close());
  const { config } = await manager.streams.info('platform-events');
  expect(config.republish).toEqual({ src: '>', dest: '_stored.>' });
  expect(changes).toContain('platform-events sends what it stores once more, to _stored.>');
  source = await bus.deliveries('test', ['system.*']);
});

test('each event is handed on once, as the stream holds it, and acknowledged', async () => {
  const seqs = await Promise.all(Array.from({ length: 300 }, (_, n) => publish(n)));
  const taken: Delivery[] = [];
  while (taken.length < seqs.length) taken.push(...(await source.nextBatch(50)));
  expect(taken.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(seqs.toSorted((a, b) => a - b));
  for (const { seq, subject, headers, body, storedMs } of taken.slice(0, 20)) {
    const stored = await bus.read(seq);
    expect({ seq, subject, headers: headers.toSorted(), body: Buffer.from(body).toString() }).toEqual({ seq, subject: stored?.subject, headers: stored?.headers.toSorted(), body: Buffer.from(stored?.body ?? []).toString() });
    expect(Math.floor(storedMs)).toBe(stored?.storedMs);
  }
  for (const delivery of taken) delivery.ack();
  await vi.waitFor(async () => expect(await bus.unacknowledged('test')).toBe(0), 10_000);
  expect(source.buffered).toBe(0);
});

test('what is to come again comes again', async () => {
  const seq = await publish(301);
  const [first] = await source.nextBatch(1);
  first?.retryLater(10);
  const [second] = await source.nextBatch(1);
  expect([first?.seq, second?.seq]).toEqual([seq, seq]);
  second?.ack();
  await vi.waitFor(async () => expect(await bus.unacknowledged('test')).toBe(0), 10_000);
});

test('while it is held nothing comes by either way; after that, all of it once', async () => {
  await source.hold();
  const seqs = [await publish(302), await publish(303)];
  expect(source.buffered).toBe(0);
  await source.resume();
  const taken: Delivery[] = [];
  while (taken.length < 2) taken.push(...(await source.nextBatch(10)));
  expect(taken.map(({ seq }) => seq)).toEqual(seqs);
  for (const delivery of taken) delivery.ack();
  await vi.waitFor(async () => expect(await bus.unacknowledged('test')).toBe(0), 10_000);
});

test('nobody but the server may say that an event is stored', async () => {
  const service = await as('service');
  site.defer(() => service.close());
  const refused = new Promise((resolve) => {
    void (async () => {
      for await (const status of service.status()) if (status.type === 'error') resolve(String(status.error));
    })();
  });
  service.publish(`${STORED_PREFIX}system.Test`, '{}');
  expect(await refused).toMatch(/permission/i);
});
