/** What is said to be on disk is there after a crash of Postgres, and what may not be is never said to be. */
import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { commitTogether, type Database } from './database.ts';

let db: TestDatabase;
let database: Database;
beforeEach(async () => {
  db = await startTestDatabase();
  ({ database } = db);
  await database.intake.query('CREATE TABLE noted (n int PRIMARY KEY)');
});
afterEach(() => db?.stop());

const note = (n: number): pg.QueryConfig => ({ text: 'INSERT INTO noted VALUES ($1)', values: [n] });

/** Kill one of the server's processes as a crash would: the server ends all others and begins anew. Resolves when it takes queries. */
async function crash(): Promise<void> {
  const witness = await database.connect();
  const ended = new Promise((resolve) => witness.once('end', resolve));
  const { rows } = await database.work.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  process.kill(rows[0]?.pid ?? Number.NaN, 'SIGKILL');
  await ended;
  for (;;) {
    const answered = await database.intake.query('SELECT 1').then(() => true, () => false);
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a commit that did not wait is on disk soon, also when nobody else commits', async () => {
  const sentMs = performance.now();
  await commitTogether(database.work, [note(1)]);
  await database.onDisk.reached(sentMs);
  await crash();
  expect((await database.intake.query('SELECT n FROM noted')).rows).toEqual([{ n: 1 }]);
});

test('a commit that waits tells for those before it at once, on a connection that was open before them', async () => {
  const sentMs = performance.now();
  await commitTogether(database.work, [note(1)]);
  const told: unknown[] = [];
  database.onDisk.after(sentMs, (lost) => told.push(lost));
  await commitTogether(database.intake, [note(2)], { onDisk: database.onDisk });
  expect(told).toEqual([null]);
});

test('a crash before the disk: who waits is told that it may be lost, though the server takes commits again', async () => {
  const sentMs = performance.now();
  await commitTogether(database.work, [note(1)]);
  const lost = database.onDisk.reached(sentMs).then(() => null, (error: unknown) => error);
  await crash();
  const error = await lost;
  const { rows } = await database.intake.query('SELECT n FROM noted');
  // Either it was on disk before the crash came, or it was not said to be.
  if (error === null) expect(rows).toEqual([{ n: 1 }]);
  else expect(error).toMatchObject({ code: 'unavailable', what: 'PostgreSQL' });
  // What was committed before the crash is never told by a connection made after it.
  await expect(database.onDisk.reached(sentMs)).rejects.toMatchObject({ code: 'unavailable' });
  // And what comes after it is told again, once the connection is back.
  await expect.poll(async () => {
    const again = performance.now();
    await commitTogether(database.work, [note(Math.floor(again * 1_000))]);
    return database.onDisk.reached(again).then(() => 'on disk', () => 'may be lost');
  }, { timeout: 10_000 }).toBe('on disk');
});

test('who waits when the database is closed is told so', async () => {
  const lost = database.onDisk.reached(performance.now());
  const closed = database.onDisk.close();
  await expect(lost).rejects.toMatchObject({ code: 'unavailable' });
  await closed;
});
