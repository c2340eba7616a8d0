/** WriteEntityJob: upserts an entity with a new version, if anything changed. */
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import { canonicalJson } from '../../connectors/record-identity.ts';
import type { Sql } from '../../database/database.ts';
import type { Handler } from '../handler.ts';

type Attributes = Record<string, unknown>;

/**
 * The row is locked, compared and written in the transaction that finishes the job, so that writers of one entity
 * follow each other. They follow in the order in which they finish: of two records that arrive together, the one
 * whose job ends later wins.
 */
export function writeEntity(): Handler<InputOf<'WriteEntityJob'>> {
  return async (attempt) => {
    const { entityType, entityId, attributes } = attempt.input;
    const by = { jobId: attempt.job.id, correlationId: attempt.job.correlationId };
    attempt.atFinish(async (tx) => {
      if (await insertNew(tx, { entityType, entityId, attributes, ...by })) {
        attempt.emit('data.EntityCreated', { entityType, entityId, version: 1, attributes });
        return;
      }
      const current = await lockCurrent(tx, entityType, entityId);
      const changed = changedKeys(current.attributes, attributes);
      if (changed.length === 0) return;
      const version = current.version + 1;
      await writeVersion(tx, { entityType, entityId, attributes, version, ...by });
      attempt.emit('data.EntityUpdated', { entityType, entityId, version, attributes, changed });
    });
  };
}

/** Keys whose values differ, those that came or went included, in order. Same content in another key order is no change. */
export function changedKeys(before: Attributes, after: Attributes): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys]
    .filter((key) => Object.hasOwn(before, key) !== Object.hasOwn(after, key) || canonicalJson(before[key]) !== canonicalJson(after[key]))
    .sort();
}

interface NewVersion {
  readonly entityType: string;
  readonly entityId: string;
  readonly attributes: Attributes;
  readonly jobId: string;
  readonly correlationId: string;
}

/** Write version 1. False if the entity is there already; a writer that is about to create it is waited for. */
async function insertNew(tx: Sql, { entityType, entityId, attributes, jobId, correlationId }: NewVersion): Promise<boolean> {
  const { rowCount } = await tx.query(
    `WITH created AS (
       INSERT INTO spine.entity (entity_type, entity_id, version, attributes, correlation_id) VALUES ($1, $2, 1, $3::text::jsonb, $4)
       ON CONFLICT DO NOTHING RETURNING 1
     )
     INSERT INTO spine.entity_version (entity_type, entity_id, version, attributes, written_by)
     SELECT $1, $2, 1, $3::text::jsonb, $5 FROM created`,
    [entityType, entityId, JSON.stringify(attributes), correlationId, jobId],
  );
  return rowCount === 1;
}

async function lockCurrent(tx: Sql, entityType: string, entityId: string): Promise<{ version: number; attributes: Attributes }> {
  const { rows } = await tx.query<{ version: number; attributes: Attributes }>(
    'SELECT version, attributes FROM spine.entity WHERE entity_type = $1 AND entity_id = $2 FOR UPDATE',
    [entityType, entityId],
  );
  const [current] = rows;
  // Nothing deletes entities but a person at the database, between these two statements.
  if (!current) throw new Error(`The entity ${entityType}:${entityId} was removed while it was written.`);
  return current;
}

async function writeVersion(tx: Sql, { entityType, entityId, attributes, version, jobId, correlationId }: NewVersion & { version: number }): Promise<void> {
  await tx.query(
    `WITH updated AS (
       UPDATE spine.entity SET version = $3, attributes = $4::text::jsonb, correlation_id = $5, updated_at = now()
       WHERE entity_type = $1 AND entity_id = $2
     )
     INSERT INTO spine.entity_version (entity_type, entity_id, version, attributes, written_by) VALUES ($1, $2, $3, $4::text::jsonb, $6)`,
    [entityType, entityId, version, JSON.stringify(attributes), correlationId, jobId],
  );
}
