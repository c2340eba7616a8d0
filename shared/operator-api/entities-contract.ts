/** Entities: every version that was written, with the event that told of it. */
import { oc } from '@orpc/contract';
import * as z from 'zod';

export const EntityVersion = z.object({
  version: z.int(),
  attributes: z.record(z.string(), z.unknown()),
  /** Attributes that differ from the version before, in order; of the first one all. */
  changed: z.array(z.string()),
  writtenMs: z.number(),
  /** The job that wrote it. */
  jobId: z.string(),
  /** The event that told of it, and its correlation; null once the view has grown too old for it. */
  event: z.object({ eventId: z.string(), eventType: z.string(), correlationId: z.string(), source: z.string() }).nullable(),
});
export type EntityVersion = z.infer<typeof EntityVersion>;

const named = z.object({ entityType: z.string().min(1).max(100), entityId: z.string().min(1).max(500) });

export const entitiesContract = {
  /** A page of versions, newest first. */
  versions: oc
    .route({ method: 'GET', path: '/entities/{entityType}/{entityId}/versions', summary: 'What an entity was, newest first' })
    .input(named.extend({ beforeVersion: z.coerce.number().int().positive().optional(), limit: z.coerce.number().int().min(1).max(100).default(20) }))
    .output(z.object({ versions: z.array(EntityVersion), current: z.int(), more: z.boolean() })),
  /** Two of them, however far apart. */
  compare: oc
    .route({ method: 'GET', path: '/entities/{entityType}/{entityId}/compare', summary: 'What differs between two versions of an entity' })
    .input(named.extend({ from: z.coerce.number().int().positive(), to: z.coerce.number().int().positive() }))
    .output(
      z.object({
        changes: z.array(z.object({ path: z.string(), kind: z.enum(['added', 'removed', 'changed']), /** Named as the payloads that they come from, so that viewers see what they may. */ before: z.object({ data: z.record(z.string(), z.unknown()) }).nullable(), after: z.object({ data: z.record(z.string(), z.unknown()) }).nullable() })),
        unchanged: z.int(),
      }),
    ),
};
