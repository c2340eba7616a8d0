/**
 * The protocol between the spine and a worker in another process: docs/http-worker.openapi.yaml says the same.
 * The signature covers the time and the exact bytes of the body, so that neither can be changed and no request replayed late.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';

export const SIGNATURE_HEADER = 'x-spine-signature';
export const TIMESTAMP_HEADER = 'x-spine-timestamp';

export const WorkerRequest = z.object({
  protocol: z.literal('1'),
  jobId: z.uuid(),
  jobType: z.string(),
  /** 1 for the first. */
  attempt: z.int().min(1),
  /** The same for every attempt and every redrive of this job; also sent as Idempotency-Key. */
  idempotencyKey: z.uuid(),
  correlationId: z.uuid(),
  triggeringEventId: z.uuid(),
  input: z.unknown(),
  /** W3C; absent if spans are off and none came in. */
  traceContext: z.object({ traceparent: z.string(), tracestate: z.string().optional() }).optional(),
  /** ISO 8601: an answer after it counts for nothing. */
  deadline: z.string(),
});
export type WorkerRequest = z.infer<typeof WorkerRequest>;

const problem = z.string().min(1).max(4_000);
export const WorkerAnswer = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('completed'),
    events: z.array(z.object({ eventType: z.string(), data: z.record(z.string(), z.unknown()) })).max(1_000).default([]),
    handOn: z.array(z.object({ jobType: z.string(), input: z.record(z.string(), z.unknown()), key: z.string().min(1) })).max(1_000).default([]),
  }),
  z.object({ outcome: z.literal('retry'), error: problem }),
  z.object({ outcome: z.literal('rate-limited'), error: problem, retryAfterMs: z.number().min(0).max(3_600_000) }),
  z.object({ outcome: z.literal('failed'), error: problem }),
]);
export type WorkerAnswer = z.infer<typeof WorkerAnswer>;

/** `v1=` and the HMAC-SHA256, in hex, of timestamp, dot, body. `timestamp` is Unix time in seconds. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** For workers in TypeScript, and for tests: is this request ours, and no older than `maxAgeMs`? */
export function isSigned(secret: string, headers: { timestamp: string; signature: string }, body: string, nowMs: number, maxAgeMs = 300_000): boolean {
  const expected = Buffer.from(signatureOf(secret, headers.timestamp, body));
  const given = Buffer.from(headers.signature);
  return expected.length === given.length && timingSafeEqual(expected, given) && Math.abs(nowMs - Number(headers.timestamp) * 1_000) <= maxAgeMs;
}
