import * as z from 'zod';
import { message } from '../i18n/translate.ts';
import { defineEvent, jsonObject, text } from './define-event.ts';

const entity = { entityType: text, entityId: text, version: z.int().min(1) };

export const EntityCreated = defineEvent({
  type: 'data.EntityCreated',
  description: message('An entity was written for the first time.'),
  schema: z.looseObject({ ...entity, attributes: jsonObject }),
  example: { entityType: 'customer', entityId: 'c-42', version: 1, attributes: { name: 'Ada Lovelace' } },
});
export const EntityUpdated = defineEvent({
  type: 'data.EntityUpdated',
  description: message('An entity got a new version.'),
  schema: z.looseObject({ ...entity, attributes: jsonObject, changed: z.array(z.string()).optional() }),
  example: { entityType: 'customer', entityId: 'c-42', version: 2, attributes: { name: 'Ada King' }, changed: ['name'] },
});
export const EntityDeleted = defineEvent({
  type: 'data.EntityDeleted',
  description: message('An entity was removed.'),
  schema: z.looseObject(entity),
  example: { entityType: 'customer', entityId: 'c-42', version: 3 },
});

export const dataEvents = [EntityCreated, EntityUpdated, EntityDeleted] as const;
