/** Redrives as the console lists them. */
import { NotFoundError } from '../../shared/errors.ts';
import { RedriveItem, RedriveRow } from '../../shared/operator-api/index.ts';
import type { Sql } from '../database/database.ts';
import { readReason } from './state-reason.ts';

const COLUMNS = `id AS "redriveId", scope, (SELECT f.job_type || ': ' || f.message_template FROM spine.failure_family f WHERE f.id = (scope->>'family')::uuid) AS "familyWords", operator, reason, edit IS NOT NULL AS edited, repeat_unsafe AS "repeatUnsafe", rate AS "ratePerSecond", canary, stop_ratio AS "stopRatio",
  state, state_reason AS "stateReason", total, skipped, redriven, succeeded, failed,
  extract(epoch FROM requested_at)::float8 * 1000 AS "requestedMs", extract(epoch FROM finished_at)::float8 * 1000 AS "finishedMs"`;

/** Newest first; `after` is "requested_at|id" of the last one of the page before. */
export async function listRedrives(sql: Sql, { after, limit }: { after?: string | undefined; limit: number }): Promise<{ redrives: RedriveRow[]; next: string | null }> {
  const [at, id] = after?.split('|') ?? [null, null];
  const { rows } = await sql.query<Record<string, unknown> & { cursor: string }>(
    `SELECT ${COLUMNS}, requested_at::text || '|' || id AS cursor FROM spine.redrive
     WHERE $1::timestamptz IS NULL OR requested_at < $1 OR (requested_at = $1 AND id > $2::uuid) ORDER BY requested_at DESC, id LIMIT $3`,
    [at, id ?? null, limit + 1],
  );
  return { redrives: rows.slice(0, limit).map(toRow), next: rows.length > limit ? (rows[limit - 1]?.cursor ?? null) : null };
}

/** @throws NotFoundError */
export async function getRedrive(sql: Sql, redriveId: string): Promise<RedriveRow> {
  const { rows } = await sql.query(`SELECT ${COLUMNS} FROM spine.redrive WHERE id = $1`, [redriveId]);
  const [row] = rows;
  if (!row) throw new NotFoundError('redrive', redriveId);
  return toRow(row);
}

const toRow = (row: Record<string, unknown>): RedriveRow => RedriveRow.parse({ ...row, stateReason: readReason(row.stateReason as string | null) });

/** In the order in which they run. */
export async function listRedriveItems(
  sql: Sql,
  input: { redriveId: string; state?: string | undefined; after: number; limit: number },
): Promise<{ items: RedriveItem[]; next: number | null }> {
  const { rows } = await sql.query(
    `SELECT i.dead_letter_id AS "deadLetterId", i.ordinal, d.job_type AS "jobType", d.correlation_id AS "correlationId", i.state, i.skip_reason AS "skipReason", i.problem, i.new_job_id AS "newJobId"
     FROM spine.redrive_item i JOIN spine.dead_letter d ON d.id = i.dead_letter_id
     WHERE i.redrive_id = $1 AND i.ordinal > $2 AND ($3::text IS NULL OR i.state = $3) ORDER BY i.ordinal LIMIT $4`,
    [input.redriveId, input.after, input.state ?? null, input.limit + 1],
  );
  const items = rows.slice(0, input.limit).map((row) => RedriveItem.parse(row));
  return { items, next: rows.length > input.limit ? (items.at(-1)?.ordinal ?? null) : null };
}
