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

export const TraceContext = z.object({
  traceparent: z.string().refine(isTraceparent, 'expected a W3C traceparent such as 00-<32 hex>-<16 hex>-01'),
  tracestate: z.string().max(512).optional(),
});
export type TraceContext = z.infer<typeof TraceContext>;
