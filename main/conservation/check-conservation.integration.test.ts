/** The checker must find what is wrong: books that balance, and then each way to spoil them. */
import { v4 as uuidv4 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkConservation } from './check-conservation.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';

let db: TestDatabase;
const event = uuidv4();
const job = uuidv4();
const sql = async (text: string, ...values: unknown[]): Promise<void> => void (await db.database.intake.query(text, values));
const enter = (eventId: string): Promise<void> => sql(`INSERT INTO spine.inbox (event_id, event_type, stream_seq, owed) VALUES ($1, 'communication.CallStarted', 1, 1)`, eventId);
const note = (kind: string, jobId: string, detail: object = {}): Promise<void> => sql('INSERT INTO spine.job_ledger (kind, job_id, attempt, detail) VALUES ($1, $2, 1, $3)', kind, jobId, JSON.stringify(detail));
const enqueue = (jobId: string, triggeringEventId = event, more: object = {}): Promise<void> => note('enqueued', jobId, { queue: 'realtime', triggeringEventId, ...more });
const recordEnd = (jobId: string): Promise<void> => sql(`INSERT INTO spine.effect (idempotency_key, effect) VALUES ($1, '')`, jobId);

beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db?.stop());
beforeEach(async () => {
  await sql('TRUNCATE spine.inbox, spine.job_ledger, spine.effect, spine.outbox');
  await enter(event);
  await enqueue(job);
  await note('completed', job);
  await recordEnd(job);
});

test('books that balance are left in peace', async () => {
  expect(await checkConservation(db.database.intake, [event])).toMatchObject({ routed: 1, jobs: 1, completed: 1, dead: 0, onQueues: 0, violations: [] });
});

test.each<[what: string, words: string, spoil: () => Promise<void>]>([
  ['an event that was lost', '1 events were acknowledged, 0 are routed', () => sql('DELETE FROM spine.inbox')],
  ['a job that was lost', '2 jobs were owed; 1 completed + 0 dead + 0 waiting', () => enqueue(uuidv4())],
  ['a job enqueued twice', '1 jobs were enqueued twice', () => enqueue(job)],
  ['a job that ended twice', '1 jobs ended twice', () => note('dead', job)],
  ['a job without its event', '1 jobs whose triggering event was not routed', async () => {
    const other = uuidv4();
    await enqueue(other, uuidv4());
    await note('dead', other);
  }],
  ['a job handed on by nobody', '1 jobs handed on by a job that is not known', async () => {
    const other = uuidv4();
    await enqueue(other, event, { parentJobId: uuidv4() });
    await note('dead', other);
  }],
  ['an end without its record', '1 completed jobs without their idempotency record', () => sql('DELETE FROM spine.effect')],
])('%s is found', async (_what, words, spoil) => {
  await spoil();
  expect((await checkConservation(db.database.intake, [event])).violations).toContain(words);
});
