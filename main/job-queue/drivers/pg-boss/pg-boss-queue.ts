/**
 * The job queue on pg-boss: its tables, its claim statement and its fences; the pump, the backoff, the dead letters
 * (docs/adr/0003) and the rescue of jobs whose worker is gone are ours.
 */
import type pg from 'pg';
import { PgBoss, type Db } from 'pg-boss';
import { prepared, type Sql } from '../../../database/database.ts';
import type { ClaimedJob, JobQueue, NewJob } from '../../job-queue.ts';

/** pg-boss never gives a job up by itself: our catalogue counts the attempts. */
const RETRY_LIMIT = 1_000_000;
/** Waiting jobs are kept for ten years: pg-boss would drop them after 14 days. */
const RETENTION_SECONDS = 315_360_000;
/** An attempt that has not said that it is alive for this long is put back. pg-boss wants at least 10. */
const HEARTBEAT_SECONDS = 20;
/** Backstop far above every job type's own timeout. */
const EXPIRE_SECONDS = 7_200;

/** Between looks for jobs whose worker is gone, ms: together with the heartbeat, one is back on its queue within half a minute. */
const RESCUE_EVERY_MS = 5_000;
/**
 * pg-boss's own supervision reads all jobs for that, and counts them at the same time: half a second of a core each five
 * seconds with a million jobs waiting. It goes on with what it has to clear away.
 */
const SUPERVISE_EVERY_S = 3_600;
const ACTIVE_INDEX = `CREATE INDEX IF NOT EXISTS spine_active ON pgboss.job (name) WHERE state = 'active'`;
const RESCUE = `
  UPDATE pgboss.job SET state = 'retry', start_after = pgboss.job_now(), heartbeat_on = NULL
  WHERE state = 'active' AND (heartbeat_on < pgboss.job_now() - heartbeat_seconds * interval '1s' OR started_on < pgboss.job_now() - expire_seconds * interval '1s')`;

/** Between looks for jobs whose type is not asked for, ms. */
const STRAY_LOOK_MS = 5_000;

/** A job's type is its pg-boss group: this finds the next of each type without passing over the others. */
const CLAIM_INDEX = `CREATE INDEX IF NOT EXISTS spine_claim_by_type ON pgboss.job (name, group_id, priority DESC, created_on) WHERE state < 'active' AND NOT blocked`;
/** pg-boss's own claim, but for the turns of the types: it sets what fetch sets. */
const FAIR_CLAIM = `
  WITH next AS MATERIALIZED (
    SELECT c.id FROM unnest($2::text[], $3::int[]) AS t (type, in_hand)
    CROSS JOIN LATERAL (
      SELECT d.id, d.priority, d.created_on, row_number() OVER (ORDER BY d.priority DESC, d.created_on) AS nth
      FROM (
        SELECT j.id, j.priority, j.created_on FROM pgboss.job j
        WHERE j.name = $1 AND j.group_id = t.type AND j.state < 'active' AND NOT j.blocked AND j.start_after <= pgboss.job_now()
        ORDER BY j.priority DESC, j.created_on LIMIT $4 FOR UPDATE SKIP LOCKED
      ) d
    ) c
    ORDER BY c.priority DESC, t.in_hand + c.nth, c.created_on LIMIT $4
  )
  UPDATE pgboss.job j SET state = 'active', started_on = pgboss.job_now(), heartbeat_on = pgboss.job_now(),
    retry_count = CASE WHEN started_on IS NOT NULL THEN retry_count + 1 ELSE retry_count END
  FROM next WHERE j.name = $1 AND j.id = next.id
  RETURNING j.id, j.data, j.retry_count`;

/**
 * What pg-boss's insert and claim would make of a new job together, in one row version: claiming a row that was inserted in the
 * same transaction writes it, and its entries in nearly all indexes, a second time.
 */
const INSERT_CLAIMED = `
  INSERT INTO pgboss.job (id, name, data, priority, group_id, state, created_on, start_after, started_on, heartbeat_on, keep_until,
    expire_seconds, deletion_seconds, heartbeat_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max, policy, dead_letter)
  SELECT e.id, q.name, e.data, e.priority, e.type, 'active', n.at, n.at, n.at, n.at, n.at + q.retention_seconds * interval '1s',
    q.expire_seconds, q.deletion_seconds, q.heartbeat_seconds, q.retry_limit, q.retry_delay, q.retry_backoff, q.retry_delay_max, q.policy, q.dead_letter
  FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[]::jsonb[]) AS e (id, priority, type, data)
  CROSS JOIN (SELECT pgboss.job_now() AS at) n JOIN pgboss.queue q ON q.name = $1
  ON CONFLICT DO NOTHING RETURNING id`;

/** Of one job without a list: Postgres keeps its plan, and makes the one for a list anew each time, at three times what the rest of ending a job costs. */
const DELETE_ONE = `DELETE FROM pgboss.job WHERE name = $1 AND id = $2 AND retry_count = $3 AND state = 'active' RETURNING 1`;
const DELETE_SEVERAL = `
  DELETE FROM pgboss.job j USING unnest($2::uuid[], $3::int[]) AS c (id, retry_count)
  WHERE j.name = $1 AND j.id = c.id AND j.retry_count = c.retry_count AND j.state = 'active' RETURNING 1`;

export interface PgBossQueueOptions {
  readonly work: pg.Pool;
  /** Called when pg-boss reports an error of its own maintenance. */
  readonly onError: (error: Error) => void;
}

export function createPgBossQueue({ work, onError }: PgBossQueueOptions): JobQueue {
  const workDb = dbOf(work);
  const boss = new PgBoss({
    db: workDb,
    schema: 'pgboss',
    // Schedules are ours (docs/adr/0008).
    schedule: false,
    superviseIntervalSeconds: 300,
    monitorIntervalSeconds: SUPERVISE_EVERY_S,
    maintenanceIntervalSeconds: 300,
    // The spans are ours: they carry the correlation.
    openTelemetry: { enabled: false },
  });
  boss.on('error', onError);
  const fetchAny = async (queue: string, max: number): Promise<ClaimedJob[]> => {
    const jobs = await boss.fetch<unknown>(queue, { batchSize: max });
    return jobs.map(({ id, data, retryCount }) => ({ id, queue, attempt: retryCount + 1, payload: data }));
  };
  const strayLooks = new Map<string, number>();
  let rescues: NodeJS.Timeout | undefined;
  const fence = (jobs: readonly ClaimedJob[]): { id: string; retryCount: number }[] => jobs.map(({ id, attempt }) => ({ id, retryCount: attempt - 1 }));

  return {
    async start() {
      await boss.start();
      await work.query(CLAIM_INDEX);
      await work.query(ACTIVE_INDEX);
      rescues = setInterval(() => void work.query(RESCUE).catch(onError), RESCUE_EVERY_MS);
    },
    async stop() {
      clearInterval(rescues);
      await boss.stop({ graceful: false });
    },
    async ensureQueue(name) {
      const settings = { retryLimit: RETRY_LIMIT, retryDelay: 1, retentionSeconds: RETENTION_SECONDS, expireInSeconds: EXPIRE_SECONDS, heartbeatSeconds: HEARTBEAT_SECONDS, deleteAfterSeconds: 3_600 };
      await boss.createQueue(name, settings);
      await boss.updateQueue(name, settings);
    },
    async enqueue(sql, jobs) {
      for (const statement of await this.enqueueStatements(jobs)) await sql.query(statement);
    },

    async enqueueStatements(jobs) {
      const statements: pg.QueryConfig[] = [];
      // pg-boss writes the statement; it is kept instead of run.
      const keep = { executeSql: async (text: string, values?: unknown[]) => (statements.push(prepared(text, values)), { rows: [] }) } as Db;
      for (const [queue, ofQueue] of groupByQueue(jobs)) await boss.insert(queue, ofQueue.map(({ id, priority, payload }) => ({ id, priority, data: payload, group: { id: payload.jobType } })), { db: keep, returnId: false } as { db: Db });
      return statements;
    },

    claimedWrite(queue, jobs) {
      return { text: INSERT_CLAIMED, values: [queue, jobs.map(({ id }) => id), jobs.map(({ priority }) => priority), jobs.map(({ payload }) => payload.jobType), jobs.map(({ payload }) => JSON.stringify(payload))], answersIds: true };
    },

    async claim(queue, max, types) {
      if (types.length === 0) return fetchAny(queue, max);
      const { rows } = await work.query<{ id: string; data: unknown; retry_count: number }>(prepared(FAIR_CLAIM, [queue, types.map(({ jobType }) => jobType), types.map(({ inHand }) => inHand), max]));
      const claimed = rows.map(({ id, data, retry_count }): ClaimedJob => ({ id, queue, attempt: retry_count + 1, payload: data }));
      const lastStrayLook = strayLooks.get(queue) ?? Number.NEGATIVE_INFINITY;
      if (claimed.length === max || performance.now() - lastStrayLook < STRAY_LOOK_MS) return claimed;
      strayLooks.set(queue, performance.now());
      // Jobs of types that nobody here knows (a plugin was taken away) must be claimed as well, to be given up with a reason.
      return [...claimed, ...(await fetchAny(queue, max - claimed.length))];
    },
    finishWrite(queue, jobs) {
      const mustReturn = { rows: jobs.length, what: 'claims are still good' };
      const [only] = jobs;
      if (jobs.length === 1 && only) return { text: DELETE_ONE, values: [queue, only.id, only.attempt - 1], mustReturn };
      return { text: DELETE_SEVERAL, values: [queue, jobs.map(({ id }) => id), jobs.map(({ attempt }) => attempt - 1)], mustReturn };
    },

    retryWrite(job, delayMs, error) {
      // pg-boss counts backoff in whole seconds by its own rule; ours is in ms and honours retry-after.
      return {
        text: `UPDATE pgboss.job SET state = 'retry', start_after = clock_timestamp() + make_interval(secs => $4), heartbeat_on = NULL, output = $5::text::jsonb
          WHERE name = $1 AND id = $2 AND retry_count = $3 AND state = 'active' RETURNING 1`,
        values: [job.queue, job.id, job.attempt - 1, delayMs / 1_000, JSON.stringify(toOutput(error))],
        mustReturn: { rows: 1, what: 'claims are still good' },
      };
    },

    async heartbeat(queue, jobs) {
      if (jobs.length > 0) await boss.touch(queue, fence(jobs));
    },
    async releaseOrphans(queue) {
      const { rowCount } = await work.query(`UPDATE pgboss.job SET state = 'retry', start_after = clock_timestamp(), heartbeat_on = NULL WHERE name = $1 AND state = 'active'`, [queue]);
      return rowCount ?? 0;
    },

    async takeWaiting(sql, queue, id) {
      const { rows } = await sql.query<{ data: unknown; retry_count: number; started: boolean }>(
        `DELETE FROM pgboss.job WHERE name = $1 AND id = $2 AND state < 'active' RETURNING data, retry_count, started_on IS NOT NULL AS started`,
        [queue, id],
      );
      const [row] = rows;
      return row ? { id, queue, attempt: row.started ? row.retry_count + 1 : 0, payload: row.data } : null;
    },
    async hasten(sql, queue, id) {
      const { rowCount } = await sql.query(`UPDATE pgboss.job SET start_after = pgboss.job_now() WHERE name = $1 AND id = $2 AND state < 'active' AND start_after > pgboss.job_now()`, [queue, id]);
      return rowCount === 1;
    },
    async moveToFront(sql, queue, id, types) {
      const { rows } = await sql.query<{ priority: number }>(
        `UPDATE pgboss.job SET priority = 1 + (
           SELECT coalesce(max(first.priority), 0) FROM unnest($3::text[]) AS t (type)
           CROSS JOIN LATERAL (SELECT j.priority FROM pgboss.job j WHERE j.name = $1 AND j.group_id = t.type AND j.state < 'active' AND NOT j.blocked ORDER BY j.priority DESC LIMIT 1) first
         ) WHERE name = $1 AND id = $2 AND state < 'active' RETURNING priority`,
        [queue, id, types],
      );
      return rows[0]?.priority ?? null;
    },

    async nextDueInMs(queue) {
      const { rows } = await work.query<{ ms: string | null }>(
        `SELECT extract(epoch FROM min(start_after) - clock_timestamp()) * 1000 AS ms FROM pgboss.job WHERE name = $1 AND state = 'retry'`,
        [queue],
      );
      const ms = rows[0]?.ms;
      return ms === null || ms === undefined ? null : Math.max(0, Number(ms));
    },
  };
}

/** Hand our pool or transaction to pg-boss. */
function dbOf(sql: Sql): Db {
  // Statements with parameters recur; those without are installation and maintenance.
  return { executeSql: (text, values) => (values && values.length > 0 ? sql.query(prepared(text, values)) : sql.query(text)) };
}

function groupByQueue(jobs: readonly NewJob[]): Map<string, NewJob[]> {
  const groups = new Map<string, NewJob[]>();
  for (const job of jobs) {
    const group = groups.get(job.queue);
    if (group) group.push(job);
    else groups.set(job.queue, [job]);
  }
  return groups;
}

function toOutput(error: unknown): object {
  return error instanceof Error ? { name: error.name, message: error.message } : { message: String(error) };
}

