/** One batch of a redrive: dead letters back onto their queues, and their items marked, in one transaction or not at all. */
import type pg from 'pg';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import type { Words } from '../../shared/i18n/translate.ts';
import { type JobCatalogue, JobPayload, redriveJobId } from '../../shared/job-catalogue/index.ts';
import type { InputEdit, RedriveRow, SkipReason } from '../../shared/operator-api/index.ts';
import { inTransaction, type Sql } from '../database/database.ts';
import { KEY_OF_LETTER } from '../dead-letters/scope.ts';
import { faultPoint } from '../fault-points.ts';
import { putBack, type Redrivable } from '../job-queue/dead-letters.ts';
import type { JobQueue } from '../job-queue/job-queue.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { editInput, inputIssues } from './edit-input.ts';
import { nextStep, type RedriveProgress } from './next-step.ts';
import { readReason, storedReason } from './state-reason.ts';

export interface HandOutServices {
  readonly pool: pg.Pool;
  readonly queue: JobQueue;
  readonly jobs: JobCatalogue;
  readonly source: string;
}

export interface Batch {
  readonly state: RedriveRow['state'];
  readonly finished: boolean;
  /** Queues that got jobs. */
  readonly queues: ReadonlySet<string>;
  /** Jobs put on their queues. */
  readonly redriven: number;
  /** Items looked at; 0 if the pace allowed none. */
  readonly taken: number;
  /** There is more to hand out. */
  readonly more: boolean;
}

interface StoredRedrive extends RedriveProgress {
  readonly operator: string;
  readonly reason: string;
  readonly edit: InputEdit | null;
  readonly repeatUnsafe: boolean;
  readonly stateReason: string | null;
}
interface StoredLetter {
  readonly id: string;
  readonly status: string;
  readonly job_type: string;
  readonly payload: unknown;
  readonly done: boolean;
}
interface Skipped {
  readonly id: string;
  readonly reason: SkipReason;
  readonly problem: string | null;
}

/** Count what has ended, decide what is next, and put at most `most` dead letters back on their queues. */
export async function handOut({ pool, queue, jobs, source }: HandOutServices, redriveId: string, most: number): Promise<Batch> {
  const batch = await inTransaction(pool, async (tx): Promise<Batch> => {
    const redrive = await lockRedrive(tx, redriveId);
    const next = nextStep(redrive);
    const { letters, skipped, taken } = await takeWaiting(tx, jobs, redrive, redriveId, Math.min(most, next.mayHandOut));
    if (letters.length > 0) await putBack(tx, queue, letters, { operator: redrive.operator, reason: redrive.reason }, source);
    await markItems(tx, redriveId, letters, skipped);
    const after = nextStep({ ...redrive, state: next.state, redriven: redrive.redriven + letters.length, skipped: redrive.skipped + skipped.length });
    await noteProgress(tx, redriveId, redrive, { letters: letters.length, skipped: skipped.length, step: { ...after, reason: next.reason ?? after.reason } }, source);
    faultPoint('before-redrive-commit');
    return { state: after.state, finished: after.finished, queues: new Set(letters.map(({ definition }) => definition.queue)), redriven: letters.length, taken, more: after.mayHandOut > 0 };
  });
  faultPoint('after-redrive-commit');
  return batch;
}

async function lockRedrive(tx: Sql, redriveId: string): Promise<StoredRedrive> {
  const { rows } = await tx.query<StoredRedrive>(
    `SELECT state, total, skipped, redriven, succeeded, failed, canary, stop_ratio AS "stopRatio", operator, reason, edit, repeat_unsafe AS "repeatUnsafe", state_reason AS "stateReason"
     FROM spine.redrive WHERE id = $1 FOR UPDATE`,
    [redriveId],
  );
  const [redrive] = rows;
  if (!redrive) throw new Error(`redrive ${redriveId} is gone`);
  return redrive;
}

async function takeWaiting(
  tx: Sql, jobs: JobCatalogue, redrive: StoredRedrive, redriveId: string, most: number,
): Promise<{ letters: Redrivable[]; skipped: Skipped[]; taken: number }> {
  const letters: Redrivable[] = [];
  const skipped: Skipped[] = [];
  if (most <= 0) return { letters, skipped, taken: 0 };
  const { rows: items } = await tx.query<{ id: string }>(`SELECT dead_letter_id AS id FROM spine.redrive_item WHERE redrive_id = $1 AND state = 'waiting' ORDER BY ordinal LIMIT $2`, [redriveId, most]);
  const { rows } = await tx.query<StoredLetter>(
    `SELECT d.id, d.status, d.job_type, d.payload,
            EXISTS (SELECT 1 FROM spine.effect e WHERE e.idempotency_key = ${KEY_OF_LETTER} AND e.effect = '') AS done
     FROM spine.dead_letter d WHERE d.id = ANY($1::uuid[]) ORDER BY d.id FOR UPDATE`,
    [items.map(({ id }) => id)],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const { id } of items) {
    const verdict = judge(found.get(id), jobs, redrive);
    if ('definition' in verdict) letters.push({ id, ...verdict });
    else skipped.push({ id, ...verdict });
  }
  return { letters, skipped, taken: items.length };
}

/** Run it, or why not. What was found at the start may have changed since. */
function judge(letter: StoredLetter | undefined, jobs: JobCatalogue, { edit, repeatUnsafe }: StoredRedrive): Omit<Redrivable, 'id'> | Omit<Skipped, 'id'> {
  const skip = (reason: SkipReason, problem: string | null = null): Omit<Skipped, 'id'> => ({ reason, problem });
  if (letter?.status !== 'waiting') return skip('decided', letter ? `it has been ${letter.status} in the meantime` : 'it is gone');
  const definition = jobs.get(letter.job_type);
  if (!definition) return skip('unknown-type', `${letter.job_type} is not in the catalogue`);
  const payload = JobPayload.safeParse(letter.payload);
  if (!payload.success) return skip('unreadable');
  if (letter.done) return skip('already-done');
  if (definition.replaySafety === 'unsafe' && !repeatUnsafe) return skip('unsafe');
  const input = editInput(payload.data.input, edit);
  const issues = inputIssues(definition.schema, input);
  if (issues.length > 0) return skip('invalid-input', issues.slice(0, 5).map(({ field, message }) => `${field}: ${message}`).join('; '));
  return { definition, payload: { ...payload.data, input } };
}

async function markItems(tx: Sql, redriveId: string, letters: readonly Redrivable[], skipped: readonly Skipped[]): Promise<void> {
  if (letters.length + skipped.length === 0) return;
  const items = [
    ...letters.map(({ id }) => ({ id, state: 'redriven', reason: null, problem: null, jobId: redriveJobId(id) })),
    ...skipped.map(({ id, reason, problem }) => ({ id, state: 'skipped', reason, problem, jobId: null })),
  ];
  await tx.query(
    `UPDATE spine.redrive_item i SET state = n.state, skip_reason = n.reason, problem = n.problem, new_job_id = n.job_id
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[]) AS n (id, state, reason, problem, job_id)
     WHERE i.redrive_id = $1 AND i.dead_letter_id = n.id`,
    [redriveId, items.map(({ id }) => id), items.map(({ state }) => state), items.map(({ reason }) => reason), items.map(({ problem }) => problem), items.map(({ jobId }) => jobId)],
  );
}

async function noteProgress(
  tx: Sql, redriveId: string, before: StoredRedrive,
  { letters, skipped, step }: { letters: number; skipped: number; step: { state: RedriveRow['state']; finished: boolean; reason?: Words | undefined } }, source: string,
): Promise<void> {
  if (letters + skipped === 0 && step.state === before.state && !step.finished) return;
  await tx.query(
    `UPDATE spine.redrive SET redriven = redriven + $2, skipped = skipped + $3, state = $4, state_reason = coalesce($5, state_reason),
       finished_at = CASE WHEN $6 THEN clock_timestamp() END WHERE id = $1`,
    [redriveId, letters, skipped, step.state, step.reason === undefined ? null : storedReason(step.reason), step.finished],
  );
  if (!step.finished) return;
  const state = step.state as 'done' | 'cancelled' | 'stopped';
  const reason = step.reason ?? readReason(before.stateReason);
  const counts = { total: before.total, skipped: before.skipped + skipped, redriven: before.redriven + letters, succeeded: before.succeeded, failed: before.failed };
  await putIntoOutbox(tx, [createTyped({ eventType: 'system.RedriveFinished', source, data: { redriveId, state, ...(reason === null ? {} : { reason: reason.text }), ...counts } }) as Envelope]);
}

/** Count the redriven jobs that have ended since. @returns how many. */
export async function settleItems(sql: Sql, redriveId: string): Promise<number> {
  const { rows } = await sql.query<{ n: string }>(
    `WITH ended AS MATERIALIZED (
       SELECT i.dead_letter_id, EXISTS (SELECT 1 FROM spine.job_ledger l WHERE l.job_id = i.new_job_id AND l.kind = 'completed') AS completed,
              EXISTS (SELECT 1 FROM spine.dead_letter d WHERE d.id = i.new_job_id) AS dead
       FROM spine.redrive_item i WHERE i.redrive_id = $1 AND i.state = 'redriven'
     ), settled AS (
       UPDATE spine.redrive_item i SET state = CASE WHEN e.completed THEN 'succeeded' ELSE 'failed' END
       FROM ended e WHERE i.redrive_id = $1 AND i.dead_letter_id = e.dead_letter_id AND (e.completed OR e.dead) RETURNING i.state
     ), counted AS (
       SELECT count(*) FILTER (WHERE state = 'succeeded') AS succeeded, count(*) FILTER (WHERE state = 'failed') AS failed, count(*) AS n FROM settled
     ), noted AS (
       UPDATE spine.redrive r SET succeeded = r.succeeded + c.succeeded, failed = r.failed + c.failed FROM counted c WHERE r.id = $1 AND c.n > 0
     )
     SELECT n FROM counted`,
    [redriveId],
  );
  return Number(rows[0]?.n ?? 0);
}
