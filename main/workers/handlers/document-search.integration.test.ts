/** The search of the console in a real Postgres: page by page through more hits than fit one, and not a moment longer than it is wanted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryUntilAborted } from '../../database/cancellable.ts';
import { startTestDatabase, type TestDatabase } from '../../../tests/support/test-database.ts';
import { eventually } from '../../../tests/support/site-process.ts';
import { putDocument, searchDocuments } from './document-index.ts';

const HITS = 137;
let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  for (let n = 0; n < HITS; n += 1) await put(n, 1);
  await putDocument(db.database.intake, { entityType: 'customer', entityId: 'other', version: 1, title: 'Other', body: 'Hamburg', correlationId: crypto.randomUUID() });
});
afterAll(() => db?.stop());

/** Ranks of a few kinds, each of many: a page ends amid equal ones. Ids with what separates elsewhere. */
const put = (n: number, version: number): Promise<void> =>
  putDocument(db.database.intake, { entityType: n % 2 === 0 ? 'customer' : 'ti|ck"et', entityId: `e|${n}`, version, title: `No. ${n}`, body: 'Berlin '.repeat(1 + (n % 3)), correlationId: crypto.randomUUID() });

async function readAll(limit: number, between?: () => Promise<void>): Promise<{ keys: string[]; ranks: number[]; pages: number }> {
  const keys: string[] = [];
  const ranks: number[] = [];
  let pages = 0;
  for (let after: string | undefined, more = true; more; pages += 1) {
    const { hits, total, next } = await searchDocuments(db.database.intake, { query: 'berlin', limit, after });
    expect(total).toBe(HITS);
    expect(hits.length).toBe(Math.min(limit, HITS - keys.length));
    expect(hits.every(({ excerpt }) => excerpt.includes('«Berlin»'))).toBe(true);
    keys.push(...hits.map(({ entityType, entityId }) => `${entityType} ${entityId}`));
    ranks.push(...hits.map(({ rank }) => rank));
    await between?.();
    more = next !== null;
    after = next ?? undefined;
  }
  return { keys, ranks, pages };
}

describe('pages of hits', () => {
  test.each([[10, 14], [50, 3], [100, 2]])('of %i are %i, best first, with no hit twice and none missing', async (limit, expected) => {
    const { keys, ranks, pages } = await readAll(limit);
    expect(pages).toBe(expected);
    expect(new Set(keys).size).toBe(HITS);
    expect(keys).toHaveLength(HITS);
    expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
    expect(new Set(ranks).size).toBe(3);
  });

  test('what is indexed anew while somebody reads stays in its place', async () => {
    let n = HITS;
    const { keys } = await readAll(20, async () => {
      for (let i = 0; i < 20 && n > 0; i += 1) await put((n -= 1), 2);
    });
    expect(new Set(keys).size).toBe(HITS);
  });

  test('end: nothing after the last one but the count, and what is no place is refused', async () => {
    expect(await searchDocuments(db.database.intake, { query: 'berlin', limit: 10, after: '[0,"",""]' })).toEqual({ hits: [], total: HITS, next: null });
    expect(await searchDocuments(db.database.intake, { query: 'nowhere', limit: 10 })).toEqual({ hits: [], total: 0, next: null });
    expect((await searchDocuments(db.database.intake, { query: 'berlin', limit: HITS > 100 ? 100 : HITS })).next).not.toBeNull();
    for (const after of ['x', '[1]', '{}']) await expect(searchDocuments(db.database.intake, { query: 'berlin', limit: 10, after })).rejects.toThrow(/after: is no place in the hits/);
  });
});

describe('who no longer waits', () => {
  test('stops the query in the server, and the pool goes on', async () => {
    const { intake } = db.database;
    const stop = new AbortController();
    const running = queryUntilAborted(intake, `SELECT pg_sleep(600) AS "slept-too-long"`, [], stop.signal);
    const inServer = async (): Promise<number> => (await db.database.work.query<{ n: number }>(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%slept-too-long%' AND state = 'active' AND pid <> pg_backend_pid()`)).rows[0]?.n ?? 0;
    await eventually('the query runs', async () => (await inServer()) === 1);
    stop.abort(new Error('closed'));
    await expect(running).rejects.toThrow('closed');
    await eventually('the server stops', async () => (await inServer()) === 0);
    await expect(searchDocuments(intake, { query: 'berlin', limit: 1 }, stop.signal)).rejects.toThrow('closed');
    expect((await searchDocuments(intake, { query: 'berlin', limit: 1 }, new AbortController().signal)).hits).toHaveLength(1);
    expect(intake.totalCount - intake.idleCount).toBe(0);
  });
});
