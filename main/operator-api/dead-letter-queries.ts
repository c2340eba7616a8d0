/** Dead letters as the console lists them. Read from Postgres, which owns them. */
import * as z from 'zod';
import { NotFoundError } from '../../shared/errors.ts';
import { type Words, words } from '../../shared/i18n/translate.ts';
import { JobPayload } from '../../shared/job-catalogue/index.ts';
import { type DeadLetterDetail, type DeadLetterFilter, DeadLetterRow, type deadLettersContract } from '../../shared/operator-api/index.ts';
import type { InferContractRouterOutputs } from '@orpc/contract';
import type { Sql } from '../database/database.ts';
import { UNDO_MS } from '../dead-letters/discard.ts';
import { filterConditions, Values } from '../dead-letters/scope.ts';
import { isFinished } from '../workers/effects.ts';
import type { OperatorServices } from './services.ts';

type ListInput = DeadLetterFilter & { status: string; after?: string | undefined; limit: number };
type ListOutput = InferContractRouterOutputs<typeof deadLettersContract>['list'];

const COLUMNS = `d.id AS "deadLetterId", d.job_type AS "jobType", d.queue, d.tier, d.status, d.reason, d.error_name AS "errorName", d.error_message AS "errorMessage", d.attempts,
  d.correlation_id AS "correlationId", d.triggering_event_id AS "triggeringEventId", extract(epoch FROM d.died_at) * 1000 AS "diedMs", d.redriven_as AS "redrivenAs", d.family`;

const toRow = (raw: Record<string, unknown>): z.infer<typeof DeadLetterRow> => DeadLetterRow.parse({ ...raw, diedMs: Number(raw.diedMs) });

/** Newest first; `after` is "died_at|id" of the last row of the page before, with microseconds. */
export async function listDeadLetters(sql: Sql, input: ListInput): Promise<ListOutput> {
  const { status, after, limit, ...filter } = input;
  const values = new Values();
  const conditions = filterConditions(filter, values);
  if (status !== 'all') conditions.push(`d.status = ${values.add(status)}`);
  const counted = countLetters(sql, status, filter, conditions, [...values.list]);
  if (after !== undefined) {
    const [at = '', id = ''] = after.split('|');
    const [died, last] = [values.add(at), values.add(id)];
    conditions.push(`(d.died_at < ${died}::timestamptz OR (d.died_at = ${died}::timestamptz AND d.id > ${last}::uuid))`);
  }
  const { rows } = await sql.query<Record<string, unknown> & { cursor: string }>(
    `SELECT ${COLUMNS}, d.died_at::text || '|' || d.id AS cursor FROM spine.dead_letter d
     ${where(conditions)} ORDER BY d.died_at DESC, d.id LIMIT ${values.add(limit + 1)}`,
    values.list,
  );
  const page = rows.slice(0, limit);
  return { rows: page.map(toRow), ...(await counted), next: rows.length > limit ? (page.at(-1)?.cursor ?? null) : null };
}

const NOW = 'extract(epoch FROM clock_timestamp())::float8 * 1000';
const where = (conditions: readonly string[]): string => (conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '');

/** By the counts of the families where those suffice, so that it costs the same for ten as for a million. */
async function countLetters(sql: Sql, status: string, filter: DeadLetterFilter, conditions: readonly string[], values: unknown[]): Promise<{ total: number; measuredMs: number }> {
  const counts: Record<string, string> = { waiting: 'waiting', redriven: 'redriven', discarded: 'discarded', all: 'waiting + redriven + discarded' };
  const byFamilies = filter.text === undefined && filter.diedFromMs === undefined && filter.diedToMs === undefined && Object.hasOwn(counts, status);
  const { rows } = await (byFamilies
    ? sql.query<{ n: string; at: number }>(
        `SELECT ${NOW} AS at, coalesce(sum(${counts[status]}), 0) + (SELECT count(*) FROM spine.dead_letter WHERE family IS NULL AND ($1 = 'all' OR status = $1) AND $2::uuid IS NULL AND ($3::text IS NULL OR job_type = $3)) AS n
         FROM spine.failure_family WHERE ($2::uuid IS NULL OR id = $2) AND ($3::text IS NULL OR job_type = $3)`,
        [status, filter.family ?? null, filter.jobType ?? null],
      )
    : sql.query<{ n: string; at: number }>(`SELECT ${NOW} AS at, count(*) AS n FROM spine.dead_letter d ${where(conditions)}`, values));
  return { total: Number(rows[0]?.n ?? 0), measuredMs: rows[0]?.at ?? Date.now() };
}

export async function getDeadLetter(services: OperatorServices, id: string): Promise<DeadLetterDetail> {
  const sql = services.database.intake;
  const { rows } = await sql.query<Record<string, unknown> & { payload: unknown; decided_at: Date | null; decided_by: string | null; decision_reason: string | null }>(
    `SELECT ${COLUMNS}, d.payload, d.decided_at, d.decided_by, d.decision_reason FROM spine.dead_letter d WHERE d.id = $1`,
    [id],
  );
  const [raw] = rows;
  if (!raw) throw new NotFoundError('dead letter', id);
  const row = toRow(raw);
  const payload = JobPayload.safeParse(raw.payload);
  const definition = services.jobs.get(row.jobType);
  const [job, event, done, redrives] = await Promise.all([
    services.projection.read.job(id),
    services.projection.read.event(row.triggeringEventId),
    payload.success ? isFinished(sql, payload.data.idempotencyKey) : false,
    redrivesOf(sql, id),
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
    undoUntilMs: row.status === 'discarded' && raw.decided_at && Date.now() - raw.decided_at.getTime() < UNDO_MS ? raw.decided_at.getTime() + UNDO_MS : null,
    redrives,
    inputSchema: definition ? (z.toJSONSchema(definition.schema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>) : null,
  };
}

/** The redrives that a dead letter was, or is, part of; newest first. */
async function redrivesOf(sql: Sql, id: string): Promise<DeadLetterDetail['redrives']> {
  const { rows } = await sql.query<{ redriveId: string; state: string; skipReason: string | null; at: Date }>(
    `SELECT i.redrive_id AS "redriveId", i.state, i.skip_reason AS "skipReason", r.requested_at AS at
     FROM spine.redrive_item i JOIN spine.redrive r ON r.id = i.redrive_id WHERE i.dead_letter_id = $1 ORDER BY r.requested_at DESC LIMIT 20`,
    [id],
  );
  return rows.map(({ at, ...item }) => ({ ...item, atMs: at.getTime() }));
}

/** What redriving would do, for the person who is about to. */
function consequenceOf(row: DeadLetterRow, readable: boolean, done: boolean, safety: string | null): Words {
  if (row.status === 'redriven') return words('It has been redriven; the new job carries on.');
  if (row.status === 'discarded') return words('It has been discarded and will not run.');
  if (!readable) return words('Its payload can’t be read, so it can’t run again. Discard it.');
  if (safety === null) return words('No handler for {jobType} is loaded, so it can’t run again until the plugin is back.', { jobType: row.jobType });
  if (done) return words('Its effect is already recorded: a new job would find the record and end at once without repeating anything.');
  const put = { jobType: row.jobType, queue: row.queue };
  if (safety === 'idempotent') return words('Puts one new {jobType} on the queue {queue}, with the same input and the same idempotency key. It is free to run again: repeating it changes nothing that is already done.', put);
  if (safety === 'guarded') return words('Puts one new {jobType} on the queue {queue}, with the same input and the same idempotency key. The other side is asked with the same Idempotency-Key; if it honours the key, nothing happens twice there.', put);
  return words('Puts one new {jobType} on the queue {queue}, with the same input and the same idempotency key. It is unsafe to repeat: if an earlier attempt reached the other side, the effect happens twice.', put);
}
