/** 100,000 malformed or schema-breaking messages among 10,000 good ones: all good ones done, all bad ones listed with a reason. */
import { jetstream } from '@nats-io/jetstream';
import { headers as newHeaders } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEvent } from '../shared/envelope.ts';
import type { SetAsideRow, SiteStatus } from '../shared/operator-api/index.ts';
import { checkConservation } from '../main/conservation/check-conservation.ts';
import { natsClient, sqlClient } from './support/site-clients.ts';
import { eventually, SiteProcess } from './support/site-process.ts';

const BAD = 100_000;
const GOOD = 10_000;
let site: SiteProcess;

beforeAll(async () => {
  site = new SiteProcess();
  await site.start();
});
afterAll(() => site?.dispose());

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const good = () => createEvent({ eventType: 'connector.LocationUpdated', source: 'flood', data: { subject: 'van', latitude: 52.5, longitude: 13.4 } });
/** Ten ways to be no valid event, each with its reason. */
const BAD_WAYS: readonly (readonly [reason: SetAsideRow['reason'], body: (n: number) => Uint8Array])[] = [
  ['not-json', (n) => encode(`{"n":${n}`)],
  ['not-json', () => new Uint8Array([0xff, 0xfe, 0x00, 0x80])],
  ['not-json', () => new Uint8Array()],
  ['bad-envelope', (n) => encode(JSON.stringify({ n }))],
  ['bad-envelope', () => encode('[]')],
  ['bad-envelope', (n) => encode(JSON.stringify({ ...good(), eventId: `id-${n}` }))],
  ['bad-envelope', () => encode(JSON.stringify({ ...good(), timestamp: 'yesterday' }))],
  ['type-mismatch', () => encode(JSON.stringify({ ...good(), eventType: 'connector.SyncCompleted' }))],
  ['bad-payload', () => encode(JSON.stringify({ ...good(), data: { subject: 'van', latitude: 200, longitude: 0 } }))],
  ['bad-payload', () => encode(JSON.stringify({ ...good(), data: { subject: 'a\u0000b', latitude: 1, longitude: 1 } }))],
];

test('a flood of rubbish stops nothing and loses nothing', async () => {
  const connection = await natsClient(site);
  const client = jetstream(connection);
  const events = Array.from({ length: GOOD }, good);
  let sent = 0;
  const total = BAD + GOOD;
  const sendOne = async (): Promise<void> => {
    for (let n = sent++; n < total; n = sent++) {
      const event = n % (total / GOOD) === 0 ? events[n / (total / GOOD)] : undefined;
      const headers = newHeaders();
      headers.set('x-n', String(n));
      const body = event ? encode(JSON.stringify(event)) : (BAD_WAYS[n % BAD_WAYS.length]?.[1](n) ?? encode(''));
      await client.publish('connector.LocationUpdated', body, { headers, timeout: 20_000 });
    }
  };
  await Promise.all(Array.from({ length: 400 }, sendOne));
  await connection.close();

  const done = await eventually('all good ones done and all bad ones set aside', async () => {
    const { setAside, totals, outbox, tiers } = await site.api<SiteStatus>('/site/status');
    const open = tiers.reduce((sum, { waiting, running, retrying }) => sum + waiting + running + retrying, 0);
    if (setAside.total >= BAD && totals.completed >= GOOD && open === 0 && outbox.backlog === 0) return { setAside, totals };
    throw new Error(JSON.stringify({ setAside, totals, open, outbox }));
  }, 400_000);
  expect(done).toMatchObject({ setAside: { total: BAD }, totals: { completed: GOOD, jobs: GOOD } });

  const list = await site.api<{ rows: SetAsideRow[]; byReason: Record<string, number> }>('/set-aside?limit=500');
  const expected: Record<string, number> = {};
  for (let n = 0; n < total; n += 1) {
    if (n % (total / GOOD) === 0) continue;
    const reason = BAD_WAYS[n % BAD_WAYS.length]?.[0] ?? '';
    expected[reason] = (expected[reason] ?? 0) + 1;
  }
  expect(list.byReason).toEqual(expected);
  for (const row of list.rows) expect(row.problem).toMatch(/expected/i);
  const notJson = list.rows.find(({ reason, bytes }) => reason === 'not-json' && bytes === 4);
  const detail = await site.api<{ text: string | null; base64: string; headers: { name: string }[] }>(`/set-aside/${notJson?.id}`);
  expect(detail).toMatchObject({ text: null, base64: '//4AgA==', headers: [{ name: 'x-n' }] });

  const sql = await sqlClient(site);
  expect((await checkConservation(sql, events.map(({ eventId }) => eventId))).violations).toEqual([]);
  await sql.end();
}, 900_000);
