/** What is kept of a connector in Postgres: its state and the fingerprints of its records. */
import type { Sql } from '../database/database.ts';
import type { ChangedRecord } from './collect-changes.ts';
import type { Position } from './source.ts';

export interface ConnectorState {
  readonly connectorId: string;
  readonly position: Position;
  readonly lastSyncMs: number | null;
  readonly lastOutcome: string;
  readonly lastError: string | null;
  readonly records: number;
}

export async function readConnectorStates(sql: Sql, connectorIds: readonly string[]): Promise<Map<string, ConnectorState>> {
  const { rows } = await sql.query<{ connector_id: string; position: Position; last_sync_ms: number | null; last_outcome: string; last_error: string | null; records: string }>(
    `SELECT connector_id, position, (extract(epoch FROM last_sync_at) * 1000)::float8 AS last_sync_ms, last_outcome, last_error, records
       FROM spine.connector_state WHERE connector_id = ANY ($1::text[])`,
    [connectorIds],
  );
  return new Map(rows.map((row) => [row.connector_id, {
    connectorId: row.connector_id,
    position: row.position,
    lastSyncMs: row.last_sync_ms === null ? null : Math.round(row.last_sync_ms),
    lastOutcome: row.last_outcome,
    lastError: row.last_error,
    records: Number(row.records),
  }]));
}

/** Fingerprints on record. */
export async function knownFingerprints(sql: Sql, connectorId: string, recordIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql.query<{ record_id: string; fingerprint: string }>(
    'SELECT record_id, fingerprint FROM spine.connector_record WHERE connector_id = $1 AND record_id = ANY ($2::text[])',
    [connectorId, recordIds],
  );
  return new Map(rows.map(({ record_id, fingerprint }) => [record_id, fingerprint]));
}

/**
 * Put fingerprints on record, in a transaction. Returns the ids that really changed: when two syncs of one connector
 * overlap, the later one finds those of the earlier, and publishes none twice.
 */
export async function recordFingerprints(tx: Sql, connectorId: string, records: readonly ChangedRecord[]): Promise<Set<string>> {
  // In order, so that overlapping syncs wait for each other instead of locking each other out.
  const ordered = [...records].sort((a, b) => (a.recordId < b.recordId ? -1 : 1));
  const { rows } = await tx.query<{ record_id: string }>(
    `INSERT INTO spine.connector_record (connector_id, record_id, fingerprint)
     SELECT $1, record_id, fingerprint FROM unnest($2::text[], $3::text[]) AS r (record_id, fingerprint)
     ON CONFLICT (connector_id, record_id) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, seen_at = now()
       WHERE spine.connector_record.fingerprint <> EXCLUDED.fingerprint
     RETURNING record_id`,
    [connectorId, ordered.map(({ recordId }) => recordId), ordered.map(({ fingerprint }) => fingerprint)],
  );
  return new Set(rows.map(({ record_id }) => record_id));
}

/** Forget records (all, without `recordIds`), so that they count as new again. */
export async function forgetRecords(tx: Sql, connectorId: string, recordIds?: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM spine.connector_record WHERE connector_id = $1 AND ($2::text[] IS NULL OR record_id = ANY ($2))', [connectorId, recordIds ?? null]);
}

/** A sync, or a batch of one, is done. `position` null keeps the one on record. `published` is added to the count. */
export async function recordSync(tx: Sql, connectorId: string, done: { position: Position | null; error: string | null; published: number }): Promise<void> {
  await tx.query(
    `INSERT INTO spine.connector_state AS s (connector_id, position, last_sync_at, last_outcome, last_error, records)
     VALUES ($1, coalesce($2::text::jsonb, '{}'), now(), 'completed', $3, $4)
     ON CONFLICT (connector_id) DO UPDATE SET position = coalesce($2::text::jsonb, s.position), last_sync_at = now(),
       last_outcome = 'completed', last_error = $3, records = s.records + $4`,
    [connectorId, done.position === null ? null : JSON.stringify(done.position), done.error, done.published],
  );
}

/** A sync failed; its position stays. */
export async function recordSyncFailure(sql: Sql, connectorId: string, error: string): Promise<void> {
  await sql.query(
    `INSERT INTO spine.connector_state (connector_id, last_sync_at, last_outcome, last_error) VALUES ($1, now(), 'failed', $2)
     ON CONFLICT (connector_id) DO UPDATE SET last_sync_at = now(), last_outcome = 'failed', last_error = $2`,
    [connectorId, error],
  );
}
