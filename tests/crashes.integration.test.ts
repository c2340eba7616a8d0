/**
 * kill -9 of nats-server, of postgres and of the whole app while 2,000 events are in flight. After it, the conservation
 * checker must find nothing lost and nothing doubled, and the outside world must have seen each effect under one key.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEvent, type Envelope } from '../shared/envelope.ts';
import type { SiteStatus } from '../shared/operator-api/index.ts';
import { checkConservation } from '../main/conservation/check-conservation.ts';
import { Receiver } from './support/receiver.ts';
import { natsClient, publishUntilAcked, sqlClient } from './support/site-clients.ts';
import { eventually, SiteProcess } from './support/site-process.ts';
import { vipCall, vipSite } from './support/vip-site.ts';

const EVENTS = 2_000;
const receiver = new Receiver();
let site: SiteProcess;

beforeAll(async () => {
  site = new SiteProcess({ config: vipSite(await receiver.start()) });
  await site.start();
});
afterAll(async () => {
  await site?.dispose();
  await receiver.stop();
});

/** Resolves once the receiver has seen `n` messages: the run is in full flow. */
const seen = (n: number): Promise<boolean> => eventually(`${n} messages at the receiver`, async () => receiver.received.length >= n, 180_000);

test('nothing is lost and nothing doubled when everything is killed in turn', async () => {
  const connection = await natsClient(site);
  const events: Envelope[] = Array.from({ length: EVENTS }, (_, i) => createEvent({ eventType: 'communication.CallStarted', source: 'crash', data: vipCall(`call-${i}`) }));
  const queue = [...events];
  const publishers = Array.from({ length: 20 }, async () => {
    for (let event = queue.shift(); event; event = queue.shift()) await publishUntilAcked(connection, event);
  });

  await seen(100);
  process.kill(site.serverPid('nats'), 'SIGKILL');
  await seen(300);
  process.kill(site.serverPid('postgres'), 'SIGKILL');
  await seen(600);
  await site.kill();
  await site.start();
  await seen(900);
  await site.kill();
  await site.start();
  await Promise.all(publishers);
  await connection.close();

  const idle = await eventually('everything to end', async () => {
    const { outbox, projection, tiers, totals } = await site.api<SiteStatus>('/site/status');
    const open = tiers.reduce((sum, { waiting, running, retrying }) => sum + waiting + running + retrying, 0);
    if (totals.jobs >= 3 * EVENTS && open === 0 && outbox.backlog === 0 && projection.behind === 0) return totals;
    throw new Error(JSON.stringify({ totals, open, outbox, projection }));
  }, 400_000);
  expect(idle.jobs).toBe(3 * EVENTS);

  const sql = await sqlClient(site);
  const balance = await checkConservation(sql, events.map(({ eventId }) => eventId));
  await sql.end();
  expect(balance).toMatchObject({ violations: [], routed: EVENTS, jobs: 3 * EVENTS, completed: 3 * EVENTS, dead: 0, onQueues: 0, outbox: 0 });

  // Outside: a delivery may be repeated when a process dies between sending and recording, but never under a new key.
  const keysOf = Map.groupBy(receiver.received, ({ body }) => String(body.correlationId));
  expect(keysOf.size).toBe(EVENTS);
  for (const [correlation, messages] of keysOf) expect(new Set(messages.map(({ idempotencyKey }) => idempotencyKey)).size, correlation).toBe(1);
  expect(new Set(receiver.received.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(EVENTS);
}, 900_000);
