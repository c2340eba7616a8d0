/** Failure families as the console shows them, and what a person says of them. Reads as many rows as there are families. */
import { NotFoundError } from '../../shared/errors.ts';
import { compareVersions, trendOf } from '../../shared/failure-family.ts';
import type { FailureFamilyRow, FamilyMark } from '../../shared/operator-api/index.ts';
import type { Sql } from '../database/database.ts';
import { Values } from './scope.ts';

const HOURS = 24;
const HOUR_MS = 3_600_000;

interface StoredFamily {
  id: string;
  job_type: string;
  error_name: string;
  error_code: string | null;
  message_template: string;
  top_frame: string | null;
  first_ms: number;
  last_ms: number;
  waiting: string;
  redriven: string;
  discarded: string;
  mark: 'fixed' | 'ignored' | null;
  fixed_by_version: string | null;
  ignored_until: Date | null;
  marked_by: string | null;
  mark_reason: string | null;
  marked_at: Date | null;
  died_at_mark: string | null;
  hours: number[] | null;
  died: number[] | null;
  sample_id: string | null;
  sample_message: string | null;
  cursor: string;
}

/** Columns of a family with its hours and a sample: the newest that waits, else the newest. `$1` is the first hour wanted. */
const FAMILY = `f.*, extract(epoch FROM f.first_seen)::float8 * 1000 AS first_ms, extract(epoch FROM f.last_seen)::float8 * 1000 AS last_ms,
  f.last_seen::text || '|' || f.id AS cursor, h.hours, h.died, s.id AS sample_id, s.error_message AS sample_message
  FROM (SELECT * FROM spine.failure_family f WHERE %where% ORDER BY f.last_seen DESC, f.id LIMIT %limit%) f
  LEFT JOIN LATERAL (SELECT array_agg(hour) AS hours, array_agg(died) AS died FROM spine.failure_family_hour WHERE family = f.id AND hour >= $1) h ON true
  LEFT JOIN LATERAL (
    SELECT d.id, left(d.error_message, 500) AS error_message FROM spine.dead_letter d
    WHERE d.family = f.id AND d.status = CASE WHEN f.waiting > 0 THEN 'waiting' WHEN f.redriven > 0 THEN 'redriven' ELSE 'discarded' END
    ORDER BY d.died_at DESC, d.id LIMIT 1) s ON true
  ORDER BY f.last_seen DESC, f.id`;

const select = (where: string, limit: string): string => `SELECT ${FAMILY.replace('%where%', where).replace('%limit%', limit)}`;
const firstHour = (): number => Math.floor(Date.now() / HOUR_MS) - HOURS + 1;

/** How many wait for a decision; those of families that are ignored for now stand apart. Counted by family, not one by one. */
export async function waitingLetters(sql: Sql): Promise<{ waiting: number; ignored: number; newestMs: number | null }> {
  const { rows } = await sql.query<{ waiting: string; ignored: string; newest: number | null }>(
    `SELECT coalesce(sum(waiting) FILTER (WHERE NOT ignored), 0) + (SELECT count(*) FROM spine.dead_letter WHERE family IS NULL AND status = 'waiting') AS waiting,
            coalesce(sum(waiting) FILTER (WHERE ignored), 0) AS ignored,
            (SELECT extract(epoch FROM died_at)::float8 * 1000 FROM spine.dead_letter WHERE status = 'waiting' ORDER BY died_at DESC LIMIT 1) AS newest
     FROM (SELECT waiting, coalesce(mark = 'ignored' AND ignored_until > now(), false) AS ignored FROM spine.failure_family WHERE waiting > 0) f`,
  );
  const [row] = rows;
  return { waiting: Number(row?.waiting ?? 0), ignored: Number(row?.ignored ?? 0), newestMs: row?.newest ?? null };
}

export async function listFamilies(
  sql: Sql,
  version: string,
  input: { show: 'open' | 'all'; jobType?: string | undefined; after?: string | undefined; limit: number },
): Promise<{ families: FailureFamilyRow[]; total: number; waiting: number; unsorted: number; next: string | null }> {
  const values = new Values();
  const from = firstHour();
  values.add(from);
  // A family whose first burial was rolled back holds nothing.
  const conditions = [input.show === 'open' ? 'f.waiting > 0' : 'f.waiting + f.redriven + f.discarded > 0'];
  if (input.jobType !== undefined) conditions.push(`f.job_type = ${values.add(input.jobType)}`);
  const counted = sql.query<{ n: string; waiting: string; unsorted: string }>(
    `SELECT count(*) AS n, coalesce(sum(f.waiting), 0) AS waiting, (SELECT count(*) FROM spine.dead_letter WHERE family IS NULL) AS unsorted
     FROM spine.failure_family f WHERE $1::int IS NOT NULL AND ${conditions.join(' AND ')}`,
    [...values.list],
  );
  if (input.after !== undefined) {
    const [at = '', id = ''] = input.after.split('|');
    const [seen, after] = [values.add(at), values.add(id)];
    conditions.push(`(f.last_seen < ${seen}::timestamptz OR (f.last_seen = ${seen}::timestamptz AND f.id > ${after}::uuid))`);
  }
  const limit = values.add(input.limit + 1);
  const [{ rows }, { rows: counts }] = await Promise.all([sql.query<StoredFamily>(select(conditions.join(' AND '), limit), values.list), counted]);
  const page = rows.slice(0, input.limit);
  return {
    families: page.map((row) => toFamily(row, from, version)),
    total: Number(counts[0]?.n ?? 0), waiting: Number(counts[0]?.waiting ?? 0), unsorted: Number(counts[0]?.unsorted ?? 0),
    next: rows.length > input.limit ? (page.at(-1)?.cursor ?? null) : null,
  };
}

/** @throws NotFoundError */
export async function getFamily(sql: Sql, version: string, family: string): Promise<FailureFamilyRow> {
  const from = firstHour();
  const { rows } = await sql.query<StoredFamily>(select('f.id = $2', '1'), [from, family]);
  const [row] = rows;
  if (!row) throw new NotFoundError('failure family', family);
  return toFamily(row, from, version);
}

/** Keep what a person says of a family. @throws NotFoundError */
export async function markFamily(sql: Sql, family: string, mark: FamilyMark, operator: string, reason: string): Promise<void> {
  const { rowCount } = await sql.query(
    mark.kind === 'none'
      ? `UPDATE spine.failure_family SET mark = NULL, fixed_by_version = NULL, ignored_until = NULL, marked_by = NULL, mark_reason = NULL, marked_at = NULL, died_at_mark = NULL WHERE id = $1`
      : `UPDATE spine.failure_family SET mark = $2, fixed_by_version = $3, ignored_until = to_timestamp($4::float8 / 1000), marked_by = $5, mark_reason = $6, marked_at = now(),
           died_at_mark = waiting + redriven + discarded WHERE id = $1`,
    mark.kind === 'none' ? [family] : [family, mark.kind, mark.kind === 'fixed' ? mark.version : null, mark.kind === 'ignored' ? mark.untilMs : null, operator, reason],
  );
  if (rowCount === 0) throw new NotFoundError('failure family', family);
}

function toFamily(row: StoredFamily, from: number, version: string): FailureFamilyRow {
  const byHour = Array.from({ length: HOURS }, () => 0);
  for (const [at, hour] of (row.hours ?? []).entries()) byHour[hour - from] = row.died?.[at] ?? 0;
  const [waiting, redriven, discarded] = [Number(row.waiting), Number(row.redriven), Number(row.discarded)];
  return {
    family: row.id, jobType: row.job_type, errorName: row.error_name, errorCode: row.error_code, template: row.message_template, topFrame: row.top_frame,
    waiting, redriven, discarded, firstSeenMs: row.first_ms, lastSeenMs: row.last_ms, byHour: byHour.slice(0, HOURS), trend: trendOf(byHour),
    sample: row.sample_id === null ? null : { deadLetterId: row.sample_id, message: row.sample_message ?? '' },
    mark: markOf(row, waiting + redriven + discarded, version),
  };
}

function markOf(row: StoredFamily, died: number, version: string): FailureFamilyRow['mark'] {
  if (row.mark === null || row.marked_at === null) return null;
  const diedSince = Math.max(0, died - Number(row.died_at_mark ?? 0));
  const untilMs = row.ignored_until?.getTime() ?? null;
  const fixedState = compareVersions(version, row.fixed_by_version ?? '0') < 0 ? 'awaits-version' : diedSince > 0 ? 'came-back' : 'active';
  return {
    kind: row.mark, version: row.fixed_by_version, untilMs, by: row.marked_by ?? '', reason: row.mark_reason ?? '', atMs: row.marked_at.getTime(), diedSince,
    state: row.mark === 'fixed' ? fixedState : untilMs !== null && untilMs > Date.now() ? 'active' : 'lapsed',
  };
}
