/** Backpressure on a real site: routing stops pulling while a tier has too much waiting, says so, and loses nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEvent, type Envelope } from '../shared/envelope.ts';
import type { SiteStatus } from '../shared/operator-api/index.ts';
import { checkConservation } from '../main/conservation/check-conservation.ts';
import { natsClient, publishUntilAcked, sqlClient } from './support/site-clients.ts';
import { eventually, SiteProcess } from './support/site-process.ts';

let site: SiteProcess;
beforeAll(async () => {
  site = new SiteProcess({ config: { backpressure: { background: { waiting: 50 } } } });
  await site.start();
});
afterAll(() => site?.dispose());

const routingSays = async (): Promise<string> => (await site.api<SiteStatus>('/site/status')).components.find(({ id }) => id === 'routing')?.detail.text ?? '';

test('routing stops pulling above the limit and goes on below it', async () => {
  const connection = await natsClient(site);
  const sql = await sqlClient(site);
  const published: Envelope[] = [];
  const publish = async (n: number): Promise<void> => {
    const wave = Array.from({ length: n }, (_, i) => createEvent({ eventType: 'data.EntityCreated', source: 'flood', data: { entityType: 'box', entityId: `b-${published.length + i}`, version: 1, attributes: { name: 'x' } } }));
    published.push(...wave);
    await Promise.all(wave.map((event) => publishUntilAcked(connection, event)));
  };
  const routed = async (): Promise<number> => (await checkConservation(sql, published.map(({ eventId }) => eventId))).routed;

  await site.api('/queues/background/pause', { reason: 'to fill it' });
  await publish(60);
  await eventually('routing to hold', async () => /takes no events: 60 background jobs wait; the limit is 50/.test(await routingSays()));

  await publish(100);
  // A second judgement later, none of the new ones has been taken.
  await eventually('the attention list to say it', async () => (await site.api<SiteStatus>('/site/status')).attention.some(({ text }) => text.includes('takes no events')));
  expect(await routed()).toBe(60);

  await site.api('/queues/background/resume', { reason: 'filled' });
  await eventually('everything to be done', async () => {
    const { tiers, totals } = await site.api<SiteStatus>('/site/status');
    return totals.completed >= 160 && tiers.every(({ waiting, running, retrying }) => waiting + running + retrying === 0);
  }, 60_000);
  expect(await checkConservation(sql, published.map(({ eventId }) => eventId))).toMatchObject({ violations: [], routed: 160, completed: 160 });
  expect(await routingSays()).not.toContain('takes no events');
  await sql.end();
  await connection.close();
}, 120_000);
