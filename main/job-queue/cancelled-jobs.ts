/** Jobs that an operator cancelled while they ran: remembered, so that a worker's death does not bring them back. */
import type { Sql } from '../database/database.ts';

export interface Cancellation {
  readonly operator: string;
  readonly reason: string;
}

/** Part of the transaction that says so in the audit. */
export async function rememberCancelled(tx: Sql, jobId: string, { operator, reason }: Cancellation): Promise<void> {
  await tx.query('INSERT INTO spine.cancelled_job (job_id, operator, reason) VALUES ($1, $2, $3) ON CONFLICT (job_id) DO NOTHING', [jobId, operator, reason]);
}

export async function cancellationOf(sql: Sql, jobId: string): Promise<Cancellation | null> {
  const { rows } = await sql.query<Cancellation>('SELECT operator, reason FROM spine.cancelled_job WHERE job_id = $1', [jobId]);
  return rows[0] ?? null;
}

/** Those cancelled in the last `ms`. */
export async function cancelledSince(sql: Sql, ms: number): Promise<(Cancellation & { jobId: string })[]> {
  const { rows } = await sql.query<Cancellation & { job_id: string }>('SELECT job_id, operator, reason FROM spine.cancelled_job WHERE cancelled_at > now() - make_interval(secs => $1)', [ms / 1_000]);
  return rows.map(({ job_id, operator, reason }) => ({ jobId: job_id, operator, reason }));
}

/** What its last attempt died of, in words. */
export const cancelledWords = ({ operator, reason }: Cancellation): string => `Cancelled by ${operator}: ${reason}`;
