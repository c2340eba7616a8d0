/** A database that a newer version has used is left alone, and one of an older version is brought up to date. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { knownMigrations, migrate } from './migrate.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db?.stop());
const applied = async (): Promise<string[]> => (await db.database.intake.query<{ name: string }>('SELECT name FROM spine.migration ORDER BY id')).rows.map(({ name }) => name);

test('all migrations are applied, in order, and again changes nothing', async () => {
  expect(await applied()).toEqual(knownMigrations());
  await migrate(db.database.intake);
  expect(await applied()).toEqual(knownMigrations());
});

test('a newer version’s database is refused by name, and nothing is touched', async () => {
  await db.database.intake.query(`INSERT INTO spine.migration (name, run_on) VALUES ('9999_from_the_future', now())`);
  await expect(migrate(db.database.intake)).rejects.toThrow(/database: has been used by a newer version \(it knows 9999_from_the_future\)\. Expected the version that last used it/);
  await db.database.intake.query(`DELETE FROM spine.migration WHERE name = '9999_from_the_future'`);
});

test('a database that stopped half way is brought up to date', async () => {
  await db.database.intake.query('DROP SCHEMA spine CASCADE');
  await migrate(db.database.intake, 2);
  expect(await applied()).toEqual(knownMigrations().slice(0, 2));
  await migrate(db.database.intake);
  expect(await applied()).toEqual(knownMigrations());
});
