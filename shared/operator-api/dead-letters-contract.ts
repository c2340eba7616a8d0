/** Dead letters and set-aside messages: what could not be done, and what was no event. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Tier } from '../tiers.ts';
import { AttemptRow, EventRow } from './lineage-schemas.ts';

export const DeadLetterRow = z.object({
  /** The id of the job that died. */
  deadLetterId: z.string(),
  jobType: z.string(),
  queue: z.string(),
  tier: Tier,
  status: z.enum(['waiting', 'redriven', 'discarded']),
  reason: z.enum(['retries-exhausted', 'not-retryable', 'cancelled', 'worker-lost']),
  errorName: z.string(),
  errorMessage: z.string(),
  attempts: z.int(),
  correlationId: z.string(),
  triggeringEventId: z.string(),
  diedMs: z.number(),
  /** The job that runs it again, once redriven. */
  redrivenAs: z.string().nullable(),
});
export type DeadLetterRow = z.infer<typeof DeadLetterRow>;

export const DeadLetterDetail = z.object({
  row: DeadLetterRow,
  input: z.unknown(),
  idempotencyKey: z.string(),
  replaySafety: z.enum(['idempotent', 'guarded', 'unsafe']).nullable(),
  attempts: z.array(AttemptRow),
  triggeringEvent: EventRow.nullable(),
  /** What redriving would do, in words for the confirm panel. */
  consequence: z.string(),
  decision: z.object({ operator: z.string(), reason: z.string(), atMs: z.number() }).nullable(),
});
export type DeadLetterDetail = z.infer<typeof DeadLetterDetail>;

export const SetAsideRow = z.object({
  id: z.int(),
  streamSeq: z.number(),
  subject: z.string(),
  reason: z.enum(['not-json', 'bad-envelope', 'type-mismatch', 'bad-payload', 'trigger-failed', 'too-large']),
  /** Names the field and what was expected. */
  problem: z.string(),
  bytes: z.int(),
  storedMs: z.number(),
});
export type SetAsideRow = z.infer<typeof SetAsideRow>;

export const deadLettersContract = {
  list: oc
    .route({ method: 'GET', path: '/dead-letters', summary: 'Dead letters, newest first' })
    .input(
      z.object({
        status: z.enum(['waiting', 'redriven', 'discarded', 'all']).default('waiting'),
        jobType: z.string().optional(),
        /** Opaque: `next` of the page before. */
        after: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ rows: z.array(DeadLetterRow), total: z.int(), next: z.string().nullable() })),
  get: oc
    .route({ method: 'GET', path: '/dead-letters/{deadLetterId}', summary: 'One dead letter with every error' })
    .input(z.object({ deadLetterId: z.uuid() }))
    .output(DeadLetterDetail),
  redrive: oc
    .route({ method: 'POST', path: '/dead-letters/{deadLetterId}/redrive', summary: 'Run a dead letter again' })
    .input(
      z.object({
        deadLetterId: z.uuid(),
        reason: z.string().max(500).default(''),
        /** Needed for a job type whose effect may happen twice. */
        unsafeConfirmed: z.boolean().default(false),
      }),
    )
    .output(z.object({ jobId: z.string() })),
  discard: oc
    .route({ method: 'POST', path: '/dead-letters/{deadLetterId}/discard', summary: 'Decide that it will not run again' })
    .input(z.object({ deadLetterId: z.uuid(), reason: z.string().min(1).max(500) }))
    .output(z.object({ deadLetterId: z.string() })),
};

export const setAsideContract = {
  list: oc
    .route({ method: 'GET', path: '/set-aside', summary: 'Messages that were no valid event, newest first' })
    .input(
      z.object({
        reason: SetAsideRow.shape.reason.optional(),
        beforeId: z.coerce.number().int().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(
      z.object({ rows: z.array(SetAsideRow), total: z.int(), byReason: z.record(z.string(), z.int()), more: z.boolean() }),
    ),
  get: oc
    .route({ method: 'GET', path: '/set-aside/{id}', summary: 'One message with its bytes' })
    .input(z.object({ id: z.coerce.number().int() }))
    .output(
      z.object({
        row: SetAsideRow,
        headers: z.array(z.object({ name: z.string(), value: z.string() })),
        /** The bytes as text, if they are UTF-8. */
        text: z.string().nullable(),
        base64: z.string(),
      }),
    ),
};
