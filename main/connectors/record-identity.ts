/** What makes two records the same one, and the same content. */
import { createHash } from 'node:crypto';

/** JSON with the keys of every object in order, so that the same content gives the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  ) ?? 'null';
}

/** sha256 of the canonical JSON, hex. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Text that Postgres can keep: no NUL, no half of a surrogate pair. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}

/** The same JSON with every text and key storable; dates become ISO texts, as JSON has it. */
export function storableRecord(record: Record<string, unknown>): Record<string, unknown> {
  const plain: unknown = JSON.parse(JSON.stringify(record));
  return storable(plain) as Record<string, unknown>;
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storableText(key), storable(inner)]));
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Longest record id, characters: it is part of a primary key. */
const LONGEST_ID = 500;

/**
 * The id that a record carries in its id field: a text or a number; a dotted name reaches into the record.
 * Null if there is none. A very long one is replaced by its hash.
 */
export function idIn(record: Record<string, unknown>, idField: string): string | null {
  let value: unknown = Object.hasOwn(record, idField) ? record[idField] : undefined;
  if (value === undefined && idField.includes('.')) {
    value = record;
    for (const part of idField.split('.')) value = isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return null;
  const id = storableText(String(value)).trim();
  if (id === '') return null;
  return id.length > LONGEST_ID ? fingerprintOf(id) : id;
}
