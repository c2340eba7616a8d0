/** Paused queues: kept in Postgres, so that a pause survives a restart and holds on every node. */
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
