/** Schedules on a real Postgres, with a clock that is bent. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { inTransaction } from '../database/database.ts';
import { SiteConfig } from '../config/site-config.ts';
import { syncConfiguredSchedules } from './configured-schedules.ts';
import { fireDue, firingIds } from './fire-schedule.ts';
import { allSchedules, firingsOf, insertSchedule, setPaused } from './schedule-store.ts';

const at = (iso: string): number => Date.parse(iso);
const NOON = at('2027-05-01T12:00:00Z');
const MINUTE = 60_000;
let db: TestDatabase;

beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(async () => {
  await db?.stop();
});
beforeEach(async () => {
  await db.database.intake.query('TRUNCATE spine.schedule, spine.schedule_firing, spine.outbox, spine.job_ledger, spine.inbox CASCADE');
});

const make = (overlap: 'skip' | 'queue', missed: 'once' | 'skip' = 'once'): Promise<void> =>
  insertSchedule(db.database.intake, { id: 's', cron: '* * * * *', timeZone: 'UTC', jobType: 'TickJob', input: { a: 1 }, overlap, missed, origin: 'operator' }, 'test', NOON);
const fire = (nowMs: number, knows = true): Promise<number> => inTransaction(db.database.intake, (tx) => fireDue(tx, 's', { source: 'test', nowMs, knows: () => knows }));
const outcomes = async (): Promise<string[]> => (await firingsOf(db.database.intake, 's', null, 500)).reverse().map(({ outcome, slotMs }) => `${outcome} ${(slotMs - NOON) / MINUTE}`);
const published = async (): Promise<string[]> => (await db.database.intake.query<{ due: string }>(`SELECT body::jsonb #>> '{data,dueAt}' AS due FROM spine.outbox WHERE event_type = 'system.ScheduleFired' ORDER BY id`)).rows.map(({ due }) => due);
/** The job of a slot ends, as the finisher writes it. */
const end = (slotMs: number, kind: 'completed' | 'dead' = 'completed'): Promise<unknown> =>
  db.database.intake.query(`INSERT INTO spine.job_ledger (kind, job_id, detail) VALUES ($1, $2, '{}')`, [kind, firingIds('s', 'TickJob', slotMs).jobId]);

test('a slot is fired once by two processes at the same moment, and its event has the slot', async () => {
  await make('queue');
  await Promise.all(Array.from({ length: 6 }, () => fire(NOON + MINUTE)));
  expect(await outcomes()).toEqual(['fired 1']);
  expect(await published()).toEqual(['2027-05-01T12:01:00.000Z']);
});

test('a clock that goes back fires nothing twice, and goes on', async () => {
  await make('queue');
  await fire(NOON + MINUTE);
  await end(NOON + MINUTE);
  await fire(NOON - 5 * MINUTE);
  await fire(NOON + MINUTE);
  expect(await published()).toEqual(['2027-05-01T12:01:00.000Z']);
  await fire(NOON + 2 * MINUTE);
  expect((await published()).at(-1)).toBe('2027-05-01T12:02:00.000Z');
});

test('skip leaves a slot out while the job before has not ended, whether it waits, runs or is not routed yet', async () => {
  await make('skip');
  await fire(NOON + MINUTE);
  await fire(NOON + 2 * MINUTE);
  // Many slots later it still has not ended.
  for (let n = 3; n < 30; n += 1) await fire(NOON + n * MINUTE);
  expect(await published()).toHaveLength(1);
  await end(NOON + MINUTE, 'dead');
  await fire(NOON + 30 * MINUTE);
  expect((await outcomes()).filter((line) => line.startsWith('fired'))).toEqual(['fired 1', 'fired 30']);
  expect((await outcomes()).filter((line) => line.startsWith('skipped-overlap'))).toHaveLength(28);
});

test('queue fires each slot once the job before has ended, in order', async () => {
  await make('queue');
  for (let n = 1; n <= 3; n += 1) await fire(NOON + n * MINUTE);
  expect(await outcomes()).toEqual(['fired 1', 'waiting 2', 'waiting 3']);
  await end(NOON + MINUTE);
  await fire(NOON + 3 * MINUTE + 5_000);
  expect(await outcomes()).toEqual(['fired 1', 'fired 2', 'waiting 3']);
  await end(NOON + 2 * MINUTE);
  await fire(NOON + 3 * MINUTE + 9_000);
  expect(await published()).toEqual(['2027-05-01T12:01:00.000Z', '2027-05-01T12:02:00.000Z', '2027-05-01T12:03:00.000Z']);
});

test('after downtime: once fires one slot for all, skip fires none, and both say how many were missed', async () => {
  await make('skip', 'once');
  await fire(NOON + 90 * MINUTE + 30_000);
  // The last slot is on time and stands for the 89 before it.
  expect(await published()).toEqual(['2027-05-01T13:30:00.000Z']);
  expect((await firingsOf(db.database.intake, 's', null, 10)).map(({ outcome, slots }) => [outcome, slots])).toEqual([['fired', 1], ['skipped-missed', 89]]);
  await db.database.intake.query('TRUNCATE spine.schedule, spine.schedule_firing, spine.outbox CASCADE');
  await insertSchedule(db.database.intake, { id: 's', cron: '0 * * * *', timeZone: 'UTC', jobType: 'TickJob', input: {}, overlap: 'skip', missed: 'skip', origin: 'operator' }, 'test', NOON);
  await fire(NOON + 90 * MINUTE);
  expect(await published()).toEqual([]);
  expect(await outcomes()).toEqual(['skipped-missed 60']);
});

test('a job type that is not there leaves the slot out and says so', async () => {
  await make('skip');
  expect(await fire(NOON + MINUTE, false)).toBe(0);
  expect(await outcomes()).toEqual(['skipped-unknown-job 1']);
});

test('an event that was routed and owed nothing holds up no later slot', async () => {
  await make('skip');
  await fire(NOON + MINUTE);
  await db.database.intake.query(`INSERT INTO spine.inbox (event_id, stream_seq, event_type, owed) VALUES ($1, 1, 'system.ScheduleFired', 0)`, [firingIds('s', 'TickJob', NOON + MINUTE).eventId]);
  await fire(NOON + 2 * MINUTE);
  expect(await outcomes()).toEqual(['fired 1', 'fired 2']);
});

test('paused, nothing fires; resumed, the slots in between are not made up for', async () => {
  await make('skip');
  await setPaused(db.database.intake, 's', { by: 'test', reason: 'x' }, 'test', NOON);
  expect(await fire(NOON + 10 * MINUTE)).toBe(0);
  await setPaused(db.database.intake, 's', null, 'test', NOON + 10 * MINUTE + 1);
  expect(await fire(NOON + 10 * MINUTE + 5_000)).toBe(0);
  await fire(NOON + 11 * MINUTE);
  expect(await outcomes()).toEqual(['fired 11']);
});

test('the file’s schedules come and go with it; what operators made stays, and a pause holds', async () => {
  const file = (schedules: object[]): SiteConfig => SiteConfig.parse({ schedules });
  const sql = db.database.intake;
  await make('skip');
  await syncConfiguredSchedules(sql, file([{ id: 'a', cron: '0 1 * * *', jobType: 'XJob' }, { id: 'b', cron: '0 2 * * *', jobType: 'XJob' }]), NOON);
  await setPaused(sql, 'a', { by: 'test', reason: 'x' }, 'test', NOON + 1);
  await syncConfiguredSchedules(sql, file([{ id: 'a', cron: '0 1 * * *', jobType: 'YJob' }]), NOON + 60 * MINUTE);
  const left = await allSchedules(sql);
  expect(left.map(({ id, origin, jobType, paused }) => ({ id, origin, jobType, paused }))).toEqual([
    { id: 'a', origin: 'config', jobType: 'YJob', paused: true },
    { id: 's', origin: 'operator', jobType: 'TickJob', paused: false },
  ]);
  // Downtime is told by what was decided before: the start of the site must not forget it.
  expect(left[0]?.cursorMs).toBe(NOON + 1);
});
