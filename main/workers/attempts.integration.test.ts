/** The life of attempts on a real Postgres: what is committed together, what is fenced off, what is never repeated. */
import { v4 as uuidv4 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import { NotRetryableError, RateLimitedError, RetryableError } from '../../shared/errors.ts';
import { defineJob, JobCatalogue, type JobPayload } from '../../shared/job-catalogue/index.ts';
import { eventually } from '../../tests/support/site-process.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { inTransaction } from '../database/database.ts';
import { redriveDeadLetter } from '../job-queue/dead-letters.ts';
import { readLedger, LEDGER_START } from '../job-queue/ledger.ts';
import { newJob } from '../job-queue/new-job.ts';
import { SpanRecorder } from '../telemetry/spans.ts';
import type { Handler } from './handler.ts';
import { writeEntity } from './handlers/write-entity.ts';
import { WorkerPool } from './worker-pool.ts';

const quick = { maxAttempts: 3, baseMs: 20, capMs: 40 };
const jobs = new JobCatalogue([
  defineJob({ type: 'ProbeJob', description: 'x', tier: 'realtime', schema: z.looseObject({}), retry: quick, timeoutMs: 400, replaySafety: 'idempotent' }),
]);
const handlers = new Map<string, Handler>();
let db: TestDatabase;
let pool: WorkerPool;

beforeAll(async () => {
  db = await startTestDatabase();
  for (const { name, tier } of jobs.queues()) await db.queue.ensureQueue(name, tier);
  handlers.set('WriteEntityJob', writeEntity() as Handler);
  pool = new WorkerPool({
    queues: jobs.queues(), concurrency: { realtime: 16, interactive: 4, background: 16 }, queue: db.queue, durablePool: db.database.intake, onDisk: db.database.onDisk, notesPool: db.database.work,
    services: { pool: db.database.intake, events: new EventCatalogue(), jobs, handlers, spans: new SpanRecorder(), domains: new Set(['data', 'job', 'system']), maxPayload: 1_000_000, source: 'test' },
    onCommitted: () => {},
    onError: () => {},
  });
  pool.start();
});
afterAll(async () => {
  await pool?.stop(2_000);
  await db?.stop();
});

async function enqueue(jobType: string, input: object, more: Partial<JobPayload> = {}): Promise<string> {
  const definition = jobs.get(jobType);
  if (!definition) throw new Error(jobType);
  const id = uuidv4();
  const payload: JobPayload = { jobType, triggeringEventId: uuidv4(), correlationId: uuidv4(), input, idempotencyKey: id, publishedMs: Date.now(), enqueuedMs: Date.now(), ...more };
  const { job } = newJob(id, definition, payload, 'test');
  await db.queue.enqueue(db.database.intake, [job]);
  pool.wake([job.queue]);
  return id;
}
const probe = (handler: Handler): Promise<string> => {
  handlers.set('ProbeJob', handler);
  return enqueue('ProbeJob', {});
};
/** The kinds of a job's ledger entries, in order, once it has ended. */
const ledgerOf = (jobId: string): Promise<string[]> =>
  eventually(`the end of ${jobId}`, async () => {
    const { rows } = await db.database.intake.query<{ kind: string }>(`SELECT kind FROM spine.job_ledger WHERE job_id = $1 AND kind <> 'started' ORDER BY id`, [jobId]);
    const kinds = rows.map(({ kind }) => kind);
    return (kinds.includes('completed') || kinds.includes('dead')) && kinds;
  });
const outboxOf = async (eventType: string): Promise<{ jobId: string; data: Record<string, unknown> }[]> => {
  const { rows } = await db.database.intake.query<{ body: string }>('SELECT body FROM spine.outbox WHERE event_type = $1 ORDER BY id', [eventType]);
  return rows.map(({ body }) => JSON.parse(body) as { jobId: string; data: Record<string, unknown> });
};

describe('a claim', () => {
  const waiting = async (jobType: string, priority = 0): Promise<string> => {
    const id = uuidv4();
    const payload: JobPayload = { jobType, triggeringEventId: uuidv4(), correlationId: uuidv4(), input: {}, idempotencyKey: id, publishedMs: Date.now(), enqueuedMs: Date.now() };
    await db.queue.enqueue(db.database.intake, [{ id, queue: 'fair', priority, payload }]);
    return id;
  };
  const typesOf = (claimed: readonly { payload: unknown }[]): string[] => claimed.map(({ payload }) => (payload as JobPayload).jobType).sort();
  const shares = (first: number, second: number) => [{ jobType: 'First', inHand: first }, { jobType: 'Second', inHand: second }];

  test('takes higher priorities first, and lets the types take turns among equals', async () => {
    await db.queue.ensureQueue('fair', 'interactive');
    for (let i = 0; i < 20; i += 1) await waiting('First');
    for (let i = 0; i < 4; i += 1) await waiting('Second');
    // Twenty of the first came before: still half of the slots go to the second.
    expect(typesOf(await db.queue.claim('fair', 4, shares(0, 0)))).toEqual(['First', 'First', 'Second', 'Second']);
    // One slot, and the first has two in hand already.
    expect(typesOf(await db.queue.claim('fair', 1, shares(2, 1)))).toEqual(['Second']);
    const urgent = await waiting('First', 5);
    expect((await db.queue.claim('fair', 1, shares(9, 0))).map(({ id }) => id)).toEqual([urgent]);
  });

  test('finds jobs of a type that nobody knows any more', async () => {
    await db.queue.ensureQueue('stray', 'interactive');
    const id = uuidv4();
    await db.queue.enqueue(db.database.intake, [{ id, queue: 'stray', priority: 0, payload: { jobType: 'Gone', triggeringEventId: id, correlationId: id, input: {}, idempotencyKey: id, publishedMs: 0, enqueuedMs: 0 } }]);
    expect((await db.queue.claim('stray', 5, shares(0, 0))).map((job) => job.id)).toEqual([id]);
  });
});

describe('an attempt', () => {
  test('leaves its rows, its events and its end together', async () => {
    const id = await probe(async (attempt) => {
      attempt.emit('data.EntityDeleted', { entityType: 'a', entityId: attempt.job.id, version: 1 });
      attempt.handOn('WriteEntityJob', { entityType: 'probe', entityId: attempt.job.id, attributes: { n: 1 } }, 'only');
    });
    expect(await ledgerOf(id)).toEqual(['completed']);
    expect((await outboxOf('data.EntityDeleted')).filter(({ jobId }) => jobId === id)).toHaveLength(1);
    expect((await outboxOf('job.Completed')).filter(({ jobId }) => jobId === id)).toHaveLength(1);
    await eventually('the job handed on', async () => (await db.database.intake.query(`SELECT 1 FROM spine.entity WHERE entity_id = $1`, [id])).rows.length === 1);
  });

  test('that fails leaves the events that it gave for this case, once an attempt, and no other', async () => {
    const id = await probe(async (attempt) => {
      attempt.emit('data.EntityDeleted', { entityType: 'never', entityId: 'x', version: 1 });
      attempt.emitIfFailed('data.EntityDeleted', { entityType: attempt.job.lastAttempt ? 'last' : 'not-last', entityId: attempt.job.id, version: attempt.job.attempt });
      throw new RetryableError('no');
    });
    expect(await ledgerOf(id)).toEqual(['failed', 'failed', 'dead']);
    expect((await outboxOf('data.EntityDeleted')).filter(({ jobId }) => jobId === id).map(({ data }) => [data.entityType, data.version])).toEqual([['not-last', 1], ['not-last', 2], ['last', 3]]);
  });

  test('that throws leaves nothing, is tried again, and dies after its last attempt', async () => {
    let runs = 0;
    const id = await probe(async (attempt) => {
      runs += 1;
      attempt.emit('data.EntityDeleted', { entityType: 'never', entityId: 'x', version: 1 });
      throw new RetryableError(`run ${runs}`);
    });
    expect(await ledgerOf(id)).toEqual(['failed', 'failed', 'dead']);
    expect(runs).toBe(3);
    expect((await outboxOf('data.EntityDeleted')).filter(({ jobId }) => jobId === id)).toEqual([]);
    const { rows } = await db.database.intake.query('SELECT reason, attempts, error_message FROM spine.dead_letter WHERE id = $1', [id]);
    expect(rows).toEqual([{ reason: 'retries-exhausted', attempts: 3, error_message: 'run 3' }]);
    expect((await db.database.intake.query('SELECT 1 FROM pgboss.job WHERE id = $1', [id])).rows).toEqual([]);
  });

  test('whose error can’t be helped goes straight to the dead letters', async () => {
    const id = await probe(async () => {
      throw new NotRetryableError('no such customer');
    });
    expect(await ledgerOf(id)).toEqual(['dead']);
  });

  test('that is told to wait starts again no sooner', async () => {
    const starts: number[] = [];
    const id = await probe(async () => {
      starts.push(Date.now());
      if (starts.length === 1) throw new RateLimitedError('slow down', 600);
    });
    expect(await ledgerOf(id)).toEqual(['failed', 'completed']);
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(600);
  });

  test('that runs too long is aborted and counts as failed', async () => {
    const reasons: unknown[] = [];
    const id = await probe(
      (attempt) =>
        new Promise((resolve) => {
          if (attempt.job.attempt > 1) resolve();
          attempt.signal.addEventListener('abort', () => reasons.push(attempt.signal.reason));
        }),
    );
    expect(await ledgerOf(id)).toEqual(['failed', 'completed']);
    expect(reasons).toEqual([expect.objectContaining({ message: expect.stringContaining('400 ms') })]);
  });

  test('does a thing once, over all its attempts', async () => {
    let outside = 0;
    const id = await probe(async (attempt) => {
      const receipt = await attempt.once('send', async () => ({ n: ++outside }));
      expect(receipt).toEqual({ n: 1 });
      if (attempt.job.attempt < 3) throw new RetryableError('after the effect');
    });
    expect(await ledgerOf(id)).toEqual(['failed', 'failed', 'completed']);
    expect(outside).toBe(1);
  });

  test('whose rows are refused fails alone; its neighbours in the commit end, and emit once', async () => {
    handlers.set('ProbeJob', async (attempt) => {
      const { bad } = attempt.input as { bad: boolean };
      attempt.atFinish(async (tx) => {
        attempt.emit('data.EntityDeleted', { entityType: 'neighbour', entityId: attempt.job.id, version: 1 });
        if (bad) await tx.query('INSERT INTO spine.entity (entity_type) VALUES (NULL)');
      });
    });
    const ids = await Promise.all(Array.from({ length: 12 }, (_, i) => enqueue('ProbeJob', { bad: i === 5 })));
    const ends = await Promise.all(ids.map(ledgerOf));
    expect(ends.filter((kinds) => kinds.join() === 'completed')).toHaveLength(11);
    expect(ends[5]).toEqual(['failed', 'failed', 'dead']);
    const emitted = (await outboxOf('data.EntityDeleted')).filter(({ data }) => data.entityType === 'neighbour').map(({ jobId }) => jobId);
    expect([...emitted].sort()).toEqual(ids.filter((_, i) => i !== 5).sort());
  });

  test('that comes too late changes nothing', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let runs = 0;
    const id = await probe(async (attempt) => {
      runs += 1;
      const mine = runs;
      if (mine === 1) await held;
      attempt.emit('data.EntityDeleted', { entityType: 'late', entityId: `run ${mine}`, version: 1 });
    });
    await eventually('the first run', async () => runs === 1);
    // Its lease is taken away, as the supervisor does with a worker that has gone silent.
    await db.queue.releaseOrphans('realtime');
    pool.wake(['realtime']);
    expect(await ledgerOf(id)).toContain('completed');
    release();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const late = (await outboxOf('data.EntityDeleted')).filter(({ data }) => data.entityType === 'late');
    expect(late.map(({ data }) => data.entityId)).toEqual(['run 2']);
  });
});

describe('a dead letter', () => {
  test('is redriven at most once, however many press the button at the same time, and repeats no recorded effect', async () => {
    let outside = 0;
    let fail = true;
    const id = await probe(async (attempt) => {
      await attempt.once('send', async () => ++outside);
      if (fail) throw new NotRetryableError('broken');
    });
    expect(await ledgerOf(id)).toEqual(['dead']);
    fail = false;
    const press = (): Promise<{ jobId: string }> => inTransaction(db.database.intake, (tx) => redriveDeadLetter(tx, db.queue, jobs, id, { operator: 'test', reason: 'again' }, 'test'));
    const pressed = await Promise.allSettled(Array.from({ length: 8 }, press));
    const won = pressed.filter((result) => result.status === 'fulfilled');
    expect(won).toHaveLength(1);
    pool.wake(['realtime']);
    expect(await ledgerOf(won[0]?.value.jobId ?? '')).toEqual(['enqueued', 'completed']);
    expect(outside).toBe(1);
  });
});

describe('entities', () => {
  test('written by many at once get one version each, without a gap', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => enqueue('WriteEntityJob', { entityType: 'counter', entityId: 'c', attributes: { n } })));
    await Promise.all(ids.map(ledgerOf));
    const { rows } = await db.database.intake.query<{ version: number }>(`SELECT version FROM spine.entity_version WHERE entity_type = 'counter' ORDER BY version`);
    expect(rows.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect((await outboxOf('data.EntityCreated')).filter(({ data }) => data.entityType === 'counter')).toHaveLength(1);
    expect((await outboxOf('data.EntityUpdated')).filter(({ data }) => data.entityType === 'counter')).toHaveLength(19);
  });
});

test('a reader of the ledger sees every entry once, also those that commit late', async () => {
  const late = await db.database.intake.connect();
  await late.query('BEGIN');
  await late.query(`INSERT INTO spine.job_ledger (kind, job_id, detail) VALUES ('redriven', $1, '{"as":"x"}')`, [uuidv4()]);
  await db.database.intake.query(`INSERT INTO spine.job_ledger (kind, job_id, detail) VALUES ('redriven', $1, '{"as":"early"}')`, [uuidv4()]);
  const before = await readLedger(db.database.intake, LEDGER_START, 100_000);
  expect(before.some(({ detail }) => 'as' in detail && detail.as === 'early')).toBe(false);
  await late.query('COMMIT');
  late.release();
  const last = before.at(-1);
  const after = await eventually('both entries', async () => {
    const entries = await readLedger(db.database.intake, last ?? LEDGER_START, 100_000);
    return entries.length >= 2 && entries;
  });
  expect(after.flatMap(({ detail }) => ('as' in detail ? [detail.as] : []))).toEqual(['x', 'early']);
});
