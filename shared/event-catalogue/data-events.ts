import * as z from 'zod';
import { defineEvent, jsonObject, text } from './define-event.ts';

const entity = { entityType: text, entityId: text, version: z.int().min(1) };

export const EntityCreated = defineEvent({
  type: 'data.EntityCreated',
  description: 'An entity was written for the first time.',
  schema: z.looseObject({ ...entity, attributes: jsonObject }),
  example: { entityType: 'customer', entityId: 'c-42', version: 1, attributes: { name: 'Ada Lovelace' } },
});
export const EntityUpdated = defineEvent({
  type: 'data.EntityUpdated',
  description: 'An entity got a new version.',
  schema: z.looseObject({ ...entity, attributes: jsonObject, changed: z.array(z.string()).optional() }),
  example: { entityType: 'customer', entityId: 'c-42', version: 2, attributes: { name: 'Ada King' }, changed: ['name'] },
});
export const EntityDeleted = defineEvent({
  type: 'data.EntityDeleted',
  description: 'An entity was removed.',
  schema: z.looseObject(entity),
  example: { entityType: 'customer', entityId: 'c-42', version: 3 },
});

export const dataEvents = [EntityCreated, EntityUpdated, EntityDeleted] as const;
