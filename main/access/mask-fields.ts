/**
 * What viewers do not see. A masked field is named by its path in a payload, or by the end of one: `phone`, `customer.email`.
 * Lists count as if they were not there. Texts that are made of a payload (summaries, excerpts, error messages, raw bytes) can
 * hold any of its fields, so they are masked as a whole.
 */

import { type Lineage, packLineage, unpackLineage } from '../../shared/packed-trace.ts';

/** What stands in the place of a value. */
export const MASK = '•••';

/** Fields of answers that hold a payload. */
const PAYLOADS = new Set(['data', 'input', 'attributes']);
/** Fields of answers that hold text made of a payload. */
const MADE_OF_PAYLOADS = new Set(['summary', 'excerpt', 'title', 'message', 'stack', 'text', 'base64', 'lastError', 'errorMessage', 'errorStack', 'problem']);

/** @returns a copy in which the fields that `masked` names, and texts made of payloads, are replaced by MASK. */
export function maskFields<Value>(value: Value, masked: readonly string[]): Value {
  if (masked.length === 0) return value;
  return maskAnswer(value, masked.map((path) => path.split('.'))) as Value;
}

function maskAnswer(value: unknown, ends: readonly (readonly string[])[]): unknown {
  return mapped(value, (key, inner) => {
    // A trace on its way to the console is packed into one string.
    if (key === 'lineage' && typeof inner === 'string') return packLineage(maskAnswer(unpackLineage(inner), ends) as Lineage);
    if (typeof inner === 'string' && inner !== '' && MADE_OF_PAYLOADS.has(key)) return MASK;
    return PAYLOADS.has(key) ? maskPayload(inner, [], ends) : maskAnswer(inner, ends);
  });
}

function maskPayload(value: unknown, path: readonly string[], ends: readonly (readonly string[])[]): unknown {
  return mapped(value, (key, inner) => {
    const here = [...path, key];
    return inner !== null && ends.some((end) => endsWith(here, end)) ? MASK : maskPayload(inner, here, ends);
  });
}

function mapped(value: unknown, change: (key: string, inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(key, inner)]));
}

function endsWith(path: readonly string[], end: readonly string[]): boolean {
  return end.length <= path.length && end.every((part, i) => part === path[path.length - end.length + i]);
}
