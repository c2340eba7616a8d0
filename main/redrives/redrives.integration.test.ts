/** Redrives, discards and families on a real Postgres with real workers: each item once, whatever happens beside it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { NotRetryableError } from '../../shared/errors.ts';
import { defineJob, JobCatalogue, redriveJobId } from '../../shared/job-catalogue/index.ts';
import type { RedriveRow } from '../../shared/operator-api/index.ts';
import { plantDeadLetters, type Planting } from '../../tests/support/plant-dead-letters.ts';
import { eventually } from '../../tests/support/site-process.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { inTransaction } from '../database/database.ts';
import { backfillFamilies } from '../dead-letters/backfill.ts';
import { exportDeadLetters } from '../dead-letters/export.ts';
import { listFamilies, waitingLetters } from '../dead-letters/families.ts';
import { redriveDeadLetter } from '../job-queue/dead-letters.ts';
import { CreditBook } from '../operator-api/credits.ts';
import { listDeadLetters } from '../operator-api/dead-letter-queries.ts';
import { cancelRedrive, discardMany, mark, type RedriveOrder, startRedrive, undoDiscard } from '../operator-api/dead-letter-steering.ts';
import type { OperatorServices, RequestContext } from '../operator-api/services.ts';
import { SpanRecorder } from '../telemetry/spans.ts';
import type { Handler } from '../workers/handler.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import { previewRedrive } from './preview.ts';
import { getRedrive, listRedriveItems } from './redrive-queries.ts';
import { RedriveRunner } from './redrive-runner.ts';

const retry = { maxAttempts: 1 };
const jobs = new JobCatalogue([
  defineJob({ type: 'SendJob', description: 'x', tier: 'background', schema: z.looseObject({ to: z.string(), n: z.coerce.number().optional() }), retry, replaySafety: 'guarded', emits: ['communication.MessageSent'] }),
  defineJob({ type: 'CallJob', description: 'x', tier: 'interactive', schema: z.looseObject({}), retry, replaySafety: 'unsafe' }),
]);
const handlers = new Map<string, Handler>();
/** Inputs that the handlers were given, and what they did outside. */
let ran: { id: string; input: { to?: string; n?: number } }[] = [];
let published: Envelope[] = [];
let db: TestDatabase;
let workers: WorkerPool;
let runner: RedriveRunner;
let context: RequestContext;

beforeAll(async () => {
  db = await startTestDatabase();
  for (const { name, tier } of jobs.queues()) await db.queue.ensureQueue(name, tier);
  const pool = db.database.intake;
  workers = new WorkerPool({
    queues: jobs.queues(), concurrency: { realtime: 4, interactive: 8, background: 16 }, queue: db.queue, durablePool: pool, onDisk: db.database.onDisk, notesPool: db.database.work,
    services: { pool, events: new EventCatalogue(), jobs, handlers, spans: new SpanRecorder(), domains: new Set(['communication', 'data', 'job', 'system']), maxPayload: 1_000_000, source: 'test' },
    onCommitted: () => {}, onError: () => {},
  });
  workers.start();
  runner = newRunner();
  runner.start();
  const services: Partial<OperatorServices> = {
    database: db.database, queue: db.queue, jobs, source: 'test', version: '0.3.0', redrives: { wake: () => runner.wake() } as RedriveRunner,
    committed: (queues) => workers.wake(queues),
    publish: async (event) => {
      published.push(event);
      return { seq: published.length, duplicate: false };
    },
  };
  context = { services: services as OperatorServices, operator: 'ada', credits: new CreditBook() };
});
afterAll(async () => {
  await runner?.stop();
  await workers?.stop(2_000);
  await db?.stop();
});
beforeEach(async () => {
  ran = [];
  published = [];
  await db.database.intake.query('TRUNCATE spine.dead_letter, spine.failure_family, spine.failure_family_hour, spine.redrive, spine.redrive_item, spine.discard, spine.effect, spine.job_ledger');
  for (const type of ['SendJob', 'CallJob']) handlers.set(type, succeed);
});

const newRunner = (): RedriveRunner =>
  new RedriveRunner({ pool: db.database.intake, queue: db.queue, jobs, source: 'test', onCommitted: (queues) => workers.wake(queues), onError: () => {} });
const succeed: Handler = async (attempt) => {
  await attempt.once('send', async () => {
    ran.push({ id: attempt.job.id, input: attempt.input as { to?: string; n?: number } });
    return true;
  });
};
const plant = (count: number, more: Partial<Planting> = {}): Promise<string> =>
  plantDeadLetters(db.database.intake, { count, jobType: 'SendJob', queue: 'background', tier: 'background', input: { to: 'ops', n: '$n' }, message: 'no answer for order $n', ...more });
const order = (scope: RedriveOrder['scope'], more: Partial<RedriveOrder> = {}): RedriveOrder => ({ scope, repeatUnsafe: false, reason: 'test', ratePerSecond: null, canary: 0, stopRatio: null, ...more });
const family = (id: string): RedriveOrder['scope'] => ({ kind: 'family', family: id });
const over = (redriveId: string): Promise<RedriveRow> =>
  eventually('the end of the redrive', async () => {
    const redrive = await getRedrive(db.database.intake, redriveId);
    return redrive.finishedMs !== null && redrive;
  });
const statuses = async (): Promise<Record<string, number>> => {
  const { rows } = await db.database.intake.query<{ status: string; n: string }>('SELECT status, count(*) AS n FROM spine.dead_letter GROUP BY status');
  return Object.fromEntries(rows.map(({ status, n }) => [status, Number(n)]));
};
const idsOf = async (jobType = 'SendJob'): Promise<string[]> => (await db.database.intake.query<{ id: string }>('SELECT id FROM spine.dead_letter WHERE job_type = $1 ORDER BY died_at, id', [jobType])).rows.map(({ id }) => id);
const finishedBefore = (ids: readonly string[], effect = ''): Promise<unknown> => db.database.intake.query('INSERT INTO spine.effect (idempotency_key, effect, result) SELECT unnest($1::uuid[]), $2, \'{"value": true}\'', [ids, effect]);

describe('a redrive', () => {
  test('of a family runs each of it once, under its old idempotency key, with lineage and audit', async () => {
    const scope = family(await plant(450));
    await plant(5, { message: 'another cause' });
    const preview = await previewRedrive(db.database.intake, jobs, order(scope));
    expect(preview).toMatchObject({ total: 450, willRun: 450, inputsChecked: 450, jobTypes: [{ jobType: 'SendJob', queue: 'background', replaySafety: 'guarded', emits: ['communication.MessageSent'] }] });
    const { redriveId } = await startRedrive(context, order(scope));
    expect(await over(redriveId)).toMatchObject({ state: 'done', total: 450, redriven: 450, succeeded: 450, failed: 0, skipped: 0 });
    expect(ran).toHaveLength(450);
    expect(new Set(ran.map(({ id }) => id)).size).toBe(450);
    expect(await statuses()).toEqual({ redriven: 450, waiting: 5 });
    expect(published.map(({ eventType }) => eventType)).toEqual(['system.RedriveRequested']);
    expect(published[0]?.data).toMatchObject({ redriveId, scope, jobs: 450, operator: 'ada', reason: 'test' });
    const { rows } = await db.database.intake.query<{ n: string }>(
      `SELECT count(*) AS n FROM spine.job_ledger e JOIN spine.dead_letter d ON d.id = (e.detail->>'redriveOf')::uuid AND d.redriven_as = e.job_id AND d.correlation_id = (e.detail->>'correlationId')::uuid
       JOIN spine.effect f ON f.idempotency_key = d.idempotency_key AND f.effect = '' WHERE e.kind = 'enqueued'`,
    );
    expect(Number(rows[0]?.n)).toBe(450);
  });

  test('and single redrives, discards and another redrive of the same at the same time: each dead letter is decided once', async () => {
    const scope = family(await plant(300));
    const ids = await idsOf();
    const single = (id: string): Promise<unknown> => inTransaction(db.database.intake, (tx) => redriveDeadLetter(tx, db.queue, jobs, id, { operator: 'bob', reason: '' }, 'test')).then(() => workers.wake(['background']));
    const [first, second] = await Promise.all([
      startRedrive(context, order(scope)), startRedrive(context, order(scope)),
      ...ids.filter((_, at) => at % 10 === 0).map((id) => single(id).catch(() => null)),
      discardMany(context, { scope: { kind: 'selection', deadLetterIds: ids.filter((_, at) => at % 10 === 5) }, reason: 'no' }).catch(() => null),
    ] as const);
    const ends = [await over(first.redriveId), await over(second.redriveId)];
    await eventually('every redriven job to end', async () => (await db.database.intake.query(`SELECT 1 FROM spine.dead_letter d WHERE status = 'redriven' AND NOT EXISTS (SELECT 1 FROM spine.job_ledger l WHERE l.job_id = d.redriven_as AND l.kind = 'completed')`)).rows.length === 0);
    const { redriven = 0, discarded = 0, waiting = 0 } = await statuses();
    expect([redriven + discarded, waiting]).toEqual([300, 0]);
    expect(ran).toHaveLength(redriven);
    expect(new Set(ran.map(({ id }) => id)).size).toBe(redriven);
    for (const { total, skipped, redriven: put } of ends) expect(skipped + put).toBe(total);
    // The original is nowhere to be retried: a dead letter is the job moved.
    expect((await db.database.intake.query('SELECT 1 FROM pgboss.job WHERE id = ANY($1::uuid[])', [ids])).rows).toEqual([]);
  });

  test('repeats nothing whose effect is on record; a part that is on record is not done again', async () => {
    const scope = family(await plant(20));
    const ids = await idsOf();
    await finishedBefore(ids.slice(0, 8));
    await finishedBefore(ids.slice(8, 11), 'send');
    expect(await previewRedrive(db.database.intake, jobs, order(scope))).toMatchObject({ total: 20, willRun: 12, partlyDone: 3, skipped: { alreadyDone: 8 } });
    const { redriveId } = await startRedrive(context, order(scope));
    // Recorded after the items were fixed: found again when their turn comes, or by the attempt itself.
    expect(await over(redriveId)).toMatchObject({ skipped: 8, redriven: 12, succeeded: 12 });
    expect(ran).toHaveLength(9);
    expect((await listRedriveItems(db.database.intake, { redriveId, state: 'skipped', after: -1, limit: 100 })).items.map(({ skipReason }) => skipReason)).toEqual(Array.from({ length: 8 }, () => 'already-done'));
    await expect(startRedrive(context, order(scope))).rejects.toThrow(/already recorded/);
  });

  test('refuses what is unsafe to repeat without the explicit yes, and leaves it out of a mixed scope', async () => {
    await plant(3, { jobType: 'CallJob', queue: 'interactive', tier: 'interactive' });
    const all = { kind: 'filter', filter: {} } as const;
    await expect(startRedrive(context, order(all))).rejects.toThrow(/CallJob: unsafe to repeat/);
    expect(published).toEqual([]);
    await plant(2);
    expect(await previewRedrive(db.database.intake, jobs, order(all))).toMatchObject({ willRun: 2, unsafe: 0, skipped: { unsafe: 3 } });
    expect(await over((await startRedrive(context, order(all))).redriveId)).toMatchObject({ skipped: 3, succeeded: 2 });
    expect(await previewRedrive(db.database.intake, jobs, order(all, { repeatUnsafe: true }))).toMatchObject({ willRun: 3, unsafe: 3 });
    expect(await over((await startRedrive(context, order(all, { repeatUnsafe: true }))).redriveId)).toMatchObject({ skipped: 0, succeeded: 3 });
  });

  test('runs its canary first and stops when one of it fails', async () => {
    const scope = family(await plant(60));
    handlers.set('SendJob', async (attempt) => {
      if ((attempt.input as { n: number }).n === 3) throw new NotRetryableError('still broken');
      await succeed(attempt);
    });
    const stopped = await over((await startRedrive(context, order(scope, { canary: 5 }))).redriveId);
    expect(stopped).toMatchObject({ state: 'stopped', redriven: 5, succeeded: 4, failed: 1, stateReason: { text: expect.stringContaining('1 of the first 5 failed') } });
    expect(await statuses()).toEqual({ redriven: 5, waiting: 56 });
    handlers.set('SendJob', succeed);
    expect(await over((await startRedrive(context, order(scope, { canary: 5 }))).redriveId)).toMatchObject({ state: 'done', succeeded: 55 });
  });

  test('stops above its failure ratio, and what it put on a queue runs to its end', async () => {
    const scope = family(await plant(1_500));
    handlers.set('SendJob', async () => {
      throw new NotRetryableError('still broken');
    });
    const stopped = await over((await startRedrive(context, order(scope, { stopRatio: 0.5, ratePerSecond: 500 }))).redriveId);
    expect(stopped.state).toBe('stopped');
    expect(stopped.redriven).toBeLessThan(1_500);
    expect(stopped.failed).toBe(stopped.redriven);
  });

  test('is cancelled between two batches', async () => {
    const scope = family(await plant(500));
    const { redriveId } = await startRedrive(context, order(scope, { ratePerSecond: 20 }));
    await eventually('the first to run', async () => (await getRedrive(db.database.intake, redriveId)).redriven > 0);
    await cancelRedrive(context, { redriveId, reason: 'wrong family' });
    const cancelled = await over(redriveId);
    expect(cancelled).toMatchObject({ state: 'cancelled', stateReason: { text: 'by ada: wrong family' } });
    expect(cancelled.succeeded).toBe(cancelled.redriven);
    expect((await statuses()).waiting).toBe(500 - cancelled.redriven);
    await expect(cancelRedrive(context, { redriveId, reason: '' })).rejects.toThrow(/nothing left to cancel/);
    expect(published.map(({ eventType }) => eventType)).toEqual(['system.RedriveRequested', 'system.RedriveCancelled']);
  });

  test('goes on where it was when its runner is replaced, and two runners do not run it twice', async () => {
    const scope = family(await plant(400));
    const { redriveId } = await startRedrive(context, order(scope, { ratePerSecond: 400 }));
    await eventually('some to run', async () => (await getRedrive(db.database.intake, redriveId)).redriven > 20);
    const other = newRunner();
    other.start();
    await runner.stop();
    runner = newRunner();
    runner.start();
    expect(await over(redriveId)).toMatchObject({ state: 'done', redriven: 400, succeeded: 400 });
    await other.stop();
    expect(new Set(ran.map(({ id }) => id)).size).toBe(400);
    expect(ran).toHaveLength(400);
  });

  test('with an edit runs the changed input, if it fits the schema', async () => {
    await plant(3, { input: { n: '$n' } });
    const [id = ''] = await idsOf();
    const one: RedriveOrder['scope'] = { kind: 'selection', deadLetterIds: [id] };
    await expect(startRedrive(context, order(one))).rejects.toThrow(/input\.to: /);
    expect(await previewRedrive(db.database.intake, jobs, order(one, { edit: { kind: 'replace', input: { to: 7 } } }))).toMatchObject({
      willRun: 0, skipped: { invalidInput: 1 }, problems: [{ deadLetterId: id, issues: [{ field: 'to', message: expect.any(String) }] }],
    });
    const edit = { kind: 'replace', input: { to: 'somebody', extra: 1 } } as const;
    expect(await over((await startRedrive(context, order(one, { edit }))).redriveId)).toMatchObject({ succeeded: 1, edited: true });
    expect(ran).toEqual([{ id: redriveJobId(id), input: { to: 'somebody', extra: 1 } }]);
    expect(await over((await startRedrive(context, order({ kind: 'filter', filter: { jobType: 'SendJob' } }, { edit: { kind: 'merge', patch: { to: 'all' } } }))).redriveId)).toMatchObject({ succeeded: 2 });
    expect(ran.slice(1).map(({ input }) => input.to)).toEqual(['all', 'all']);
  });

  test('reaches no more than what had died when it was previewed', async () => {
    const scope = family(await plant(10));
    const { asOfMs } = await previewRedrive(db.database.intake, jobs, order(scope));
    await db.database.intake.query(`UPDATE spine.dead_letter SET died_at = clock_timestamp() + interval '1 second' WHERE id = $1`, [(await idsOf())[0]]);
    expect(await over((await startRedrive(context, order(scope, { asOfMs }))).redriveId)).toMatchObject({ total: 9, succeeded: 9 });
    expect(await statuses()).toEqual({ redriven: 9, waiting: 1 });
  });
});

describe('a discard', () => {
  test('of many is undone as a whole, and the ledger tells both', async () => {
    const id = await plant(120);
    const { discardId, discarded } = await discardMany(context, { scope: family(id), reason: 'test calls' });
    expect(discarded).toBe(120);
    expect(await statuses()).toEqual({ discarded: 120 });
    await expect(startRedrive(context, order(family(id)))).rejects.toThrow(/No dead letter/);
    expect(await undoDiscard(context, { discardId })).toEqual({ restored: 120 });
    expect(await statuses()).toEqual({ waiting: 120 });
    await expect(undoDiscard(context, { discardId })).rejects.toThrow(/undone before/);
    expect(published.map(({ eventType, data }) => [eventType, data.discardId])).toEqual([['system.DeadLettersDiscarded', discardId], ['system.DiscardUndone', discardId]]);
    const { rows } = await db.database.intake.query<{ kind: string; n: string }>(`SELECT kind, count(*) AS n FROM spine.job_ledger WHERE kind IN ('discarded', 'restored') GROUP BY kind ORDER BY kind`);
    expect(rows.map(({ kind, n }) => [kind, Number(n)])).toEqual([['discarded', 120], ['restored', 120]]);
  });

  test('can be undone for seven days and no longer', async () => {
    const { discardId } = await discardMany(context, { scope: family(await plant(2)), reason: 'x' });
    const [id = ''] = await idsOf();
    await db.database.intake.query(`UPDATE spine.discard SET discarded_at = now() - interval '8 days'; UPDATE spine.dead_letter SET decided_at = now() - interval '8 days'`);
    await expect(undoDiscard(context, { discardId })).rejects.toThrow(/for 7 days/);
    await expect(undoDiscard(context, { deadLetterId: id })).rejects.toThrow(/for 7 days/);
    expect(await statuses()).toEqual({ discarded: 2 });
  });
});

describe('a failure family', () => {
  const families = () => listFamilies(db.database.intake, '0.3.0', { show: 'open', limit: 100 });

  test('counts its dead letters through every decision, with trend and sample', async () => {
    const id = await plant(30, { overMs: 7_200_000 });
    await plant(4, { message: 'another cause' });
    const [ids, all] = [await idsOf(), await families()];
    expect(all).toMatchObject({ total: 2, waiting: 34, unsorted: 0 });
    const mine = all.families.find(({ family: each }) => each === id);
    expect(mine).toMatchObject({ waiting: 30, redriven: 0, template: 'no answer for order <n>', trend: 'growing', sample: { message: 'no answer for order 30' } });
    expect(mine?.byHour.reduce((sum, n) => sum + n, 0)).toBe(30);
    await discardMany(context, { scope: { kind: 'selection', deadLetterIds: ids.slice(0, 5) }, reason: 'x' });
    await over((await startRedrive(context, order({ kind: 'selection', deadLetterIds: ids.slice(5, 12) }))).redriveId);
    expect((await families()).families.find(({ family: each }) => each === id)).toMatchObject({ waiting: 18, redriven: 7, discarded: 5 });
    const page = await listDeadLetters(db.database.intake, { status: 'waiting', family: id, limit: 5 });
    expect(page).toMatchObject({ total: 18, rows: [{ family: id }, {}, {}, {}, {}] });
    expect((await listDeadLetters(db.database.intake, { status: 'all', text: 'ORDER 30', limit: 5 })).rows).toHaveLength(1);
  });

  test('is marked as fixed or ignored; what dies after that is told', async () => {
    const id = await plant(3);
    const marked = async (what: Parameters<typeof mark>[1]['mark']) => (await mark(context, { family: id, mark: what, reason: 'ticket 7' })).mark;
    expect(await marked({ kind: 'fixed', version: '0.4.0' })).toMatchObject({ kind: 'fixed', version: '0.4.0', by: 'ada', reason: 'ticket 7', diedSince: 0, state: 'awaits-version' });
    expect(await marked({ kind: 'fixed', version: '0.3.0' })).toMatchObject({ state: 'active' });
    await plant(2);
    expect((await families()).families[0]?.mark).toMatchObject({ state: 'came-back', diedSince: 2 });
    expect(await waitingLetters(db.database.intake)).toMatchObject({ waiting: 5, ignored: 0 });
    expect(await marked({ kind: 'ignored', untilMs: Date.now() + 60_000 })).toMatchObject({ state: 'active' });
    expect(await waitingLetters(db.database.intake)).toMatchObject({ waiting: 0, ignored: 5 });
    expect(await marked({ kind: 'ignored', untilMs: Date.now() - 1 })).toMatchObject({ state: 'lapsed' });
    expect(await waitingLetters(db.database.intake)).toMatchObject({ waiting: 5, ignored: 0 });
    expect(await marked({ kind: 'none' })).toBe(null);
    expect(published.map(({ eventType }) => eventType)).toEqual(Array.from({ length: 5 }, () => 'system.FamilyMarked'));
  });

  test('is found for dead letters from before the families, too', async () => {
    await plant(450, { unsorted: true });
    expect(await families()).toMatchObject({ total: 0, unsorted: 450 });
    expect(await waitingLetters(db.database.intake)).toMatchObject({ waiting: 450 });
    expect(await previewRedrive(db.database.intake, jobs, order({ kind: 'filter', filter: {} }))).toMatchObject({ willRun: 450, skipped: { unreadable: 0 } });
    // Two processes at once share the work.
    const sorted = await Promise.all([1, 2].map(() => backfillFamilies(db.database.intake, new AbortController().signal)));
    expect(sorted.reduce((sum, n) => sum + n, 0)).toBe(450);
    const after = await families();
    expect(after).toMatchObject({ total: 1, waiting: 450, unsorted: 0, families: [{ waiting: 450, template: 'no answer for order <n>' }] });
    expect(after.families[0]?.byHour.reduce((sum, n) => sum + n, 0)).toBe(450);
    expect(await over((await startRedrive(context, order({ kind: 'filter', filter: {} }))).redriveId)).toMatchObject({ succeeded: 450 });
  });
});

test('the export gives every dead letter of a filter once, one a line', async () => {
  await plant(1_203);
  await plant(7, { message: 'other "quoted"\nwith a line' });
  const lines: string[] = [];
  for await (const { ndjson } of exportDeadLetters(db.database.intake, 'waiting', { text: 'o' }, new AbortController().signal)) lines.push(...ndjson.trimEnd().split('\n'));
  const read = lines.map((line) => JSON.parse(line) as { deadLetterId: string; payload: { input: object }; diedAt: string });
  expect(new Set(read.map(({ deadLetterId }) => deadLetterId)).size).toBe(1_210);
  expect(read).toHaveLength(1_210);
  expect(read[0]).toMatchObject({ payload: { input: { to: 'ops' } }, diedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) });
});
