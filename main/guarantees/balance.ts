/** The books of the jobs: everything that was owed has one end, or still waits. Counted in one statement, so in one snapshot. */
import type { Sql } from '../database/database.ts';

export interface Balance {
  readonly owed: number;
  readonly completed: number;
  readonly dead: number;
  /** On their queues: waiting, running, retrying. */
  readonly waiting: number;
  readonly enqueuedTwice: number;
  readonly endedTwice: number;
}

export async function balanceOf(sql: Sql): Promise<Balance> {
  const { rows } = await sql.query<Balance>(
    `WITH books AS (
       SELECT count(*) FILTER (WHERE kind = 'enqueued') AS enqueued, count(*) FILTER (WHERE kind = 'completed') AS completed, count(*) FILTER (WHERE kind = 'dead') AS dead
       FROM spine.job_ledger WHERE kind IN ('enqueued', 'completed', 'dead') GROUP BY job_id)
     SELECT count(*) FILTER (WHERE enqueued > 0)::int AS owed, coalesce(sum(completed), 0)::int AS completed, coalesce(sum(dead), 0)::int AS dead,
            (SELECT count(*) FROM pgboss.job WHERE name IN (SELECT DISTINCT detail->>'queue' FROM spine.job_ledger WHERE kind = 'enqueued'))::int AS waiting,
            count(*) FILTER (WHERE enqueued > 1)::int AS "enqueuedTwice", count(*) FILTER (WHERE completed + dead > 1)::int AS "endedTwice"
     FROM books`,
  );
  const [balance] = rows;
  if (!balance) throw new Error('the books gave no row');
  return balance;
}
