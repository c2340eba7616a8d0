/** Rules on a real Postgres: what operators and the configuration file do to them, and which of it the engine gets. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { RuleDefinition } from '../../shared/rule-definition.ts';
import { deleteRule, insertRule, lockRule, storedRules, switchRule, updateRule, versionsOf } from './rule-records.ts';
import { RuleStore } from './rule-store.ts';

const rule = (id: string, name = 'n'): RuleDefinition => RuleDefinition.parse({ id, name, conditions: { all: [{ fact: 'event', path: '$.data.x', operator: 'equal', value: 1 }] }, actions: [{ jobType: 'SendOutgoingMessageJob', input: {} }] });
let db: TestDatabase;
let store: RuleStore;

beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(async () => {
  await db?.stop();
});
beforeEach(async () => {
  await db.database.intake.query('TRUNCATE spine.rule, spine.rule_version');
  store = new RuleStore(db.database.intake);
});

const seen = async () => {
  store.changed();
  return (await store.all()).map(({ id, name, enabled }) => `${id} ${name} ${enabled ? 'on' : 'off'}`);
};
const versions = async (id: string) => (await versionsOf(db.database.intake, id)).map(({ version, definition, operator }) => `${version} ${definition?.name ?? 'removed'} by ${operator}`);

test('a switch holds for the engine and over restarts, and leaves the definition as it is', async () => {
  const sql = db.database.intake;
  await store.sync([rule('file')]);
  await switchRule(sql, 'file', false, 'ada', 'too many');
  expect(await seen()).toEqual(['file n off']);
  await store.sync([rule('file'), rule('file-2')]);
  expect(await seen()).toEqual(['file n off', 'file-2 n on']);
  expect((await lockRule(sql, 'file')).switched).toMatchObject({ on: false, operator: 'ada', reason: 'too many' });
  await switchRule(sql, 'file', null, 'ada', 'fewer now');
  expect(await seen()).toEqual(['file n on', 'file-2 n on']);
  expect((await storedRules(sql)).map(({ switched }) => switched)).toEqual([null, null]);
});

test('versions count on: of the file when it changes, of an operator with each change, over a removal', async () => {
  const sql = db.database.intake;
  await store.sync([rule('r', 'first')]);
  await store.sync([rule('r', 'first')]);
  await store.sync([rule('r', 'second')]);
  expect(await versions('r')).toEqual(['2 second by configuration', '1 first by configuration']);
  await store.sync([]);
  expect(await insertRule(sql, rule('r', 'third'), 'ada', 'x')).toBe(3);
  await expect(insertRule(sql, rule('r', 'again'), 'ada', 'x')).rejects.toThrow('id: there is a rule named r already');
  await sql.query(`DELETE FROM spine.rule_version WHERE definition ->> 'name' = 'again'`);
  expect(await updateRule(sql, rule('r', 'fourth'), 'grace', 'x')).toBe(4);
  expect(await deleteRule(sql, 'r', 'grace', 'x')).toBe(5);
  expect(await versions('r')).toEqual(['5 removed by grace', '4 fourth by grace', '3 third by ada', '2 second by configuration', '1 first by configuration']);
});

test('what an operator made stays when the file changes, unless the file takes its id', async () => {
  const sql = db.database.intake;
  await insertRule(sql, rule('mine'), 'ada', 'x');
  await store.sync([rule('file')]);
  await store.sync([]);
  expect(await seen()).toEqual(['mine n on']);
  await store.sync([rule('mine', 'of the file')]);
  expect((await storedRules(sql)).map(({ origin, version, updatedBy }) => ({ origin, version, updatedBy }))).toEqual([{ origin: 'config', version: 2, updatedBy: 'configuration' }]);
});
