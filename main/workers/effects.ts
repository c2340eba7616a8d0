/** The idempotency record: what a job's key has already brought about. */
import { NotRetryableError } from '../../shared/errors.ts';
import type { Sql } from '../database/database.ts';

/** Has a job been finished under this key, by whichever attempt or redrive? */
export async function isFinished(sql: Sql, idempotencyKey: string): Promise<boolean> {
  const { rows } = await sql.query(`SELECT 1 FROM spine.effect WHERE idempotency_key = $1 AND effect = ''`, [idempotencyKey]);
  return rows.length > 0;
}

/**
 * Do `effect` unless its result is on record, and record it at once, in a transaction of its own, so that it survives
 * a failure of the rest of the attempt. The result must be JSON.
 */
export async function recordedOnce<Result>(sql: Sql, idempotencyKey: string, key: string, effect: () => Promise<Result>): Promise<Result> {
  if (key === '') throw new NotRetryableError('once() needs a key that is not empty.');
  const { rows } = await sql.query<{ result: { value: Result } }>('SELECT result FROM spine.effect WHERE idempotency_key = $1 AND effect = $2', [idempotencyKey, key]);
  const [recorded] = rows;
  if (recorded) return recorded.result.value;
  const value = await effect();
  await sql.query('INSERT INTO spine.effect (idempotency_key, effect, result) VALUES ($1, $2, $3::text::jsonb) ON CONFLICT DO NOTHING', [idempotencyKey, key, JSON.stringify({ value })]);
  return value;
}
