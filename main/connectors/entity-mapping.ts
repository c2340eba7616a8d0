/** A raw record becomes entities by its connector's mapping. */
import * as z from 'zod';
import { NotRetryableError } from '../../shared/errors.ts';
import { describeIssues } from '../../shared/event-catalogue/index.ts';
import type { ConnectorConfig } from '../config/site-config.ts';
import { evaluateExpression } from './mapping.ts';

const MappedEntity = z.object({
  entityType: z.string().trim().min(1).max(100),
  /** Numbers are accepted, since many sources number their records. */
  entityId: z.union([z.string(), z.number()]).transform(String).pipe(z.string().trim().min(1).max(500)),
  attributes: z.record(z.string(), z.unknown()),
});
export type MappedEntity = z.infer<typeof MappedEntity>;

/**
 * Map one record. A mapping that yields nothing (null, an empty list) drops the record.
 * @throws NotRetryableError naming `connectors.<id>.mapping` and the field that is wrong.
 */
export async function mapRecord(connector: Pick<ConnectorConfig, 'id' | 'mapping'>, record: Record<string, unknown>): Promise<MappedEntity[]> {
  const setting = `connectors.${connector.id}.mapping`;
  const result = await evaluateExpression(connector.mapping, record, setting);
  if (result === undefined || result === null) return [];
  const entities = new Map<string, MappedEntity>();
  for (const [index, item] of (Array.isArray(result) ? result : [result]).entries()) {
    const parsed = MappedEntity.safeParse(item);
    if (!parsed.success) {
      const place = Array.isArray(result) ? `entities[${index}]` : '';
      throw new NotRetryableError(`${setting} yields no entity: ${describeIssues(parsed.error, place)}.`, { cause: parsed.error });
    }
    const { entityType, entityId } = parsed.data;
    const key = `${entityType}:${entityId}`;
    if (entities.has(key)) throw new NotRetryableError(`${setting} yields the entity ${key} twice for one record.`);
    entities.set(key, parsed.data);
  }
  return [...entities.values()];
}
