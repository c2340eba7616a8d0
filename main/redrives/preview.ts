/**
 * The dry run: what a redrive of a scope would do, counted in Postgres; only inputs are read, to check them against their
 * schema. Nothing is changed.
 */
import type pg from 'pg';
import type { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import type { DeadLetterScope, InputEdit, RedrivePreview } from '../../shared/operator-api/index.ts';
import { inTransaction, type Sql } from '../database/database.ts';
import { KEY_OF_LETTER, scopeCondition, Values } from '../dead-letters/scope.ts';
import { editInput, inputIssues } from './edit-input.ts';

/** Inputs are checked up to so many; the runner checks each again before it runs. */
const MOST_CHECKED = 20_000;
const MOST_PROBLEMS = 20;

export interface RedrivePlan {
  readonly scope: DeadLetterScope;
  readonly edit?: InputEdit | undefined;
  readonly repeatUnsafe: boolean;
}

interface TypeCounts {
  readonly job_type: string;
  readonly total: string;
  readonly unreadable: string;
  readonly done: string;
  readonly partly: string;
  readonly elsewhere: string;
}

/** What the dead letters `d` of a condition would meet: key, whether they are done, partly done, or waiting in another redrive. */
const judged = (condition: string): string => `
  SELECT d.id, d.job_type, d.died_at, k.key, e.idempotency_key IS NOT NULL AS done,
         EXISTS (SELECT 1 FROM spine.effect p WHERE p.idempotency_key = k.key AND p.effect <> '') AS partly,
         EXISTS (SELECT 1 FROM spine.redrive_item i JOIN spine.redrive r ON r.id = i.redrive_id
                 WHERE i.dead_letter_id = d.id AND i.state = 'waiting' AND r.state IN ('canary', 'running')) AS elsewhere
  FROM spine.dead_letter d CROSS JOIN LATERAL (SELECT ${KEY_OF_LETTER} AS key) k
  LEFT JOIN spine.effect e ON e.idempotency_key = k.key AND e.effect = ''
  WHERE ${condition}`;

/** @returns what a redrive would do, as of one moment: beside a redrive that runs, two looks would not agree. */
export function previewRedrive(pool: pg.Pool, jobs: JobCatalogue, plan: RedrivePlan, asOfMs?: number): Promise<RedrivePreview> {
  return inTransaction(pool, async (tx) => {
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    return previewAtOneMoment(tx, jobs, plan, asOfMs);
  });
}

async function previewAtOneMoment(sql: Sql, jobs: JobCatalogue, plan: RedrivePlan, givenAsOfMs: number | undefined): Promise<RedrivePreview> {
  const from = performance.now();
  const asOfMs = givenAsOfMs ?? (await nowMs(sql));
  const values = new Values();
  const condition = scopeCondition(plan.scope, asOfMs, values);
  const { rows } = await sql.query<TypeCounts>(
    `SELECT job_type, count(*) AS total, count(*) FILTER (WHERE key IS NULL) AS unreadable, count(*) FILTER (WHERE done) AS done,
            count(*) FILTER (WHERE partly AND NOT done) AS partly, count(*) FILTER (WHERE elsewhere AND key IS NOT NULL AND NOT done) AS elsewhere
     FROM (${judged(condition)}) j GROUP BY job_type ORDER BY count(*) DESC, job_type`,
    values.list,
  );
  const types = rows.map((row) => {
    const definition = jobs.get(row.job_type);
    const safety = definition?.replaySafety ?? null;
    const [total, unreadable, done] = [Number(row.total), Number(row.unreadable), Number(row.done)];
    const readable = total - unreadable;
    const refused = safety === 'unsafe' && !plan.repeatUnsafe;
    const mayRun = definition && !refused ? readable - done : 0;
    return { row, definition, safety, total, unreadable, done: definition ? done : 0, unknown: definition ? 0 : readable, refused: refused ? readable - done : 0, mayRun };
  });
  const runnable = types.filter(({ mayRun }) => mayRun > 0).map(({ row }) => row.job_type);
  const checked = await checkInputs(sql, jobs, plan, asOfMs, runnable);
  const invalidOf = (type: string): number => checked.invalid.get(type) ?? 0;
  const sum = (of: (type: (typeof types)[number]) => number): number => types.reduce((all, type) => all + of(type), 0);
  const invalidInput = sum(({ row }) => invalidOf(row.job_type));
  return {
    asOfMs,
    total: sum(({ total }) => total),
    willRun: sum(({ mayRun }) => mayRun) - invalidInput,
    skipped: { alreadyDone: sum(({ done }) => done), unsafe: sum(({ refused }) => refused), unreadable: sum(({ unreadable }) => unreadable), unknownType: sum(({ unknown }) => unknown), invalidInput },
    unsafe: sum(({ safety, mayRun, row }) => (safety === 'unsafe' ? Math.max(0, mayRun - invalidOf(row.job_type)) : 0)),
    partlyDone: sum(({ mayRun, row }) => (mayRun > 0 ? Number(row.partly) : 0)),
    inOtherRedrives: sum(({ mayRun, row }) => (mayRun > 0 ? Number(row.elsewhere) : 0)),
    inputsChecked: checked.count,
    jobTypes: types.map(({ row, definition, safety, total, mayRun }) => ({
      jobType: row.job_type, queue: definition?.queue ?? null, total, willRun: Math.max(0, mayRun - invalidOf(row.job_type)), replaySafety: safety, emits: definition?.emits ? [...definition.emits] : null,
    })),
    problems: checked.problems,
    tookMs: performance.now() - from,
  };
}

async function checkInputs(
  sql: Sql, jobs: JobCatalogue, plan: RedrivePlan, asOfMs: number, types: readonly string[],
): Promise<{ count: number; invalid: Map<string, number>; problems: RedrivePreview['problems'] }> {
  const invalid = new Map<string, number>();
  const problems: RedrivePreview['problems'] = [];
  if (types.length === 0) return { count: 0, invalid, problems };
  const values = new Values();
  const condition = `${scopeCondition(plan.scope, asOfMs, values)} AND d.job_type = ANY(${values.add(types)})`;
  const { rows } = await sql.query<{ id: string; job_type: string; input: unknown }>(
    `SELECT d.id, d.job_type, d.payload->'input' AS input FROM spine.dead_letter d CROSS JOIN LATERAL (SELECT ${KEY_OF_LETTER} AS key) k
     WHERE ${condition} AND k.key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM spine.effect e WHERE e.idempotency_key = k.key AND e.effect = '')
     ORDER BY d.died_at, d.id LIMIT ${MOST_CHECKED}`,
    values.list,
  );
  for (const { id, job_type: jobType, input } of rows) {
    const schema = jobs.get(jobType)?.schema;
    const issues = schema ? inputIssues(schema, editInput(input, plan.edit ?? null)) : [];
    if (issues.length === 0) continue;
    invalid.set(jobType, (invalid.get(jobType) ?? 0) + 1);
    if (problems.length < MOST_PROBLEMS) problems.push({ deadLetterId: id, jobType, issues });
  }
  return { count: rows.length, invalid, problems };
}

/**
 * Fix the items of a redrive: everything of the scope that waits now, oldest first, each with what keeps it from being run.
 * Part of the caller's transaction. @returns how many there are, and how many of them are skipped.
 */
export async function fixItems(tx: Sql, jobs: JobCatalogue, plan: RedrivePlan, asOfMs: number | undefined, redriveId: string): Promise<{ total: number; skipped: number }> {
  const values = new Values();
  const id = values.add(redriveId);
  const known = values.add(jobs.all().map(({ type }) => type));
  const refused = values.add(plan.repeatUnsafe ? [] : jobs.all().filter(({ replaySafety }) => replaySafety === 'unsafe').map(({ type }) => type));
  const { rows } = await tx.query<{ total: string; skipped: string }>(
    `WITH items AS (
       INSERT INTO spine.redrive_item (redrive_id, dead_letter_id, ordinal, state, skip_reason)
       SELECT ${id}, id, row_number() OVER (ORDER BY died_at, id) - 1, CASE WHEN why IS NULL THEN 'waiting' ELSE 'skipped' END, why
       FROM (SELECT j.id, j.died_at, CASE WHEN key IS NULL THEN 'unreadable' WHEN NOT job_type = ANY(${known}::text[]) THEN 'unknown-type'
                                          WHEN done THEN 'already-done' WHEN job_type = ANY(${refused}::text[]) THEN 'unsafe' END AS why
             FROM (${judged(scopeCondition(plan.scope, asOfMs, values))}) j) k
       RETURNING state
     )
     SELECT count(*) AS total, count(*) FILTER (WHERE state = 'skipped') AS skipped FROM items`,
    values.list,
  );
  return { total: Number(rows[0]?.total ?? 0), skipped: Number(rows[0]?.skipped ?? 0) };
}

/** Time of the database, epoch ms with fractions: dead letters carry its clock. */
async function nowMs(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ ms: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms');
  return rows[0]?.ms ?? Date.now();
}
