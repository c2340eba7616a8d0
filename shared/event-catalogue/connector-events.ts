import * as z from 'zod';
import { message } from '../i18n/translate.ts';
import { defineEvent, instant, jsonObject, text } from './define-event.ts';

export const DataReceived = defineEvent({
  type: 'connector.DataReceived',
  description: message('A connector read one raw record from its source.'),
  schema: z.looseObject({ connectorId: text, recordId: text, record: jsonObject, receivedFrom: text.optional() }),
  example: { connectorId: 'crm-export', recordId: 'c-42', record: { name: 'Ada Lovelace', phone: '+44 20 7946 0018' } },
});
export const SyncCompleted = defineEvent({
  type: 'connector.SyncCompleted',
  description: message('A connector finished pulling; every record before it has been published.'),
  schema: z.looseObject({ connectorId: text, records: z.int().min(0), unchanged: z.int().min(0).optional(), durationMs: z.number().min(0) }),
  example: { connectorId: 'crm-export', records: 12, unchanged: 3, durationMs: 184 },
});
export const SyncFailed = defineEvent({
  type: 'connector.SyncFailed',
  description: message('A connector could not pull from its source.'),
  schema: z.looseObject({ connectorId: text, error: text, willRetry: z.boolean() }),
  example: { connectorId: 'crm-export', error: 'HTTP 503 from the source', willRetry: true },
});
export const LocationUpdated = defineEvent({
  type: 'connector.LocationUpdated',
  description: message('A person or thing reported where it is.'),
  schema: z.looseObject({
    subject: text,
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    accuracyMetres: z.number().min(0).optional(),
    at: instant.optional(),
  }),
  example: { subject: 'van-7', latitude: 52.52, longitude: 13.405, accuracyMetres: 8 },
});
export const SyncStarted = defineEvent({
  type: 'connector.SyncStarted',
  description: message('A connector begins to pull from its source.'),
  schema: z.looseObject({ connectorId: text, kind: text }),
  example: { connectorId: 'crm-export', kind: 'folder' },
});

export const connectorEvents = [DataReceived, SyncStarted, SyncCompleted, SyncFailed, LocationUpdated] as const;
