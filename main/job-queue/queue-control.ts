/** What operators have said of queues: kept in Postgres, so that it survives a restart and holds on every node. */
import type { Sql } from '../database/database.ts';

export interface QueuePause {
  readonly queue: string;
  readonly operator: string;
  readonly reason: string;
  readonly sinceMs: number;
}

export async function pausedQueues(sql: Sql): Promise<QueuePause[]> {
  const { rows } = await sql.query<{ queue: string; paused_by: string; reason: string; paused_at: Date }>('SELECT queue, paused_by, reason, paused_at FROM spine.queue_control');
  return rows.map(({ queue, paused_by, reason, paused_at }) => ({ queue, operator: paused_by, reason, sinceMs: paused_at.getTime() }));
}

export async function pauseQueue(sql: Sql, queue: string, operator: string, reason: string): Promise<void> {
  await sql.query(
    `INSERT INTO spine.queue_control (queue, paused_by, reason) VALUES ($1, $2, $3)
     ON CONFLICT (queue) DO UPDATE SET paused_by = excluded.paused_by, reason = excluded.reason, paused_at = now()`,
    [queue, operator, reason],
  );
}

export async function resumeQueue(sql: Sql, queue: string): Promise<void> {
  await sql.query('DELETE FROM spine.queue_control WHERE queue = $1', [queue]);
}

export interface QueueConcurrency {
  readonly queue: string;
  readonly concurrency: number;
  readonly operator: string;
  readonly reason: string;
  readonly sinceMs: number;
}

/** Queues of which an operator has changed how many jobs run at once. */
export async function changedConcurrencies(sql: Sql): Promise<QueueConcurrency[]> {
  const { rows } = await sql.query<{ queue: string; concurrency: number; changed_by: string; reason: string; changed_at: Date }>('SELECT queue, concurrency, changed_by, reason, changed_at FROM spine.queue_concurrency');
  return rows.map(({ queue, concurrency, changed_by, reason, changed_at }) => ({ queue, concurrency, operator: changed_by, reason, sinceMs: changed_at.getTime() }));
}

/** @param concurrency null: as the configuration says. */
export async function changeConcurrency(sql: Sql, queue: string, concurrency: number | null, operator: string, reason: string): Promise<void> {
  if (concurrency === null) {
    await sql.query('DELETE FROM spine.queue_concurrency WHERE queue = $1', [queue]);
    return;
  }
  await sql.query(
    `INSERT INTO spine.queue_concurrency (queue, concurrency, changed_by, reason) VALUES ($1, $2, $3, $4)
     ON CONFLICT (queue) DO UPDATE SET concurrency = excluded.concurrency, changed_by = excluded.changed_by, reason = excluded.reason, changed_at = now()`,
    [queue, concurrency, operator, reason],
  );
}
