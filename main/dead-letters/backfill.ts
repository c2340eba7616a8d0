/**
 * Gives dead letters from before the families theirs. Runs beside everything else after a start, in batches, and ends when
 * none is left; a crash in between costs nothing.
 */
import type pg from 'pg';
import { familyOf } from '../../shared/failure-family.ts';
import { JobPayload } from '../../shared/job-catalogue/index.ts';
import { inTransaction, type Sql } from '../database/database.ts';
import { ensureFamilies } from '../job-queue/dead-letters.ts';

const BATCH = 200;

interface OldRow {
  id: string;
  job_type: string;
  error_name: string;
  error_message: string;
  payload: unknown;
  error: { code?: string; stack?: string } | null;
}

/** Sort old dead letters into families until none is left or `signal` is aborted. @returns how many got one. */
export async function backfillFamilies(pool: pg.Pool, signal: AbortSignal): Promise<number> {
  let sorted = 0;
  for (;;) {
    if (signal.aborted) return sorted;
    const batch = await inTransaction(pool, sortBatch);
    sorted += batch;
    if (batch === 0) return sorted;
  }
}

async function sortBatch(tx: Sql): Promise<number> {
  // Code and stack of the last error are in the ledger only. Several processes may do this at once: each takes other rows.
  const { rows } = await tx.query<OldRow>(
    `SELECT d.id, d.job_type, d.error_name, d.error_message, d.payload,
            (SELECT l.detail->'error' FROM spine.job_ledger l WHERE l.job_id = d.id AND l.kind = 'dead' ORDER BY l.id DESC LIMIT 1) AS error
     FROM spine.dead_letter d WHERE d.family IS NULL ORDER BY d.id LIMIT ${BATCH} FOR UPDATE OF d SKIP LOCKED`,
  );
  if (rows.length === 0) return 0;
  const found = rows.map((row) => {
    const family = familyOf({ jobType: row.job_type, errorName: row.error_name, errorCode: row.error?.code, message: row.error_message, stack: row.error?.stack });
    const payload = JobPayload.safeParse(row.payload);
    return { id: row.id, family, key: payload.success ? payload.data.idempotencyKey : null };
  });
  await ensureFamilies(tx, found.map(({ family }) => family));
  await tx.query(
    `UPDATE spine.dead_letter d SET family = n.family, idempotency_key = n.key
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS n (id, family, key) WHERE d.id = n.id`,
    [found.map(({ id }) => id), found.map(({ family }) => family.id), found.map(({ key }) => key)],
  );
  return rows.length;
}
