/** Our short cut against pg-boss's own way, on a real Postgres: when pg-boss moves, this tells whether the short cut must. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../../../tests/support/test-database.ts';
import { NOT_AS_EXPECTED } from '../../../database/database.ts';
import { inOneStatement } from '../../../database/writes.ts';
import type { ClaimedJob, NewJob } from '../../job-queue.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  await db.queue.ensureQueue('short-cut', 'realtime');
});
afterAll(() => db?.stop());

const jobOf = (id: string): NewJob => ({
  id, queue: 'short-cut', priority: 7,
  payload: {
    jobType: 'IndexDocumentJob', triggeringEventId: '11111111-1111-4111-8111-111111111111', correlationId: '22222222-2222-4222-8222-222222222222', input: { 'a"b': [1, null, 'ä\\'] }, idempotencyKey: id,
    publishedMs: 1, enqueuedMs: 2,
  },
});
const PLAIN = '00000000-0000-4000-8000-00000000000a';
const CLAIMED = '00000000-0000-4000-8000-00000000000b';

/** A job's row as seconds since it was made, so that rows of two moments compare. */
async function rowOf(id: string): Promise<Record<string, unknown>> {
  const { rows } = await db.database.intake.query<{ row: Record<string, unknown>; kept: number }>(`SELECT to_jsonb(j) AS row, extract(epoch FROM j.keep_until - j.start_after)::float8 AS kept FROM pgboss.job j WHERE id = $1`, [id]);
  const [found] = rows;
  if (!found) throw new Error(`no job ${id}`);
  const { id: _id, data, created_on, start_after, started_on, heartbeat_on, keep_until: _until, ...rest } = found.row;
  const { idempotencyKey: _key, ...payload } = data as Record<string, unknown>;
  const set = { created_on, start_after, started_on, heartbeat_on };
  return { ...rest, payload, kept: found.kept, set: Object.fromEntries(Object.entries(set).map(([name, value]) => [name, value !== null])) };
}

test('a job that is put on its queue as claimed is what insert and fetch of pg-boss make of it', async () => {
  await db.queue.enqueue(db.database.intake, [jobOf(PLAIN)]);
  expect(await db.queue.claim('short-cut', 1, [])).toHaveLength(1);
  const { rows } = await db.database.intake.query(inOneStatement([db.queue.claimedWrite('short-cut', [jobOf(CLAIMED)])]));
  expect(rows).toEqual([{ ids0: [CLAIMED] }]);
  expect(await rowOf(CLAIMED)).toEqual(await rowOf(PLAIN));
});

test('a job that is there already is left as it is, and not said to be claimed', async () => {
  const { rows } = await db.database.intake.query(inOneStatement([db.queue.claimedWrite('short-cut', [{ ...jobOf(PLAIN), priority: 99 }])]));
  expect(rows).toEqual([{ ids0: [] }]);
  expect(await rowOf(PLAIN)).toMatchObject({ priority: 7 });
});

test('its end passes the fence as attempt 1, and no other does; alone as well as among others', async () => {
  const claim = (id: string, attempt: number): ClaimedJob => ({ id, queue: 'short-cut', attempt, payload: null });
  const end = (...jobs: ClaimedJob[]): Promise<unknown> => db.database.intake.query(inOneStatement([db.queue.finishWrite('short-cut', jobs)]));
  await expect(end(claim(CLAIMED, 2))).rejects.toMatchObject({ code: NOT_AS_EXPECTED });
  await expect(end(claim(PLAIN, 1), claim(CLAIMED, 2))).rejects.toMatchObject({ code: NOT_AS_EXPECTED, message: '1 of 2 claims are still good' });
  await end(claim(CLAIMED, 1));
  await expect(end(claim(CLAIMED, 1))).rejects.toMatchObject({ code: NOT_AS_EXPECTED });
  await end(claim(PLAIN, 1));
  expect((await db.database.intake.query(`SELECT 1 FROM pgboss.job WHERE name = 'short-cut'`)).rows).toEqual([]);
});

test('a job whose worker has not been heard of for 20 s is put back by itself; one that is alive is left alone, and the late end is refused', async () => {
  const [lost, alive] = ['00000000-0000-4000-8000-00000000000c', '00000000-0000-4000-8000-00000000000d'];
  await db.database.intake.query(inOneStatement([db.queue.claimedWrite('short-cut', [jobOf(lost), jobOf(alive)])]));
  await db.database.intake.query(`UPDATE pgboss.job SET heartbeat_on = heartbeat_on - make_interval(secs => CASE id WHEN $1 THEN 21 ELSE 15 END) WHERE name = 'short-cut'`, [lost]);
  let again: ClaimedJob[] = [];
  const deadline = performance.now() + 10_000;
  while (again.length === 0 && performance.now() < deadline) {
    again = await db.queue.claim('short-cut', 2, [{ jobType: 'IndexDocumentJob', inHand: 0 }]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(again.map(({ id, attempt }) => [id, attempt])).toEqual([[lost, 2]]);
  const end = (id: string, attempt: number): Promise<unknown> => db.database.intake.query(inOneStatement([db.queue.finishWrite('short-cut', [{ id, queue: 'short-cut', attempt, payload: null }])]));
  await expect(end(lost, 1)).rejects.toMatchObject({ code: NOT_AS_EXPECTED });
  await end(lost, 2);
  await end(alive, 1);
}, 20_000);
