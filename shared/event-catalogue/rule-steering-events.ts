/** Audit of what operators do to rules: each is written in the transaction that acts. */
import * as z from 'zod';
import { message } from '../i18n/translate.ts';
import { defineEvent, jsonObject, text } from './define-event.ts';

/** Who acted, and why. */
const audit = { operator: text, reason: z.string().optional() };
const definition = {
  id: 'late-calls', name: 'Tell ops of long calls', enabled: true,
  conditions: { all: [{ fact: 'event', path: '$.data.durationSeconds', operator: 'greaterThan', value: 600 }] },
  actions: [{ jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', body: '{{ data.callId }} took {{ data.durationSeconds }} s' } }],
};

export const RuleCreated = defineEvent({
  type: 'system.RuleCreated',
  description: message('Audit: an operator makes a rule.'),
  schema: z.looseObject({ rule: text, version: z.int(), definition: jsonObject, ...audit }),
  example: { rule: 'late-calls', version: 1, definition, operator: 'local', reason: 'asked for by the desk' },
});
export const RuleChanged = defineEvent({
  type: 'system.RuleChanged',
  description: message('Audit: an operator changes a rule; `before` is what it was.'),
  schema: z.looseObject({ rule: text, version: z.int(), definition: jsonObject, before: jsonObject, ...audit }),
  example: { rule: 'late-calls', version: 2, definition, before: { ...definition, name: 'Long calls' }, operator: 'local', reason: 'ten minutes are long' },
});
export const RuleRemoved = defineEvent({
  type: 'system.RuleRemoved',
  description: message('Audit: an operator removes a rule; its versions are kept.'),
  schema: z.looseObject({ rule: text, version: z.int(), before: jsonObject, ...audit }),
  example: { rule: 'late-calls', version: 3, before: definition, operator: 'local', reason: 'no longer needed' },
});
export const RuleSwitched = defineEvent({
  type: 'system.RuleSwitched',
  description: message('Audit: an operator switches a rule on or off.'),
  schema: z.looseObject({ rule: text, on: z.boolean(), ...audit }),
  example: { rule: 'late-calls', on: false, operator: 'local', reason: 'too many messages' },
});

export const ruleSteeringEvents = [RuleCreated, RuleChanged, RuleRemoved, RuleSwitched] as const;
