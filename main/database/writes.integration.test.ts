/** Several writes in one statement: all of them or none, each with its own values, and those that were asked for say what they did. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { commitTogether, NOT_AS_EXPECTED } from './database.ts';
import { inOneStatement, type Write } from './writes.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  await db.database.intake.query('CREATE TABLE thing (id int PRIMARY KEY, name text)');
});
afterAll(() => db?.stop());
beforeEach(() => db.database.intake.query(`TRUNCATE thing; INSERT INTO thing VALUES (1, 'one'), (2, 'two')`));

const insert = (...ids: number[]): Write => ({ text: 'INSERT INTO thing SELECT i, $2 FROM unnest($1::int[]) i ON CONFLICT DO NOTHING RETURNING id', values: [ids, `new with ${ids.length}`], answersIds: true });
const remove = (...ids: number[]): Write => ({ text: 'DELETE FROM thing WHERE id = ANY($1::int[]) RETURNING 1', values: [ids], mustReturn: { rows: ids.length, what: 'things were there' } });
const things = async (): Promise<string[]> => (await db.database.intake.query<{ id: number; name: string }>('SELECT * FROM thing ORDER BY id')).rows.map(({ id, name }) => `${id} ${name}`);

test('each write has its own values, and those that were asked answer their ids in order', async () => {
  const { rows } = await db.database.intake.query(inOneStatement([insert(3), remove(1), insert(2, 4, 5)]));
  expect(rows).toMatchObject([{ ids0: [3], ids1: [4, 5] }]);
  expect(await things()).toEqual(['2 two', '3 new with 1', '4 new with 3', '5 new with 3']);
});

test.each([['alone', []], ['with other statements', ['SELECT 1']]])('one that does not come out as it must takes all back (%s)', async (_, others) => {
  const commit = commitTogether(db.database.work, [inOneStatement([insert(3), remove(1, 9)]), ...others.map((text) => ({ text }))]);
  await expect(commit).rejects.toMatchObject({ code: NOT_AS_EXPECTED, message: '1 of 2 things were there' });
  expect(await things()).toEqual(['1 one', '2 two']);
});

test('a connection that has refused a statement is as good as before', async () => {
  const client = await db.database.work.connect();
  client.release();
  await commitTogether(db.database.work, [inOneStatement([remove(9)])]).catch(() => {});
  expect(await commitTogether(db.database.work, [inOneStatement([insert(7)])])).toMatchObject([{ rows: [{ ids0: [7] }] }]);
  const again = await db.database.work.connect();
  again.release();
  expect(again).toBe(client);
});
