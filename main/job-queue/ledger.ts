/**
 * The ledger: append-only record of what happened to jobs. Written in the transaction that makes it true,
 * but for `started`, which is written beside the attempt so that the handler need not wait for it.
 */
import * as z from 'zod';
import { prepared, type Sql } from '../database/database.ts';
import { writeRecords } from './records.ts';
import { Tier } from '../../shared/tiers.ts';

const error = z.object({ name: z.string(), code: z.string().optional(), message: z.string(), stack: z.string().optional() });
export type LedgerError = z.infer<typeof error>;

/** Detail by kind. Times are epoch ms. */
export const LedgerEntry = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('enqueued'),
    jobId: z.string(),
    detail: z.object({
      jobType: z.string(), queue: z.string(), tier: Tier, priority: z.int(), correlationId: z.string(), triggeringEventId: z.string(),
      parentJobId: z.string().nullable(), redriveOf: z.string().nullable(), replayOf: z.string().nullish(), publishedMs: z.number(), enqueuedMs: z.number(), input: z.unknown(),
    }),
  }),
  z.object({ kind: z.literal('started'), jobId: z.string(), attempt: z.int(), detail: z.object({ startedMs: z.number(), worker: z.string() }) }),
  z.object({ kind: z.literal('completed'), jobId: z.string(), attempt: z.int(), detail: z.object({ startedMs: z.number(), finishedMs: z.number(), worker: z.string() }) }),
  z.object({
    kind: z.literal('failed'),
    jobId: z.string(),
    attempt: z.int(),
    detail: z.object({ startedMs: z.number(), finishedMs: z.number(), worker: z.string(), error, retryAtMs: z.number() }),
  }),
  z.object({
    kind: z.literal('dead'),
    jobId: z.string(),
    attempt: z.int(),
    /** Without a start: cancelled while it waited, after `attempt` attempts. */
    detail: z.object({ startedMs: z.number().nullable(), finishedMs: z.number(), worker: z.string().nullable(), error, reason: z.string() }),
  }),
  /** An attempt whose worker vanished; found when the job is claimed again. */
  z.object({ kind: z.literal('lost'), jobId: z.string(), attempt: z.int(), detail: z.object({ noticedMs: z.number() }) }),
  z.object({ kind: z.literal('redriven'), jobId: z.string(), detail: z.object({ as: z.string() }) }),
  z.object({ kind: z.literal('discarded'), jobId: z.string(), detail: z.object({ operator: z.string(), reason: z.string() }) }),
  /** An operator made the next attempt due. */
  z.object({ kind: z.literal('hastened'), jobId: z.string(), detail: z.object({ operator: z.string(), atMs: z.number() }) }),
  /** An operator moved it to the front of its queue. */
  z.object({ kind: z.literal('moved'), jobId: z.string(), detail: z.object({ operator: z.string(), priority: z.int() }) }),
  /** A discard was undone. */
  z.object({ kind: z.literal('restored'), jobId: z.string(), detail: z.object({ operator: z.string() }) }),
]);
export type LedgerEntry = z.infer<typeof LedgerEntry>;

/** Append entries, in order, in one statement. */
export async function appendToLedger(sql: Sql, entries: readonly LedgerEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await writeRecords(sql, { ledger: entries });
}

/**
 * Note attempts as lost that began before the given ones and never ended. An attempt of which nothing more was recorded
 * than that it started had a worker that vanished.
 */
export async function noteLostAttempts(sql: Sql, claimed: readonly { id: string; attempt: number }[], noticedMs: number): Promise<void> {
  const again = claimed.filter(({ attempt }) => attempt > 1);
  if (again.length === 0) return;
  await sql.query(
    `INSERT INTO spine.job_ledger (kind, job_id, attempt, detail)
     SELECT 'lost', c.job_id, c.attempt - 1, jsonb_build_object('noticedMs', $3::float8)
     FROM unnest($1::uuid[], $2::int[]) AS c (job_id, attempt)
     WHERE NOT EXISTS (SELECT 1 FROM spine.job_ledger l WHERE l.job_id = c.job_id AND l.attempt = c.attempt - 1 AND l.kind IN ('failed', 'lost'))`,
    [again.map(({ id }) => id), again.map(({ attempt }) => attempt), noticedMs],
  );
}

/** Position of a reader of the ledger. */
export interface LedgerPosition {
  readonly txid: string;
  readonly id: number;
}
export const LEDGER_START: LedgerPosition = { txid: '0', id: 0 };

/** An entry as it is read back, with its position. */
export type ReadLedgerEntry = LedgerEntry & { readonly id: number; readonly txid: string };

/**
 * Read on from a position, at most `max` entries. Only entries of transactions older than every running one are given:
 * rows that commit late get their turn before the position passes them.
 */
export async function readLedger(sql: Sql, after: LedgerPosition, max: number): Promise<ReadLedgerEntry[]> {
  const { rows } = await sql.query<{ id: string; txid: string; kind: string; job_id: string; attempt: number | null; detail: unknown }>(prepared(
    // Ordered by the table's txid, a number: the output column of that name is a text, where '1000' comes before '999'.
    `SELECT l.id, l.txid::text AS txid, l.kind, l.job_id, l.attempt, l.detail FROM spine.job_ledger l
     WHERE (l.txid, l.id) > ($1::text::xid8, $2::bigint) AND l.txid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY l.txid, l.id LIMIT $3`,
    [after.txid, after.id, max],
  ));
  return rows.map((row) => ({
    ...LedgerEntry.parse({ kind: row.kind, jobId: row.job_id, ...(row.attempt === null ? {} : { attempt: row.attempt }), detail: row.detail }),
    id: Number(row.id),
    txid: row.txid,
  }));
}
