/** What a rule is: the same in the configuration file, in the operator API and in the store. */
import * as z from 'zod';

export const RuleDefinition = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes, at most 63'),
  name: z.string().min(1),
  enabled: z.boolean().default(true),
  /** Event types it looks at; default all that reach the rule engine. */
  events: z.array(z.string()).optional(),
  /** Conditions of json-rules-engine over the fact `event`. */
  conditions: z.record(z.string(), z.unknown()),
  /** Jobs to ask for. Texts may hold {{ path }} into the event, such as {{ data.from }}. */
  actions: z.array(z.strictObject({ jobType: z.string().min(1), input: z.record(z.string(), z.unknown()) })).min(1),
});
export type RuleDefinition = z.infer<typeof RuleDefinition>;

/** Operators of conditions, in the order in which a person would look for them. */
export const RULE_OPERATORS = [
  'equal', 'notEqual', 'contains', 'doesNotContain', 'in', 'notIn', 'lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive',
  'startsWith', 'endsWith', 'containsText', 'matches', 'exists',
] as const;
