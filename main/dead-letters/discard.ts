/**
 * Discards of many at once, and their undoing: for 7 days a discarded dead letter can be made to wait again.
 * Every row stays, whatever is decided about it.
 */
import { ConflictError, NotFoundError } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import type { DeadLetterScope } from '../../shared/operator-api/index.ts';
import type { Sql } from '../database/database.ts';
import type { Decision } from '../job-queue/dead-letters.ts';
import { scopeCondition, Values } from './scope.ts';

/** A discard can be undone for so long, ms. */
export const UNDO_MS = 7 * 86_400_000;

/** How many of a scope wait, in the words of an action that is about to reach them. @throws ConflictError if none does. */
export async function countScope(sql: Sql, scope: DeadLetterScope, asOfMs: number | undefined): Promise<number> {
  const values = new Values();
  const condition = scopeCondition(scope, asOfMs, values);
  const { rows } = await sql.query<{ n: string }>(`SELECT count(*) AS n FROM spine.dead_letter d WHERE ${condition}`, values.list);
  const found = Number(rows[0]?.n ?? 0);
  if (found === 0) throw new ConflictError(words('No dead letter of this scope waits for a decision any more; nothing was done.'));
  return found;
}

/** Discard what of a scope waits, as one discard that can be undone as a whole. Part of the caller's transaction. @returns how many. */
export async function discardScope(tx: Sql, discardId: string, scope: DeadLetterScope, asOfMs: number | undefined, decision: Decision): Promise<number> {
  const values = new Values();
  const [id, operator, reason] = [values.add(discardId), values.add(decision.operator), values.add(decision.reason)];
  const { rows } = await tx.query<{ n: string }>(
    `WITH reached AS MATERIALIZED (
       SELECT d.id FROM spine.dead_letter d WHERE ${scopeCondition(scope, asOfMs, values)} ORDER BY d.id FOR UPDATE
     ), discarded AS (
       UPDATE spine.dead_letter d SET status = 'discarded', decided_at = now(), decided_by = ${operator}, decision_reason = ${reason}, discard_id = ${id}
       FROM reached WHERE d.id = reached.id RETURNING d.id
     ), noted AS (
       INSERT INTO spine.job_ledger (kind, job_id, detail)
       SELECT 'discarded', id, jsonb_build_object('operator', ${operator}::text, 'reason', ${reason}::text) FROM discarded
     ), kept AS (
       INSERT INTO spine.discard (id, scope, operator, reason, discarded)
       SELECT ${id}, ${values.add(JSON.stringify(scope))}::text::jsonb, ${operator}, ${reason}, count(*) FROM discarded
     )
     SELECT count(*) AS n FROM discarded`,
    values.list,
  );
  return Number(rows[0]?.n ?? 0);
}

export type WhatToRestore = { readonly discardId: string } | { readonly deadLetterId: string };

/** @throws NotFoundError; ConflictError if it was undone before, or is too long ago. */
export async function checkUndo(sql: Sql, what: WhatToRestore): Promise<void> {
  if ('discardId' in what) {
    const { rows } = await sql.query<{ discarded_at: Date; undone_at: Date | null }>('SELECT discarded_at, undone_at FROM spine.discard WHERE id = $1', [what.discardId]);
    const [row] = rows;
    if (!row) throw new NotFoundError('discard', what.discardId);
    if (row.undone_at) throw new ConflictError(words('This discard has been undone before; nothing was done.'));
    inTime(row.discarded_at);
    return;
  }
  const { rows } = await sql.query<{ status: string; decided_at: Date | null }>('SELECT status, decided_at FROM spine.dead_letter WHERE id = $1', [what.deadLetterId]);
  const [row] = rows;
  if (!row) throw new NotFoundError('dead letter', what.deadLetterId);
  if (row.status !== 'discarded' || !row.decided_at) throw new ConflictError(words('This dead letter is not discarded (it is {state}); nothing was done.', { state: words(row.status) }));
  inTime(row.decided_at);
}

function inTime(discardedAt: Date): void {
  if (Date.now() - discardedAt.getTime() <= UNDO_MS) return;
  throw new ConflictError(words('A discard can be undone for 7 days; this one was decided on {time}. Nothing was done.', { time: discardedAt.toISOString() }));
}

/** Make discarded dead letters wait again. Part of the caller's transaction. @returns how many. @throws ConflictError if none is left to restore. */
export async function restoreDiscarded(tx: Sql, what: WhatToRestore, operator: string): Promise<number> {
  const [column, id] = 'discardId' in what ? ['discard_id', what.discardId] : ['id', what.deadLetterId];
  const { rows } = await tx.query<{ n: string }>(
    `WITH reached AS MATERIALIZED (
       SELECT d.id FROM spine.dead_letter d
       WHERE d.${column} = $1 AND d.status = 'discarded' AND d.decided_at > now() - make_interval(secs => $3) ORDER BY d.id FOR UPDATE
     ), restored AS (
       UPDATE spine.dead_letter d SET status = 'waiting', decided_at = NULL, decided_by = NULL, decision_reason = NULL, discard_id = NULL
       FROM reached WHERE d.id = reached.id RETURNING d.id
     ), noted AS (
       INSERT INTO spine.job_ledger (kind, job_id, detail) SELECT 'restored', id, jsonb_build_object('operator', $2::text) FROM restored
     )
     SELECT count(*) AS n FROM restored`,
    [id, operator, UNDO_MS / 1_000],
  );
  const restored = Number(rows[0]?.n ?? 0);
  if (restored === 0) throw new ConflictError(words('Nothing of this discard is left to undo; nothing was done.'));
  if ('discardId' in what) await tx.query('UPDATE spine.discard SET undone_at = now(), undone_by = $2 WHERE id = $1', [what.discardId, operator]);
  return restored;
}
