import * as z from 'zod';
import { message } from '../i18n/translate.ts';
import { defineEvent, jsonObject, text } from './define-event.ts';

const Channel = text.describe('name of a configured channel');

export const MessageReceived = defineEvent({
  type: 'communication.MessageReceived',
  description: message('A message arrived from outside.'),
  schema: z.looseObject({ channel: Channel, from: text, to: text, subject: z.string().optional(), body: z.string() }),
  example: { channel: 'mail', from: 'ada@example.org', to: 'desk@site.example', subject: 'Order 42', body: 'Where is it?' },
});
export const MessageSent = defineEvent({
  type: 'communication.MessageSent',
  description: message('A message was accepted by the other side of a channel.'),
  schema: z.looseObject({ channel: Channel, to: text, externalId: z.string().optional(), idempotencyKey: text }),
  example: { channel: 'ops-webhook', to: 'ops', externalId: 'm-981', idempotencyKey: 'c0ffee00-0000-5000-8000-000000000000' },
});
export const MessageDelivered = defineEvent({
  type: 'communication.MessageDelivered',
  description: message('The other side reports that a message reached its reader.'),
  schema: z.looseObject({ channel: Channel, externalId: text }),
  example: { channel: 'ops-webhook', externalId: 'm-981' },
});
export const CallStarted = defineEvent({
  type: 'communication.CallStarted',
  description: message('A call rings or was picked up at the telephony gateway.'),
  schema: z.looseObject({ callId: text, from: text, to: text, direction: z.enum(['inbound', 'outbound']), customer: jsonObject.optional() }),
  example: { callId: 'pbx-7-1029', from: '+49 30 901820', to: '+49 30 5550100', direction: 'inbound', customer: { id: 42, tier: 'vip' } },
});
export const CallEnded = defineEvent({
  type: 'communication.CallEnded',
  description: message('A call ended.'),
  schema: z.looseObject({ callId: text, durationSeconds: z.number().min(0), outcome: z.enum(['answered', 'missed', 'busy', 'failed']) }),
  example: { callId: 'pbx-7-1029', durationSeconds: 93, outcome: 'answered' },
});
export const CallPlaced = defineEvent({
  type: 'communication.CallPlaced',
  description: message('The telephony gateway accepted a call that we asked for.'),
  schema: z.looseObject({ to: text, gatewayCallId: z.string().optional(), idempotencyKey: text }),
  example: { to: '+49 30 901820', gatewayCallId: 'g-311', idempotencyKey: 'c0ffee00-0000-5000-8000-000000000000' },
});
export const FaxReceived = defineEvent({
  type: 'communication.FaxReceived',
  description: message('A fax arrived from outside.'),
  schema: z.looseObject({ from: text, pages: z.int().min(1), documentUrl: z.string().optional() }),
  example: { from: '+49 30 901821', pages: 2 },
});
export const FaxSent = defineEvent({
  type: 'communication.FaxSent',
  description: message('The fax gateway accepted a fax.'),
  schema: z.looseObject({ to: text, gatewayFaxId: z.string().optional(), idempotencyKey: text }),
  example: { to: '+49 30 901821', gatewayFaxId: 'f-12', idempotencyKey: 'c0ffee00-0000-5000-8000-000000000000' },
});

export const communicationEvents = [
  MessageReceived, MessageSent, MessageDelivered, CallStarted, CallEnded, CallPlaced, FaxReceived, FaxSent,
] as const;
