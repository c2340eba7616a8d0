/** The rows that go with a step of a job. */
import type { Envelope } from '../../shared/envelope.ts';
import type { Sql } from '../database/database.ts';
import { inOneStatement, type Write } from '../database/writes.ts';
import type { LedgerEntry } from './ledger.ts';

export interface Records {
  readonly ledger?: readonly LedgerEntry[];
  readonly outbox?: readonly Envelope[];
  /** Idempotency keys whose jobs are finished. */
  readonly finished?: readonly string[];
}

/** Write records as part of the caller's transaction. @throws NOT_AS_EXPECTED if one of the finished keys was on record before. */
export async function writeRecords(tx: Sql, records: Records): Promise<void> {
  const writes = recordWrites(records);
  if (writes.length > 0) await tx.query(inOneStatement(writes));
}

/** What writes ledger entries, outbox events and finished keys, in order. Raises NOT_AS_EXPECTED if one of the finished keys was on record before. */
export function recordWrites({ ledger = [], outbox = [], finished = [] }: Records): Write[] {
  const writes: Write[] = [];
  if (ledger.length > 0) {
    writes.push({
      text: `INSERT INTO spine.job_ledger (kind, job_id, attempt, detail)
        SELECT kind, job_id, attempt, detail FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[]::jsonb[]) AS e (kind, job_id, attempt, detail)`,
      values: [ledger.map(({ kind }) => kind), ledger.map(({ jobId }) => jobId), ledger.map((entry) => ('attempt' in entry ? entry.attempt : null)), ledger.map(({ detail }) => JSON.stringify(detail))],
    });
  }
  if (outbox.length > 0) {
    writes.push({
      text: 'INSERT INTO spine.outbox (event_id, event_type, body) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) ON CONFLICT (event_id) DO NOTHING',
      values: [outbox.map(({ eventId }) => eventId), outbox.map(({ eventType }) => eventType), outbox.map((event) => JSON.stringify(event))],
    });
  }
  if (finished.length > 0) {
    writes.push({
      text: `INSERT INTO spine.effect (idempotency_key, effect) SELECT key, '' FROM unnest($1::uuid[]) AS k (key) ON CONFLICT DO NOTHING RETURNING 1`,
      values: [finished],
      mustReturn: { rows: finished.length, what: 'jobs were not finished before' },
    });
  }
  return writes;
}
