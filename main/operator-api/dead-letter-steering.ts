/**
 * Steering of dead letters. Each action is checked first; then its audit event is published, and acknowledged by the bus as
 * stored; then it acts. So nothing is done without its record; a record without its action is left only by a crash in
 * between, or by somebody who was faster.
 */
import { v4 as uuidv4 } from 'uuid';
import type { InferContractRouterInputs } from '@orpc/contract';
import { deriveEvent, type Envelope } from '../../shared/envelope.ts';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import { ConflictError, NotFoundError } from '../../shared/errors.ts';
import { type Words, words } from '../../shared/i18n/translate.ts';
import { type DeadLetterScope, type FailureFamilyRow, type operatorApi, type RedrivePreview, type RedriveRow } from '../../shared/operator-api/index.ts';
import { inTransaction } from '../database/database.ts';
import { checkUndo, countScope, discardScope, restoreDiscarded, UNDO_MS } from '../dead-letters/discard.ts';
import { getFamily, markFamily } from '../dead-letters/families.ts';
import { discardDeadLetter, redriveDeadLetter } from '../job-queue/dead-letters.ts';
import { fixItems, previewRedrive } from '../redrives/preview.ts';
import { getRedrive } from '../redrives/redrive-queries.ts';
import { storedReason } from '../redrives/state-reason.ts';
import type { RequestContext } from './services.ts';

type Inputs = InferContractRouterInputs<typeof operatorApi>;
/** What an action was called with, defaults filled in. */
type Complete<Input> = { [Key in keyof Input]-?: Input[Key] };

export async function redrive(
  { services, operator }: RequestContext,
  { deadLetterId, reason, unsafeConfirmed }: { deadLetterId: string; reason: string; unsafeConfirmed: boolean },
): Promise<{ jobId: string }> {
  const { database, queue, jobs, source } = services;
  const dead = await waitingLetter(services, deadLetterId);
  if (jobs.get(dead.jobType)?.replaySafety === 'unsafe' && !unsafeConfirmed) {
    throw new ConflictError(words('{jobType} is unsafe to repeat: its effect may happen twice. Confirm that explicitly to run it again; nothing was done.', { jobType: dead.jobType }));
  }
  // Part of its trace, as what it causes will be.
  await services.publish(deriveEvent(dead.cause, { eventType: 'system.DeadLetterRedriven', source, data: { deadLetterId, jobType: dead.jobType, operator, reason } }));
  const { jobId, queue: queueName } = await inTransaction(database.intake, (tx) => redriveDeadLetter(tx, queue, jobs, deadLetterId, { operator, reason }, source));
  services.committed([queueName]);
  return { jobId };
}

export async function discard({ services, operator }: RequestContext, { deadLetterId, reason }: { deadLetterId: string; reason: string }): Promise<{ deadLetterId: string }> {
  const { database, source } = services;
  const dead = await waitingLetter(services, deadLetterId);
  await services.publish(deriveEvent(dead.cause, { eventType: 'system.DeadLetterDiscarded', source, data: { deadLetterId, jobType: dead.jobType, operator, reason } }));
  await inTransaction(database.intake, (tx) => discardDeadLetter(tx, deadLetterId, { operator, reason }));
  services.committed([]);
  return { deadLetterId };
}

/** A dead letter that waits, and what it belongs to. @throws NotFoundError, ConflictError if it has been decided. */
async function waitingLetter({ database }: RequestContext['services'], id: string): Promise<{ jobType: string; cause: { eventId: string; correlationId: string } }> {
  const { rows } = await database.intake.query<{ job_type: string; status: string; correlation_id: string; triggering_event_id: string }>(
    'SELECT job_type, status, correlation_id, triggering_event_id FROM spine.dead_letter WHERE id = $1',
    [id],
  );
  const [row] = rows;
  if (!row) throw new NotFoundError('dead letter', id);
  if (row.status !== 'waiting') throw new ConflictError(words('This dead letter has already been {state}; nothing was done.', { state: words(row.status) }));
  return { jobType: row.job_type, cause: { eventId: row.triggering_event_id, correlationId: row.correlation_id } };
}

/** Discard many at once. */
export async function discardMany(
  { services, operator }: RequestContext,
  { scope, reason, asOfMs }: { scope: DeadLetterScope; reason: string; asOfMs?: number | undefined },
): Promise<{ discardId: string; discarded: number; undoUntilMs: number }> {
  const { database, source } = services;
  await countScope(database.intake, scope, asOfMs);
  const discardId = uuidv4();
  await services.publish(createTyped({ eventType: 'system.DeadLettersDiscarded', source, data: { discardId, scope: { ...scope }, operator, reason } }) as Envelope);
  const discarded = await inTransaction(database.intake, (tx) => discardScope(tx, discardId, scope, asOfMs, { operator, reason }));
  services.committed([]);
  return { discardId, discarded, undoUntilMs: Date.now() + UNDO_MS };
}

export async function undoDiscard({ services, operator }: RequestContext, what: Inputs['deadLetters']['undoDiscard']): Promise<{ restored: number }> {
  const { database, source } = services;
  await checkUndo(database.intake, what);
  await services.publish(createTyped({ eventType: 'system.DiscardUndone', source, data: { ...what, operator } }) as Envelope);
  const restored = await inTransaction(database.intake, (tx) => restoreDiscarded(tx, what, operator));
  services.committed([]);
  return { restored };
}

export async function mark({ services, operator }: RequestContext, { family, mark: what, reason }: Complete<Inputs['deadLetters']['mark']>): Promise<FailureFamilyRow> {
  const { database, source, version } = services;
  await getFamily(database.intake, version, family);
  await services.publish(createTyped({ eventType: 'system.FamilyMarked', source, data: { family, mark: { ...what }, operator, reason: reason ?? '' } }) as Envelope);
  await markFamily(database.intake, family, what, operator, reason ?? '');
  return getFamily(database.intake, version, family);
}

export interface RedriveOrder {
  readonly scope: DeadLetterScope;
  readonly edit?: Inputs['redrives']['start']['edit'];
  readonly repeatUnsafe: boolean;
  readonly reason: string;
  readonly asOfMs?: number | undefined;
  readonly ratePerSecond: number | null;
  readonly canary: number;
  readonly stopRatio: number | null;
}

/** Start a redrive: its items are fixed here, the runner does the rest. @throws ConflictError if nothing of it would run. */
export async function startRedrive({ services, operator }: RequestContext, order: RedriveOrder): Promise<RedriveRow> {
  const { database, jobs, source, redrives } = services;
  const preview = await previewRedrive(database.intake, jobs, order, order.asOfMs);
  if (preview.willRun === 0) throw new ConflictError(whyNothing(preview));
  const redriveId = uuidv4();
  const { scope, edit, repeatUnsafe, reason, ratePerSecond, canary, stopRatio } = order;
  await services.publish(createTyped({
    eventType: 'system.RedriveRequested', source,
    data: { redriveId, scope: { ...scope }, jobs: preview.willRun, ratePerSecond, canary, stopRatio, edited: edit !== undefined, repeatUnsafe, operator, reason },
  }) as Envelope);
  await inTransaction(database.intake, async (tx) => {
    await tx.query(
      `INSERT INTO spine.redrive (id, scope, operator, reason, edit, repeat_unsafe, rate, canary, stop_ratio, state)
       VALUES ($1, $2::text::jsonb, $3, $4, $5::text::jsonb, $6, $7, $8, $9, $10)`,
      [redriveId, JSON.stringify(scope), operator, reason, edit === undefined ? null : JSON.stringify(edit), repeatUnsafe, ratePerSecond, canary, stopRatio, canary > 0 ? 'canary' : 'running'],
    );
    const { total, skipped } = await fixItems(tx, jobs, order, preview.asOfMs, redriveId);
    await tx.query('UPDATE spine.redrive SET total = $2, skipped = $3 WHERE id = $1', [redriveId, total, skipped]);
  });
  redrives?.wake();
  return getRedrive(database.intake, redriveId);
}

/** Why a redrive would run nothing, and what to do about it. */
function whyNothing({ total, skipped, jobTypes, problems }: RedrivePreview): Words {
  if (total === 0) return words('No dead letter of this scope waits for a decision; nothing was done.');
  const types = jobTypes.map(({ jobType }) => jobType).join(', ');
  if (skipped.unsafe > 0) return words('{types}: unsafe to repeat, since the effect may happen twice. Confirm that explicitly (repeatUnsafe) to run it again; nothing was done.', { types });
  if (skipped.invalidInput > 0) {
    const issues = problems[0]?.issues.map(({ field, message }) => `input.${field}: ${message}`).join('; ');
    return words('The input does not fit the schema of {types}: {issues}. Mend it and try again; nothing was done.', { types, issues: issues ?? '' });
  }
  if (skipped.unknownType > 0) return words('{types} is not in the catalogue (a plugin is missing?), so nothing could run it; nothing was done.', { types });
  if (skipped.alreadyDone > 0) return words('The effect of every dead letter of this scope is already recorded, so there is nothing to run again. Discard them; nothing was done.');
  return words('The payloads of this scope can’t be read, so they can’t run again. Discard them; nothing was done.');
}

/** No more of it is put on its queues; what is there runs to its end. @throws NotFoundError, ConflictError if it is over. */
export async function cancelRedrive({ services, operator }: RequestContext, { redriveId, reason }: { redriveId: string; reason: string }): Promise<RedriveRow> {
  const { database, source, redrives } = services;
  const { state } = await getRedrive(database.intake, redriveId);
  if (state !== 'canary' && state !== 'running') throw new ConflictError(words('This redrive has nothing left to cancel: it is {state}. Nothing was done.', { state: words(state) }));
  await services.publish(createTyped({ eventType: 'system.RedriveCancelled', source, data: { redriveId, operator, reason } }) as Envelope);
  const { rowCount } = await database.intake.query(
    `UPDATE spine.redrive SET state = 'cancelled', state_reason = $2 WHERE id = $1 AND state IN ('canary', 'running')`,
    [redriveId, storedReason(reason === '' ? words('by {who}', { who: operator }) : words('by {who}: {reason}', { who: operator, reason }))],
  );
  if (rowCount === 0) throw new ConflictError(words('This redrive has come to its end in the meantime; nothing was done.'));
  redrives?.wake();
  return getRedrive(database.intake, redriveId);
}
