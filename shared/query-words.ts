/** A query as a person writes it, cut into words: `type:rule.* data.customer.id=42 "on the line"`. Pure. */

export interface QueryWord {
  /** As it was written. */
  readonly whole: string;
  /** What stands before the colon, or before the equals sign of a payload field; null of a bare word. */
  readonly key: string | null;
  readonly value: string;
  readonly quoted: boolean;
}

/** A word, or a key with a value; either may be quoted. Of payload fields `=` is understood as well. */
const WORD = /(?:([A-Za-z_][\w.$-]*):|(data(?:\.[\w$-]+)+)=)?(?:"([^"]*)"|(\S+))/g;

/** Is every quotation mark closed? */
export function quotesAreClosed(text: string): boolean {
  return (text.match(/"/g) ?? []).length % 2 === 0;
}

export function queryWords(text: string): QueryWord[] {
  return [...text.matchAll(WORD)].map(([whole, key, field, quoted, plain]) => ({ whole, key: key ?? field ?? null, value: quoted ?? plain ?? '', quoted: quoted !== undefined }));
}

/** The path of a payload field, if that is what the key names: `data.customer.id` → `['customer', 'id']`. */
export function payloadPath(key: string): string[] | null {
  const path = key.startsWith('data.') ? key.slice('data.'.length).split('.').filter(Boolean) : [];
  return path.length === 0 ? null : path;
}

/** A value as it must be written to be one word. */
export const quotedIfNeeded = (value: string): string => (/[\s:"=]/.test(value) || value === '' ? `"${value.replaceAll('"', '')}"` : value);
