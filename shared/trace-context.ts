/**
 * W3C Trace Context (https://www.w3.org/TR/trace-context/): the two headers, validated as the specification says.
 */
import * as z from 'zod';

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** A traceparent is valid if it has the form of its version, is not version ff, and neither id is all zeros. */
export function isTraceparent(value: string): boolean {
  const match = TRACEPARENT.exec(value);
  if (!match) return false;
  const [, version, traceId, spanId, , rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return false;
  return !/^0+$/.test(traceId ?? '') && !/^0+$/.test(spanId ?? '');
}

const TRACESTATE_KEY = /^(?:[a-z0-9][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
const TRACESTATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MOST_MEMBERS = 32;
/** What is carried at least, and at most, characters. */
const LONGEST = 512;
/** Members longer than this are the first to go, characters. */
const LONG_MEMBER = 128;

/**
 * A tracestate in its plain form: members trimmed, empty ones left out, shortened to 512 characters by whole members as the
 * specification says. @returns null if it is not valid: it is dropped then, and the traceparent is kept.
 */
export function plainTracestate(value: string): string | null {
  const members = value.split(',').map((member) => member.replace(/^[ \t]+|[ \t]+$/g, '')).filter((member) => member !== '');
  if (members.length === 0 || members.length > MOST_MEMBERS) return null;
  const keys = new Set<string>();
  for (const member of members) {
    const equals = member.indexOf('=');
    const key = member.slice(0, equals);
    if (equals < 0 || !TRACESTATE_KEY.test(key) || !TRACESTATE_VALUE.test(member.slice(equals + 1)) || keys.has(key)) return null;
    keys.add(key);
  }
  const length = (of: readonly string[]): number => of.join(',').length;
  let kept = length(members) <= LONGEST ? members : members.filter((member) => member.length <= LONG_MEMBER);
  while (length(kept) > LONGEST) kept = kept.slice(0, -1);
  return kept.length === 0 ? null : kept.join(',');
}

export const TraceContext = z.object({
  traceparent: z.string().refine(isTraceparent, 'expected a W3C traceparent such as 00-<32 hex>-<16 hex>-01'),
  tracestate: z.string().max(512).optional(),
});
export type TraceContext = z.infer<typeof TraceContext>;

/** From the two headers of a caller. An invalid traceparent is ignored, together with its tracestate; an invalid tracestate alone. */
export function traceContextFrom(traceparent: unknown, tracestate: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string' || !isTraceparent(traceparent.trim())) return undefined;
  const plain = typeof tracestate === 'string' ? plainTracestate(tracestate) : null;
  return plain === null ? { traceparent: traceparent.trim() } : { traceparent: traceparent.trim(), tracestate: plain };
}
