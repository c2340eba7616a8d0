/** Dead letters as NDJSON, newest first, page by page: memory stays the same however many there are. */
import type { DeadLetterFilter } from '../../shared/operator-api/index.ts';
import type { Sql } from '../database/database.ts';
import { filterConditions, Values } from './scope.ts';

const PAGE = 500;

/** One line a dead letter: who it was, why it died, what was decided, its payload. Ends early when `signal` is aborted. */
export async function* exportDeadLetters(
  sql: Sql, status: 'waiting' | 'redriven' | 'discarded' | 'all', filter: DeadLetterFilter, signal: AbortSignal,
): AsyncGenerator<{ ndjson: string; lines: number }, void> {
  let last: { died: string; id: string } | null = null;
  while (!signal.aborted) {
    const values = new Values();
    const conditions = filterConditions(filter, values);
    if (status !== 'all') conditions.push(`d.status = ${values.add(status)}`);
    if (last) {
      const [died, id] = [values.add(last.died), values.add(last.id)];
      conditions.push(`(d.died_at < ${died}::timestamptz OR (d.died_at = ${died}::timestamptz AND d.id > ${id}::uuid))`);
    }
    const { rows } = await sql.query<{ id: string; died: string; line: string }>(
      `SELECT d.id, d.died_at::text AS died, json_build_object(
         'deadLetterId', d.id, 'jobType', d.job_type, 'queue', d.queue, 'tier', d.tier, 'status', d.status, 'reason', d.reason, 'family', d.family,
         'errorName', d.error_name, 'errorMessage', d.error_message, 'attempts', d.attempts, 'correlationId', d.correlation_id, 'triggeringEventId', d.triggering_event_id,
         'idempotencyKey', d.idempotency_key, 'diedAt', to_char(d.died_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'decidedAt', to_char(d.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'decidedBy', d.decided_by, 'decisionReason', d.decision_reason,
         'redrivenAs', d.redriven_as, 'payload', d.payload)::text AS line
       FROM spine.dead_letter d ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY d.died_at DESC, d.id LIMIT ${PAGE}`,
      values.list,
    );
    const end = rows.at(-1);
    if (!end) return;
    yield { ndjson: rows.map(({ line }) => `${line}\n`).join(''), lines: rows.length };
    if (rows.length < PAGE) return;
    last = { died: end.died, id: end.id };
  }
}
