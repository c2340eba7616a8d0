/** The rows that go with a step of a job, in one statement: fewer round trips while a transaction is open. */
import type { Envelope } from '../../shared/envelope.ts';
import type pg from 'pg';
import { prepared, type Sql } from '../database/database.ts';
import type { LedgerEntry } from './ledger.ts';

export interface Records {
  readonly ledger?: readonly LedgerEntry[];
  readonly outbox?: readonly Envelope[];
  /** Idempotency keys whose jobs are finished. */
  readonly finished?: readonly string[];
}

/** Write ledger entries and outbox events, in order, as part of the caller's transaction. */
export async function writeRecords(tx: Sql, records: Records): Promise<void> {
  await tx.query(recordsStatement(records));
}

/**
 * The statement that writes ledger entries, outbox events and finished keys, in order.
 * It raises NOT_AS_EXPECTED if one of the finished keys was on record before.
 */
export function recordsStatement({ ledger = [], outbox = [], finished = [] }: Records): pg.QueryConfig {
  return prepared(
    `WITH ledger AS (
       INSERT INTO spine.job_ledger (kind, job_id, attempt, detail)
       SELECT kind, job_id, attempt, detail FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[]::jsonb[]) AS e (kind, job_id, attempt, detail)
     ), outbox AS (
       INSERT INTO spine.outbox (event_id, event_type, body)
       SELECT * FROM unnest($5::uuid[], $6::text[], $7::text[]) ON CONFLICT (event_id) DO NOTHING
     ), finished AS (
       INSERT INTO spine.effect (idempotency_key, effect) SELECT key, '' FROM unnest($8::uuid[]) AS k (key) ON CONFLICT DO NOTHING RETURNING 1
     )
     SELECT spine.expect(count(*), cardinality($8::uuid[]), 'jobs were not finished before') FROM finished`,
    [
      ledger.map(({ kind }) => kind),
      ledger.map(({ jobId }) => jobId),
      ledger.map((entry) => ('attempt' in entry ? entry.attempt : null)),
      ledger.map(({ detail }) => JSON.stringify(detail)),
      outbox.map(({ eventId }) => eventId),
      outbox.map(({ eventType }) => eventType),
      outbox.map((event) => JSON.stringify(event)),
      finished,
    ],
  );
}
