/** Messages that were set aside, as the console lists them. */
import { NotFoundError } from '../../shared/errors.ts';
import { SetAsideRow } from '../../shared/operator-api/index.ts';
import type { Sql } from '../database/database.ts';

const COLUMNS = `id, stream_seq AS "streamSeq", subject, reason, problem, octet_length(body) AS bytes, extract(epoch FROM stored_at) * 1000 AS "storedMs"`;

const toRow = (raw: Record<string, unknown>): SetAsideRow => SetAsideRow.parse({ ...raw, id: Number(raw.id), streamSeq: Number(raw.streamSeq), storedMs: Number(raw.storedMs) });

export async function listSetAside(
  sql: Sql,
  input: { reason?: string | undefined; beforeId?: number | undefined; limit: number },
): Promise<{ rows: SetAsideRow[]; total: number; byReason: Record<string, number>; more: boolean }> {
  const [counts, { rows }] = await Promise.all([
    sql.query<{ reason: string; n: string }>('SELECT reason, count(*) AS n FROM spine.set_aside GROUP BY reason'),
    sql.query<Record<string, unknown>>(
      `SELECT ${COLUMNS} FROM spine.set_aside WHERE ($1::text IS NULL OR reason = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [input.reason ?? null, input.beforeId ?? null, input.limit + 1],
    ),
  ]);
  const byReason = Object.fromEntries(counts.rows.map(({ reason, n }) => [reason, Number(n)]));
  const total = input.reason ? (byReason[input.reason] ?? 0) : Object.values(byReason).reduce((sum, n) => sum + n, 0);
  return { rows: rows.slice(0, input.limit).map(toRow), total, byReason, more: rows.length > input.limit };
}

export async function getSetAside(
  sql: Sql,
  id: number,
): Promise<{ row: SetAsideRow; headers: { name: string; value: string }[]; text: string | null; base64: string }> {
  const { rows } = await sql.query<Record<string, unknown> & { headers: [string, string][]; body: Buffer }>(`SELECT ${COLUMNS}, headers, body FROM spine.set_aside WHERE id = $1`, [id]);
  const [raw] = rows;
  if (!raw) throw new NotFoundError('set-aside message', String(id));
  let text: string | null;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(raw.body);
  } catch {
    text = null;
  }
  return { row: toRow(raw), headers: raw.headers.map(([name, value]) => ({ name, value })), text, base64: raw.body.toString('base64') };
}
