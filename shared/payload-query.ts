/** Conditions on a payload: words that stand in it, and fields with their values. Pure. */
import * as z from 'zod';

export const PayloadQuery = z.object({
  /** Words that stand in the payload, in any order of texts; each text as it is written. */
  text: z.array(z.string().min(1).max(200)).max(10).optional(),
  /** Fields with the text of their value: `{ path: ['customer', 'id'], value: '42' }`. */
  fields: z.array(z.object({ path: z.array(z.string().min(1).max(100)).min(1).max(12), value: z.string().max(200) })).max(10).optional(),
});
export type PayloadQuery = z.infer<typeof PayloadQuery>;

/** The same, of whoever asks. */
export interface PayloadConditions {
  readonly text?: readonly string[] | undefined;
  readonly fields?: readonly { readonly path: readonly string[]; readonly value: string }[] | undefined;
}

/** Does it ask for anything? */
export function asksForPayload({ text = [], fields = [] }: PayloadConditions): boolean {
  return text.length + fields.length > 0;
}

/** The words by which a full-text index finds a text: letters and digits, as its tokenizer cuts them. */
export function tokensOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** What a full-text index is asked for: all words of the texts and fields. It may find more than fits: look again with {@link holdsPayload}. */
export function payloadTokens({ text = [], fields = [] }: PayloadConditions): string[] {
  return [...new Set([...text, ...fields.map(({ path, value }) => `${path.at(-1) ?? ''} ${value}`)].flatMap(tokensOf))];
}

/** Does a payload hold all that is asked for? Without regard to upper and lower case. */
export function holdsPayload(payload: unknown, { text = [], fields = [] }: PayloadConditions): boolean {
  if (fields.some(({ path, value }) => textAt(payload, path) !== value.toLowerCase())) return false;
  if (text.length === 0) return true;
  const written = JSON.stringify(payload ?? null).toLowerCase();
  return text.every((wanted) => written.includes(JSON.stringify(wanted.toLowerCase()).slice(1, -1)));
}

function textAt(payload: unknown, path: readonly string[]): string | null {
  let value = payload;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Record<string, unknown>)[step];
  }
  return value === undefined || (typeof value === 'object' && value !== null) ? null : String(value).toLowerCase();
}
