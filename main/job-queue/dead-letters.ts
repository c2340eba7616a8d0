/**
 * Dead letters: jobs moved out of their queue in the transaction that ended their last attempt, kept until a person decides.
 *
 *   waiting ──► redriven   (a new job with the same idempotency key; once, enforced by the status)
 *      └──────► discarded  (undone within 7 days: waiting again)
 */
import { NotFoundError, ConflictError } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import { type JobCatalogue, type JobDefinition, JobPayload, redriveJobId } from '../../shared/job-catalogue/index.ts';
import { type FailureFamily, familyOf } from '../../shared/failure-family.ts';
import { prepared, type Sql } from '../database/database.ts';
import type { ClaimedJob, JobQueue } from './job-queue.ts';
import { appendToLedger, type LedgerEntry, type LedgerError } from './ledger.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { newJob } from './new-job.ts';

const NIL = '00000000-0000-0000-0000-000000000000';

/** Move a job to the dead letters, as part of the transaction that takes it off its queue. */
export async function buryJob(
  tx: Sql,
  dead: { job: ClaimedJob; payload: JobPayload | null; definition: JobDefinition | null; reason: string; error: LedgerError },
): Promise<void> {
  const { job, payload, definition, reason, error } = dead;
  const jobType = payload?.jobType ?? definition?.type ?? 'unknown';
  const family = familyOf({ jobType, errorName: error.name, errorCode: error.code, message: error.message, stack: error.stack });
  await ensureFamilies(tx, [family]);
  await tx.query(
    `INSERT INTO spine.dead_letter (id, job_type, queue, tier, reason, error_name, error_message, attempts, correlation_id, triggering_event_id, payload, family, idempotency_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb, $12, $13)`,
    [
      job.id, jobType, job.queue, definition?.tier ?? 'background', reason, error.name, error.message, job.attempt,
      payload?.correlationId ?? NIL, payload?.triggeringEventId ?? NIL, JSON.stringify(payload ?? job.payload ?? null), family.id, payload?.idempotencyKey ?? null,
    ],
  );
}

/** Make sure that families are on record, before their dead letters: a trigger counts those into them. A known one is not locked by this. */
export async function ensureFamilies(tx: Sql, families: readonly FailureFamily[]): Promise<void> {
  const sorted = [...new Map(families.map((family) => [family.id, family])).values()].sort((a, b) => a.id.localeCompare(b.id));
  await tx.query(prepared(
    `INSERT INTO spine.failure_family (id, job_type, error_name, error_code, message_template, top_frame)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) ON CONFLICT (id) DO NOTHING`,
    [sorted.map(({ id }) => id), sorted.map(({ jobType }) => jobType), sorted.map(({ errorName }) => errorName), sorted.map(({ errorCode }) => errorCode), sorted.map(({ template }) => template), sorted.map(({ topFrame }) => topFrame)],
  ));
}

interface DeadLetterForDecision {
  status: string;
  job_type: string;
  payload: unknown;
}

/** Lock a waiting dead letter for a decision. @throws NotFoundError, ConflictError if it has been decided already. */
async function lockWaiting(tx: Sql, id: string): Promise<DeadLetterForDecision> {
  const { rows } = await tx.query<DeadLetterForDecision>('SELECT status, job_type, payload FROM spine.dead_letter WHERE id = $1 FOR UPDATE', [id]);
  const [row] = rows;
  if (!row) throw new NotFoundError('dead letter', id);
  if (row.status !== 'waiting') throw new ConflictError(words('This dead letter has already been {state}; nothing was done.', { state: words(row.status) }));
  return row;
}

export interface Decision {
  readonly operator: string;
  readonly reason: string;
}

/**
 * Run a dead letter again: a new job under the same idempotency key, so that effects already recorded are not repeated.
 * Part of the caller's transaction; the status makes it happen at most once.
 * @returns id and queue of the new job.
 */
export async function redriveDeadLetter(tx: Sql, queue: JobQueue, jobs: JobCatalogue, id: string, decision: Decision, source: string): Promise<{ jobId: string; queue: string }> {
  const row = await lockWaiting(tx, id);
  const definition = jobs.get(row.job_type);
  if (!definition) throw new ConflictError(words('The job type {jobType} is not in the catalogue (a plugin is missing?), so nothing could run it. Nothing was done.', { jobType: row.job_type }));
  const payload = JobPayload.safeParse(row.payload);
  if (!payload.success) throw new ConflictError(words('The payload of this dead letter can’t be read, so it can’t run again. Discard it.'), { cause: payload.error });
  await putBack(tx, queue, [{ id, definition, payload: payload.data }], decision, source);
  return { jobId: redriveJobId(id), queue: definition.queue };
}

/** A locked, waiting dead letter that is to run again, with the payload that it runs with. */
export interface Redrivable {
  readonly id: string;
  readonly definition: JobDefinition;
  readonly payload: JobPayload;
}

/** Put the jobs that run these dead letters again on their queues, and note it. Part of the transaction that locked them. */
export async function putBack(tx: Sql, queue: JobQueue, letters: readonly Redrivable[], decision: Decision, source: string): Promise<void> {
  const now = Date.now();
  const again = letters.map(({ id, definition, payload }) => newJob(redriveJobId(id), definition, { ...payload, redriveOf: id, publishedMs: now, enqueuedMs: now }, source));
  await queue.enqueue(tx, again.map(({ job }) => job));
  await appendToLedger(tx, again.flatMap(({ entry, job }): LedgerEntry[] => [entry, { kind: 'redriven', jobId: job.payload.redriveOf ?? job.id, detail: { as: job.id } }]));
  await putIntoOutbox(tx, again.map(({ event }) => event));
  await tx.query(
    `UPDATE spine.dead_letter d SET status = 'redriven', decided_at = now(), decided_by = $3, decision_reason = $4, redriven_as = n.job_id
     FROM unnest($1::uuid[], $2::uuid[]) AS n (id, job_id) WHERE d.id = n.id`,
    [letters.map(({ id }) => id), letters.map(({ id }) => redriveJobId(id)), decision.operator, decision.reason],
  );
}

/** Decide that a dead letter will not run again. It is kept, with the reason. Part of the caller's transaction. */
export async function discardDeadLetter(tx: Sql, id: string, decision: Decision): Promise<void> {
  await lockWaiting(tx, id);
  await tx.query(`UPDATE spine.dead_letter SET status = 'discarded', decided_at = now(), decided_by = $2, decision_reason = $3 WHERE id = $1`, [id, decision.operator, decision.reason]);
  await appendToLedger(tx, [{ kind: 'discarded', jobId: id, detail: decision }]);
}
