/** What a pool does when a connection dies in an unlucky moment. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';

let db: TestDatabase;
beforeEach(async () => {
  db = await startTestDatabase();
});
afterEach(() => db?.stop());

test.each(['intake', 'work'] as const)('%s: a connection that dies while the pool hands it over fails its query, and not the process', async (name) => {
  const pool = db.database[name];
  const idle = await pool.connect();
  idle.release();
  // Handed over in the next tick, ours in a microtask behind all ticks: it dies in between, as by a goodbye in the packet of an answer.
  const handedOver = pool.connect();
  process.nextTick(() => (idle as unknown as { connection: { emit(event: 'error', error: Error): void } }).connection.emit('error', new Error('terminating connection due to administrator command')));
  const client = await handedOver;
  expect(client).toBe(idle);
  await expect(client.query('SELECT 1')).rejects.toThrow('not queryable');
  client.release(true);
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
