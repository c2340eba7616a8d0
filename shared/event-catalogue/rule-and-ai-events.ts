import * as z from 'zod';
import { message } from '../i18n/translate.ts';
import { defineEvent, jsonObject, text } from './define-event.ts';

export const ConditionMatched = defineEvent({
  type: 'rule.ConditionMatched',
  description: message('The conditions of a stored rule held for an event.'),
  schema: z.looseObject({ ruleId: text, ruleName: text, eventType: text }),
  example: { ruleId: 'vip-caller', ruleName: 'Tell ops when a VIP calls', eventType: 'communication.CallStarted' },
});
export const ActionTriggered = defineEvent({
  type: 'rule.ActionTriggered',
  description: message('A matched rule asks for an action; `jobType` names the job that carries it out, `input` what it gets.'),
  schema: z.looseObject({ ruleId: text, jobType: text, input: jsonObject }),
  example: { ruleId: 'vip-caller', jobType: 'SendOutgoingMessageJob', input: { channel: 'ops-webhook', to: 'ops', body: 'VIP on the line' } },
});
export const QueryReceived = defineEvent({
  type: 'ai.QueryReceived',
  description: message('Somebody asks the language model something.'),
  schema: z.looseObject({ prompt: text, system: z.string().optional(), model: z.string().optional(), maxTokens: z.int().min(1).optional() }),
  example: { prompt: 'Summarise today’s calls in two sentences.' },
});
export const ResponseGenerated = defineEvent({
  type: 'ai.ResponseGenerated',
  description: message('The language model answered.'),
  schema: z.looseObject({ response: z.string(), model: text, promptTokens: z.int().optional(), completionTokens: z.int().optional(), durationMs: z.number() }),
  example: { response: 'Eleven calls, one complaint.', model: 'llama3.2', promptTokens: 212, completionTokens: 9, durationMs: 840 },
});

export const ruleEvents = [ConditionMatched, ActionTriggered] as const;
export const aiEvents = [QueryReceived, ResponseGenerated] as const;
