/** From a JSON Schema to form fields and from the fields back to a payload. Pure, so that it can be tested. */
import { t } from '../../shared/i18n/translate.ts';

export type FieldKind = 'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'json';

export interface PayloadField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly description: string | null;
  readonly choices: readonly string[];
}

/** What a person has typed: text for everything but yes/no. An empty text leaves an optional field out. */
export type FieldValues = Record<string, string | boolean>;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of a payload. Fields of the example that the schema doesn't name are edited as JSON. */
export function fieldsOf(schema: Record<string, unknown>, example: Record<string, unknown> = {}): PayloadField[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const named = Object.entries(properties).map(([name, property]) => fieldOf(name, isObject(property) ? property : {}, required.has(name)));
  const extra = Object.keys(example)
    .filter((name) => !(name in properties))
    .map((name) => fieldOf(name, {}, false));
  return [...named, ...extra];
}

function fieldOf(name: string, property: Record<string, unknown>, required: boolean): PayloadField {
  const description = typeof property.description === 'string' ? property.description : null;
  const choices = Array.isArray(property.enum) && property.enum.every((choice) => typeof choice === 'string') ? (property.enum as string[]) : [];
  return { name, kind: kindOf(property, choices), required, description, choices };
}

function kindOf(property: Record<string, unknown>, choices: readonly string[]): FieldKind {
  if (choices.length > 0) return 'choice';
  switch (property.type) {
    case 'string':
      return 'text';
    case 'number':
      return 'number';
    case 'integer':
      return 'integer';
    case 'boolean':
      return 'boolean';
    default:
      return 'json';
  }
}

/** Fill the form from a payload. */
export function valuesFrom(fields: readonly PayloadField[], payload: Record<string, unknown>): FieldValues {
  return Object.fromEntries(
    fields.map(({ name, kind }) => {
      const value = payload[name];
      if (kind === 'boolean') return [name, value === true];
      if (value === undefined) return [name, ''];
      return [name, kind === 'json' ? JSON.stringify(value, null, 2) : String(value)];
    }),
  );
}

/** Build the payload, or say by field what is wrong. Rules beyond types are the server's. */
export function payloadFrom(fields: readonly PayloadField[], values: FieldValues): { payload: Record<string, unknown>; errors: Record<string, string> } {
  const payload: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const { name, kind, required } of fields) {
    const value = values[name];
    if (typeof value === 'boolean') {
      payload[name] = value;
      continue;
    }
    const text = value ?? '';
    if (text.trim() === '') {
      if (required) errors[name] = t('is required');
      continue;
    }
    if (kind === 'number' || kind === 'integer') {
      const number = Number(text);
      if (!Number.isFinite(number) || (kind === 'integer' && !Number.isInteger(number))) errors[name] = kind === 'integer' ? t('must be a whole number') : t('must be a number');
      else payload[name] = number;
    } else if (kind === 'json') {
      try {
        payload[name] = JSON.parse(text);
      } catch {
        errors[name] = t('is not valid JSON');
      }
    } else {
      payload[name] = text;
    }
  }
  return { payload, errors };
}

/** Read a whole payload typed as JSON. */
export function parsePayload(text: string): { payload: Record<string, unknown> } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { payload: value } : { problem: t('The payload must be a JSON object: {example}', { example: '{ … }' }) };
  } catch (error) {
    return { problem: t('Not valid JSON: {problem}', { problem: error instanceof Error ? error.message : String(error) }) };
  }
}

/**
 * Sort what the server says by field: "data.callId: expected string; data.from: …".
 * `rest` is what belongs to no field.
 */
export function errorsByField(message: string, fields: readonly string[]): { byField: Record<string, string>; rest: string | null } {
  const byField: Record<string, string> = {};
  const rest: string[] = [];
  for (const part of message.split(/;\s+/)) {
    const match = /(?:^|\s)data\.([A-Za-z0-9_-]+)((?:\.[\w-]+)*): (.+)$/.exec(part);
    const name = match?.[1];
    if (match && name !== undefined && fields.includes(name)) byField[name] = `${match[2] ? `${match[2].slice(1)}: ` : ''}${match[3]}`;
    else if (part.trim() !== '') rest.push(part);
  }
  return { byField, rest: rest.length === 0 ? null : rest.join('; ') };
}
