/**
 * Several writes as one statement. Postgres runs a statement in a transaction of its own: all of them or none, in one message
 * each way instead of one a write and two for the transaction, which is half of what a small commit costs both sides.
 *
 * They see the database as it was before all of them, and must not touch the same row.
 */
import type pg from 'pg';
import { prepared } from './database.ts';

/** One INSERT, UPDATE or DELETE, with parameters of its own: $1 to $n. */
export interface Write {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Raises NOT_AS_EXPECTED unless it returns so many rows. Needs RETURNING. */
  readonly mustReturn?: { readonly rows: number; readonly what: string };
  /** Has its `id`s among the answer. Needs RETURNING id. */
  readonly answersIds?: boolean;
}

/**
 * The statement that makes these writes. Its one row has, as `ids0`, `ids1` …, what each write of `answersIds` returns, in their order.
 * @param writes at least one.
 */
export function inOneStatement(writes: readonly Write[]): pg.QueryConfig {
  const values: unknown[] = [];
  const steps: string[] = [];
  const answers: string[] = [];
  let asked = 0;
  for (const [index, { text, values: own, mustReturn, answersIds }] of writes.entries()) {
    const before = values.length;
    steps.push(`w${index} AS (${text.replaceAll(/\$(\d+)/g, (_, n: string) => `$${before + Number(n)}`)})`);
    values.push(...own);
    if (mustReturn) {
      values.push(mustReturn.rows, mustReturn.what);
      answers.push(`spine.expect((SELECT count(*) FROM w${index}), $${values.length - 1}::bigint, $${values.length}::text)`);
    }
    if (answersIds) answers.push(`ARRAY(SELECT id FROM w${index}) AS ids${asked++}`);
  }
  return prepared(`WITH ${steps.join(',\n')}\nSELECT ${answers.join(', ') || '1'}`, values);
}
