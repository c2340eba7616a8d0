/** The ledger on a real Postgres: whoever reads on from a position gets every entry once, in the order of transactions. */
import { v4 as uuidv4 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { appendToLedger, LEDGER_START, type LedgerPosition, readLedger } from './ledger.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db?.stop());

test('pages follow each other also where the number of the transaction gets a digit more', async () => {
  const sql = db.database.intake;
  const written: string[] = [];
  // Transactions 9xx and 1xxx, as on every new database: by text, the later ones would come first.
  const current = async (): Promise<number> => Number((await sql.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id')).rows[0]?.id);
  while ((await current()) < 990) await sql.query('SELECT 1');
  while ((await current()) < 1_010) {
    const jobId = uuidv4();
    await appendToLedger(sql, [{ kind: 'started', jobId, attempt: 1, detail: { startedMs: 1, worker: 'w' } }]);
    written.push(jobId);
  }
  const read: string[] = [];
  let position: LedgerPosition = LEDGER_START;
  for (;;) {
    const page = await readLedger(sql, position, 3);
    const last = page.at(-1);
    if (!last) break;
    read.push(...page.map(({ jobId }) => jobId));
    position = { txid: last.txid, id: last.id };
  }
  expect(read).toEqual(written);
  expect(written.length).toBeGreaterThan(5);
});
