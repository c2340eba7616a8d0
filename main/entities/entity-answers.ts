/** What an entity was: its versions from Postgres, and the events that told of them from the view. */
import type { EntityVersion } from '../../shared/operator-api/index.ts';
import { NotFoundError } from '../../shared/errors.ts';
import type { Sql } from '../database/database.ts';
import type { OperatorServices } from '../operator-api/services.ts';
import { changedKeys } from '../workers/handlers/write-entity.ts';

interface Row extends Record<string, unknown> {
  version: number;
  attributes: Record<string, unknown>;
  jobId: string;
  writtenMs: number;
}

export interface EntityName {
  readonly entityType: string;
  readonly entityId: string;
}

const COLUMNS = `version, attributes, written_by::text AS "jobId", (extract(epoch FROM written_at) * 1000)::float8 AS "writtenMs"`;

/** @throws NotFoundError if no such entity was ever written. */
export async function entityVersions(services: Pick<OperatorServices, 'database' | 'projection'>, { entityType, entityId, beforeVersion, limit }: EntityName & { beforeVersion?: number | undefined; limit: number }): Promise<{ versions: EntityVersion[]; current: number; more: boolean }> {
  const sql = services.database.intake;
  const [{ rows: [entity] }, { rows }] = await Promise.all([
    sql.query<{ version: number }>('SELECT version FROM spine.entity WHERE entity_type = $1 AND entity_id = $2', [entityType, entityId]),
    // One more than are shown: what changed in the oldest of them is told by the one before it.
    sql.query<Row>(`SELECT ${COLUMNS} FROM spine.entity_version WHERE entity_type = $1 AND entity_id = $2 AND ($3::int IS NULL OR version < $3) ORDER BY version DESC LIMIT $4`, [entityType, entityId, beforeVersion ?? null, limit + 1]),
  ]);
  if (!entity) throw new NotFoundError('entity', `${entityType} ${entityId}`);
  const shown = rows.slice(0, limit);
  const events = new Map((await services.projection.read.entityEvents(shown.map(({ jobId }) => jobId))).map((event) => [event.jobId, event]));
  return {
    current: entity.version,
    more: rows.length > limit,
    versions: shown.map((row, index) => {
      const event = events.get(row.jobId);
      return {
        ...row,
        changed: changedKeys(rows[index + 1]?.attributes ?? {}, row.attributes),
        event: event ? { eventId: event.eventId, eventType: event.eventType, correlationId: event.correlationId, source: event.source } : null,
      };
    }),
  };
}

interface Change {
  path: string;
  kind: 'added' | 'removed' | 'changed';
  before: { data: Record<string, unknown> } | null;
  after: { data: Record<string, unknown> } | null;
}

/** What differs between two versions, leaf by leaf. @throws NotFoundError naming the version that is not there. */
export async function compareVersions({ database }: Pick<OperatorServices, 'database'>, { entityType, entityId, from, to }: EntityName & { from: number; to: number }): Promise<{ changes: Change[]; unchanged: number }> {
  const [before, after] = await Promise.all([attributesOf(database.intake, { entityType, entityId }, from), attributesOf(database.intake, { entityType, entityId }, to)]);
  return differences(before, after);
}

async function attributesOf(sql: Sql, { entityType, entityId }: EntityName, version: number): Promise<Record<string, unknown>> {
  const { rows: [row] } = await sql.query<{ attributes: Record<string, unknown> }>('SELECT attributes FROM spine.entity_version WHERE entity_type = $1 AND entity_id = $2 AND version = $3', [entityType, entityId, version]);
  if (!row) throw new NotFoundError('version of an entity', `${entityType} ${entityId} ${version}`);
  return row.attributes;
}

/** Leaves that differ, in the order of their paths; lists are compared as a whole: an item has no name to follow it by. */
export function differences(before: Record<string, unknown>, after: Record<string, unknown>): { changes: Change[]; unchanged: number } {
  const [old, fresh] = [leavesOf(before), leavesOf(after)];
  const changes: Change[] = [];
  let unchanged = 0;
  for (const path of [...new Set([...old.keys(), ...fresh.keys()])].sort()) {
    const [was, is] = [old.get(path), fresh.get(path)];
    if (was !== undefined && is !== undefined && JSON.stringify(was.value) === JSON.stringify(is.value)) unchanged += 1;
    else changes.push({ path, kind: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed', before: was ? { data: was.at } : null, after: is ? { data: is.at } : null });
  }
  return { changes, unchanged };
}

/** By path: the value, and the value at its place in an object of its own, in which masks find it. */
function leavesOf(value: Record<string, unknown>, above: readonly string[] = []): Map<string, { value: unknown; at: Record<string, unknown> }> {
  const leaves = new Map<string, { value: unknown; at: Record<string, unknown> }>();
  for (const [key, inner] of Object.entries(value)) {
    const path = [...above, key];
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner) && Object.keys(inner).length > 0) {
      for (const [below, leaf] of leavesOf(inner as Record<string, unknown>, path)) leaves.set(below, leaf);
    } else leaves.set(path.join('.'), { value: inner, at: path.reduceRight<unknown>((nested, name) => ({ [name]: nested }), inner) as Record<string, unknown> });
  }
  return leaves;
}
