/** A rule while it is edited: as fields where that is possible, as JSON otherwise. */
import { parse, type ParseError } from 'jsonc-parser';
import { t } from '../../shared/i18n/translate.ts';
import type { RuleDefinition } from '../../shared/rule-definition.ts';

/** One comparison, as a row of fields. `value` is JSON, or a text as it is. */
export interface SimpleCondition {
  readonly path: string;
  readonly operator: string;
  readonly value: string;
}
export interface SimpleConditions {
  readonly quantifier: 'all' | 'any';
  readonly rows: readonly SimpleCondition[];
}

export interface RuleDraft {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Empty: all that reach the rules. */
  readonly events: readonly string[];
  readonly conditionsAs: 'fields' | 'json';
  readonly simple: SimpleConditions;
  readonly conditionsJson: string;
  readonly actions: readonly { readonly jobType: string; readonly inputJson: string }[];
}

/** Texts by field: `conditions`, `actions.0.input`. */
export type DraftErrors = Readonly<Record<string, string>>;

const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

/** Conditions as rows of fields; null if they are more than one list of comparisons. */
export function simpleOf(conditions: Record<string, unknown>): SimpleConditions | null {
  const [quantifier, ...others] = Object.keys(conditions);
  if ((quantifier !== 'all' && quantifier !== 'any') || others.length > 0) return null;
  const list = conditions[quantifier];
  if (!Array.isArray(list)) return null;
  const rows: SimpleCondition[] = [];
  for (const item of list as unknown[]) {
    if (typeof item !== 'object' || item === null || Object.keys(item).some((key) => !['fact', 'path', 'operator', 'value'].includes(key))) return null;
    const { fact, path, operator, value } = item as Record<string, unknown>;
    if (fact !== 'event' || typeof operator !== 'string' || (path !== undefined && typeof path !== 'string')) return null;
    rows.push({ path: (path ?? '').replace(/^\$\.?/, ''), operator, value: typeof value === 'string' && !isJson(value) ? value : JSON.stringify(value) });
  }
  return { quantifier, rows };
}

/** Rows of fields as conditions. A value that is JSON is taken as such (`42`, `true`, `["a", "b"]`, `"42"`), anything else as a text. */
export function conditionsOf({ quantifier, rows }: SimpleConditions): Record<string, unknown> {
  return { [quantifier]: rows.map(({ path, operator, value }) => ({ fact: 'event', ...(path === '' ? {} : { path: `$.${path}` }), operator, value: isJson(value) ? JSON.parse(value) : value })) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What the form begins with; without a rule, an example that can be tried at once. */
export function draftOf(rule: RuleDefinition | null, jobType = 'SendOutgoingMessageJob'): RuleDraft {
  const conditions = rule?.conditions ?? { all: [{ fact: 'event', path: '$.data.customer.tier', operator: 'equal', value: 'vip' }] };
  const simple = simpleOf(conditions);
  return {
    id: rule?.id ?? '',
    name: rule?.name ?? '',
    enabled: rule?.enabled ?? true,
    events: rule ? (rule.events ?? []) : ['communication.CallStarted'],
    conditionsAs: simple ? 'fields' : 'json',
    simple: simple ?? { quantifier: 'all', rows: [] },
    conditionsJson: pretty(conditions),
    actions: (rule?.actions ?? [{ jobType, input: { channel: 'ops', to: 'ops', body: '{{ data.from }} is on the line' } }]).map((action) => ({ jobType: action.jobType, inputJson: pretty(action.input) })),
  };
}

/** From one way of writing conditions to the other; JSON that is no list of comparisons stays JSON. */
export function switchConditions(draft: RuleDraft, to: 'fields' | 'json'): RuleDraft {
  if (to === draft.conditionsAs) return draft;
  if (to === 'json') return { ...draft, conditionsAs: 'json', conditionsJson: pretty(conditionsOf(draft.simple)) };
  const parsed = objectOf(draft.conditionsJson);
  const simple = 'problem' in parsed ? null : simpleOf(parsed.value);
  return simple ? { ...draft, conditionsAs: 'fields', simple } : draft;
}

/** May these conditions be shown as fields? */
export function fitsFields(draft: RuleDraft): boolean {
  return draft.conditionsAs === 'fields' || switchConditions(draft, 'fields').conditionsAs === 'fields';
}

/** The rule that a draft stands for, or what is wrong with its JSON. The rest is for the services to judge. */
export function definitionOf(draft: RuleDraft): { definition: unknown } | { errors: DraftErrors } {
  const errors: Record<string, string> = {};
  const read = (field: string, text: string): Record<string, unknown> => {
    const parsed = objectOf(text);
    if ('value' in parsed) return parsed.value;
    errors[field] = parsed.problem;
    return {};
  };
  const conditions = draft.conditionsAs === 'fields' ? conditionsOf(draft.simple) : read('conditions', draft.conditionsJson);
  const actions = draft.actions.map(({ jobType, inputJson }, index) => ({ jobType, input: read(`actions.${index}.input`, inputJson) }));
  if (Object.keys(errors).length > 0) return { errors };
  const { id, name, enabled, events } = draft;
  return { definition: { id: id.trim(), name: name.trim(), enabled, ...(events.length > 0 ? { events: [...events] } : {}), conditions, actions } };
}

function objectOf(text: string): { value: Record<string, unknown> } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: t('No valid JSON: look at line {line}, column {column}.', placeOf(text)) };
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { value: value as Record<string, unknown> } : { problem: t('Expected a JSON object, in curly braces.') };
}

/** Where the first mistake is: browsers tell that now and then only. */
function placeOf(text: string): { line: number; column: number } {
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  const before = text.slice(0, errors[0]?.offset ?? text.length).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const FIELDS = /^(id|name|events|conditions|actions(?:\.\d+(?:\.(?:jobType|input))?)?)/;

/** Where a message of the services belongs: `actions.0.input.to: …` to the input of the first action. */
export function errorsOf(message: string): { errors: DraftErrors; rest: string | null } {
  const field = FIELDS.exec(message)?.[1];
  if (field === undefined) return { errors: {}, rest: message };
  return { errors: { [field === 'actions' || /^actions\.\d+$/.test(field) ? 'actions' : field]: message }, rest: null };
}
