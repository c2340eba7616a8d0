/** How long a stream keeps, on a real Postgres: said first, then done; put back with a record where the server refuses. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { UnavailableError } from '../../shared/errors.ts';
import type { Retention } from '../../shared/operator-api/index.ts';
import { SiteConfig } from '../config/site-config.ts';
import type { RequestContext } from '../operator-api/services.ts';
import { RetentionBook } from './retention-book.ts';
import { changeRetention } from './retention-steering.ts';

const DAY_MS = 86_400_000;
const MONTH: Retention = { maxAgeMs: 30 * DAY_MS, maxBytes: null };
const WEEK: Retention = { maxAgeMs: 7 * DAY_MS, maxBytes: 1_000_000 };
let db: TestDatabase;
let book: RetentionBook;
/** What the server has. */
let held: Retention;
let refuses: boolean;
/** What was in Postgres when the server was told. */
let saidBefore: unknown[];

const loaded = { config: SiteConfig.parse({}), written: () => false };
const overrides = async () => (await db.database.intake.query<{ age: number; bytes: number; reason: string }>('SELECT max_age_ms::float8 AS age, max_bytes::float8 AS bytes, reason FROM spine.stream_retention')).rows;
const audits = async () => (await db.database.intake.query<{ data: Record<string, unknown> }>(`SELECT body::jsonb -> 'data' AS data FROM spine.outbox WHERE event_type = 'system.StreamRetentionChanged' ORDER BY id`)).rows.map(({ data }) => data);

beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(async () => {
  await db?.stop();
});
beforeEach(async () => {
  await db.database.intake.query('TRUNCATE spine.stream_retention, spine.outbox');
  book = new RetentionBook(loaded);
  [held, refuses, saidBefore] = [MONTH, false, []];
});

function context(): RequestContext {
  const keeper = {
    inspect: async () => [{ name: 'platform-events', ...held, duplicateWindowMs: 1_200_000 }],
    refusal: async () => null,
    setRetention: async (_stream: string, limits: Retention) => {
      saidBefore = await overrides();
      if (refuses) throw new UnavailableError('stream platform-events', 'no', 'It is as it was.');
      held = limits;
    },
  };
  return { services: { bus: { keeper }, database: db.database, retention: book, source: 'spine.test', committed: () => {} }, operator: 'ada' } as unknown as RequestContext;
}
const change = (retention: Retention, before: Retention) => changeRetention(context(), { stream: 'platform-events', retention, before, reason: 'the disk is small' });

test('it is on record before the server is told, and known to the next start', async () => {
  await change(WEEK, MONTH);
  expect(held).toEqual(WEEK);
  expect(saidBefore).toEqual([{ age: 7 * DAY_MS, bytes: 1_000_000, reason: 'the disk is small' }]);
  expect(await audits()).toEqual([{ stream: 'platform-events', before: MONTH, after: WEEK, operator: 'ada', reason: 'the disk is small' }]);
  const next = new RetentionBook(loaded);
  await next.load(db.database.intake);
  expect(next.wanted().overrides.get('platform-events')).toEqual(WEEK);
  expect(next.maxAgeMs('platform-events')).toBe(7 * DAY_MS);
  expect(next.origins('platform-events', 1_000_000)).toEqual({ maxAge: 'operator', maxBytes: 'operator' });
});

test('a server that refuses leaves what was before, and a record of both', async () => {
  await change(WEEK, MONTH);
  refuses = true;
  await expect(change(MONTH, WEEK)).rejects.toThrow('stream platform-events: no. It is as it was.');
  expect(await overrides()).toEqual([{ age: 7 * DAY_MS, bytes: 1_000_000, reason: 'the disk is small' }]);
  expect(book.maxAgeMs('platform-events')).toBe(7 * DAY_MS);
  expect((await audits()).map(({ before, after, problem }) => [before, after, problem !== undefined])).toEqual([[MONTH, WEEK, false], [WEEK, MONTH, false], [MONTH, WEEK, true]]);
});

test('at the configured values again, the configuration rules again', async () => {
  await change(WEEK, MONTH);
  await change(MONTH, WEEK);
  expect(await overrides()).toEqual([]);
  expect(book.override('platform-events')).toBeNull();
});

test('who saw something else changes nothing', async () => {
  await expect(change(WEEK, { maxAgeMs: 5 * DAY_MS, maxBytes: null })).rejects.toThrow('has been changed by somebody else; nothing was done');
  await expect(change(MONTH, MONTH)).rejects.toThrow('is that already; nothing was done');
  expect([await overrides(), await audits(), held]).toEqual([[], [], MONTH]);
});

test('a duplicate window that was made longer meanwhile does not keep the site from starting', async () => {
  await change({ maxAgeMs: 1_800_000, maxBytes: null }, MONTH);
  const longer = new RetentionBook({ config: SiteConfig.parse({ streams: { duplicateWindow: '2h' } }), written: () => true });
  await longer.load(db.database.intake);
  expect(longer.wanted().overrides.get('platform-events')).toEqual({ maxAgeMs: 7_200_000, maxBytes: null });
});
