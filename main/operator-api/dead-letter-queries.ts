/** Dead letters as the console lists them. Read from Postgres, which owns them. */
import type * as z from 'zod';
import { NotFoundError } from '../../shared/errors.ts';
import { JobPayload } from '../../shared/job-catalogue/index.ts';
import { type DeadLetterDetail, DeadLetterRow, type deadLettersContract } from '../../shared/operator-api/index.ts';
import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract';
import type { Sql } from '../database/database.ts';
import { isFinished } from '../workers/effects.ts';
import type { OperatorServices } from './services.ts';

type ListInput = InferContractRouterInputs<typeof deadLettersContract>['list'] & { status: string; limit: number };
type ListOutput = InferContractRouterOutputs<typeof deadLettersContract>['list'];

const COLUMNS = `id AS "deadLetterId", job_type AS "jobType", queue, tier, status, reason, error_name AS "errorName", error_message AS "errorMessage", attempts,
  correlation_id AS "correlationId", triggering_event_id AS "triggeringEventId", extract(epoch FROM died_at) * 1000 AS "diedMs", redriven_as AS "redrivenAs"`;

const toRow = (raw: Record<string, unknown>): z.infer<typeof DeadLetterRow> => DeadLetterRow.parse({ ...raw, diedMs: Number(raw.diedMs) });

/** Newest first; `after` is "died_at|id" of the last row of the page before, with microseconds. */
export async function listDeadLetters(sql: Sql, input: ListInput): Promise<ListOutput> {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  if (input.status !== 'all') conditions.push(`status = ${value(input.status)}`);
  if (input.jobType) conditions.push(`job_type = ${value(input.jobType)}`);
  const filter = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const counted = await sql.query<{ n: string }>(`SELECT count(*) AS n FROM spine.dead_letter ${filter}`, values);
  if (input.after) {
    const [at = '', id = ''] = input.after.split('|');
    conditions.push(`(died_at < ${value(at)}::timestamptz OR (died_at = ${value(at)}::timestamptz AND id > ${value(id)}::uuid))`);
  }
  const { rows } = await sql.query<Record<string, unknown> & { cursor: string }>(
    `SELECT ${COLUMNS}, died_at::text || '|' || id AS cursor FROM spine.dead_letter
     ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY died_at DESC, id LIMIT ${value(input.limit + 1)}`,
    values,
  );
  const page = rows.slice(0, input.limit);
  return { rows: page.map(toRow), total: Number(counted.rows[0]?.n ?? 0), next: rows.length > input.limit ? (page.at(-1)?.cursor ?? null) : null };
}

export async function getDeadLetter(services: OperatorServices, id: string): Promise<DeadLetterDetail> {
  const sql = services.database.intake;
  const { rows } = await sql.query<Record<string, unknown> & { payload: unknown; decided_at: Date | null; decided_by: string | null; decision_reason: string | null }>(
    `SELECT ${COLUMNS}, payload, decided_at, decided_by, decision_reason FROM spine.dead_letter WHERE id = $1`,
    [id],
  );
  const [raw] = rows;
  if (!raw) throw new NotFoundError('dead letter', id);
  const row = toRow(raw);
  const payload = JobPayload.safeParse(raw.payload);
  const definition = services.jobs.get(row.jobType);
  const [job, event, done] = await Promise.all([
    services.projection.read.job(id),
    services.projection.read.event(row.triggeringEventId),
    payload.success ? isFinished(sql, payload.data.idempotencyKey) : false,
  ]);
  return {
    row,
    input: payload.success ? payload.data.input : raw.payload,
    idempotencyKey: payload.success ? payload.data.idempotencyKey : id,
    replaySafety: definition?.replaySafety ?? null,
    attempts: job?.job.attemptList ?? [],
    triggeringEvent: event?.row ?? null,
    consequence: consequenceOf(row, payload.success, done, definition?.replaySafety ?? null),
    decision: raw.decided_at ? { operator: raw.decided_by ?? '', reason: raw.decision_reason ?? '', atMs: raw.decided_at.getTime() } : null,
  };
}

/** What redriving would do, for the person who is about to. */
function consequenceOf(row: DeadLetterRow, readable: boolean, done: boolean, safety: string | null): string {
  if (row.status === 'redriven') return 'It has been redriven; the new job carries on.';
  if (row.status === 'discarded') return 'It has been discarded and will not run.';
  if (!readable) return 'Its payload can’t be read, so it can’t run again. Discard it.';
  if (safety === null) return `No handler for ${row.jobType} is loaded, so it can’t run again until the plugin is back.`;
  if (done) return 'Its effect is already recorded: a new job would find the record and end at once without repeating anything.';
  const start = `Puts one new ${row.jobType} on the queue ${row.queue}, with the same input and the same idempotency key. `;
  if (safety === 'idempotent') return `${start}It is free to run again: repeating it changes nothing that is already done.`;
  if (safety === 'guarded') return `${start}The other side is asked with the same Idempotency-Key; if it honours the key, nothing happens twice there.`;
  return `${start}It is unsafe to repeat: if an earlier attempt reached the other side, the effect happens twice.`;
}
