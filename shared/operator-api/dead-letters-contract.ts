/** Dead letters and set-aside messages: what could not be done, and what was no event. */
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { Words } from '../i18n/translate.ts';
import { Tier } from '../tiers.ts';
import { AttemptRow, EventRow } from './lineage-schemas.ts';
import { streamOpening } from './streams.ts';

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
  /** Its failure family; null until an old one has been sorted. */
  family: z.string().nullable(),
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
  consequence: Words,
  decision: z.object({ operator: z.string(), reason: z.string(), atMs: z.number() }).nullable(),
  /** A discard can be undone until then, epoch ms; null if it can't be. */
  undoUntilMs: z.number().nullable(),
  /** The redrives that it was part of, newest first. */
  redrives: z.array(z.object({ redriveId: z.string(), state: z.string(), skipReason: z.string().nullable(), atMs: z.number() })),
  /** JSON Schema (draft 2020-12) of the input; null if the job type is not in the catalogue. */
  inputSchema: z.record(z.string(), z.unknown()).nullable(),
});
export type DeadLetterDetail = z.infer<typeof DeadLetterDetail>;

/** Which dead letters. Strict: a misspelt field must not widen what an action reaches. */
export const DeadLetterFilter = z.strictObject({
  family: z.uuid().optional(),
  jobType: z.string().min(1).optional(),
  /** In the error's name or message, whatever the case. */
  text: z.string().trim().min(1).max(200).optional(),
  /** Died in [from, to), epoch ms. */
  diedFromMs: z.coerce.number().optional(),
  diedToMs: z.coerce.number().optional(),
});
export type DeadLetterFilter = z.infer<typeof DeadLetterFilter>;

/** Most dead letters that are named one by one in an action; more are reached by a family or a filter. */
export const LARGEST_SELECTION = 5_000;

/** What an action reaches: those of it that wait for a decision. */
export const DeadLetterScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('selection'), deadLetterIds: z.array(z.uuid()).min(1).max(LARGEST_SELECTION) }),
  z.strictObject({ kind: z.literal('family'), family: z.uuid() }),
  z.strictObject({ kind: z.literal('filter'), filter: DeadLetterFilter }),
]);
export type DeadLetterScope = z.infer<typeof DeadLetterScope>;

export const FamilyMark = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), version: z.string().trim().min(1).max(60) }),
  z.strictObject({ kind: z.literal('ignored'), untilMs: z.number() }),
  z.strictObject({ kind: z.literal('none') }),
]);
export type FamilyMark = z.infer<typeof FamilyMark>;

export const FailureFamilyRow = z.object({
  family: z.string(),
  jobType: z.string(),
  errorName: z.string(),
  errorCode: z.string().nullable(),
  /** The message with placeholders. */
  template: z.string(),
  topFrame: z.string().nullable(),
  waiting: z.int(),
  redriven: z.int(),
  discarded: z.int(),
  firstSeenMs: z.number(),
  lastSeenMs: z.number(),
  /** Deaths in each of the last 24 hours, oldest first; the last one is the hour that runs. */
  byHour: z.array(z.int()),
  trend: z.enum(['growing', 'steady', 'quiet']),
  /** The newest one that waits, or the newest of all. */
  sample: z.object({ deadLetterId: z.string(), message: z.string() }).nullable(),
  mark: z
    .object({
      kind: z.enum(['fixed', 'ignored']),
      version: z.string().nullable(),
      untilMs: z.number().nullable(),
      by: z.string(),
      reason: z.string(),
      atMs: z.number(),
      /** How many have died since it was marked. */
      diedSince: z.int(),
      /** active: it holds. awaits-version: this site runs an older version. came-back: it is said to be fixed, and happens. lapsed: its time is over. */
      state: z.enum(['active', 'awaits-version', 'came-back', 'lapsed']),
    })
    .nullable(),
});
export type FailureFamilyRow = z.infer<typeof FailureFamilyRow>;

const reason = z.string().trim().min(1).max(500);

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
        ...DeadLetterFilter.shape,
        /** Opaque: `next` of the page before. */
        after: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    /** `measuredMs`: when they were counted, by the clock of the database. */
    .output(z.object({ rows: z.array(DeadLetterRow), total: z.int(), measuredMs: z.number(), next: z.string().nullable() })),
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
    .input(z.object({ deadLetterId: z.uuid(), reason }))
    .output(z.object({ deadLetterId: z.string() })),
  families: oc
    .route({ method: 'GET', path: '/failure-families', summary: 'Dead letters by cause, last seen first' })
    .input(
      z.object({
        /** open: those with dead letters that wait. */
        show: z.enum(['open', 'all']).default('open'),
        jobType: z.string().optional(),
        /** Opaque: `next` of the page before. */
        after: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(200),
      }),
    )
    .output(
      z.object({
        families: z.array(FailureFamilyRow),
        /** Families in all that fit, and the dead letters in them that wait. */
        total: z.int(),
        waiting: z.int(),
        /** Old dead letters that are not sorted into families yet. */
        unsorted: z.int(),
        next: z.string().nullable(),
      }),
    ),
  family: oc
    .route({ method: 'GET', path: '/failure-families/{family}', summary: 'One failure family' })
    .input(z.object({ family: z.uuid() }))
    .output(FailureFamilyRow),
  mark: oc
    .route({ method: 'POST', path: '/failure-families/{family}/mark', summary: 'Say that a family is fixed by a version, or ignored until a time' })
    .input(z.object({ family: z.uuid(), mark: FamilyMark, reason: z.string().trim().max(500).default('') }))
    .output(FailureFamilyRow),
  /** Decide that all of a scope will not run again. */
  discardMany: oc
    .route({ method: 'POST', path: '/discards', summary: 'Discard a selection, a family or a filter' })
    .input(
      z.object({
        scope: DeadLetterScope,
        reason,
        /** Only what had died by then, epoch ms: what a person saw when deciding. */
        asOfMs: z.number().optional(),
      }),
    )
    .output(z.object({ discardId: z.string(), discarded: z.int(), undoUntilMs: z.number() })),
  undoDiscard: oc
    .route({ method: 'POST', path: '/discards/undo', summary: 'Undo a discard of the last 7 days: its dead letters wait again' })
    .input(z.union([z.strictObject({ discardId: z.uuid() }), z.strictObject({ deadLetterId: z.uuid() })]))
    .output(z.object({ restored: z.int() })),
  /** All of a filter as NDJSON, newest first, some hundred lines at a time. Plain HTTP: GET /api/dead-letters.ndjson. */
  export: oc
    .input(streamOpening.extend({ status: z.enum(['waiting', 'redriven', 'discarded', 'all']).default('waiting'), filter: DeadLetterFilter }))
    .output(eventIterator(z.object({ ndjson: z.string(), lines: z.int() }))),
};

export const DriftExample = z.object({
  /** Of the message that was set aside. */
  id: z.number(),
  streamSeq: z.number(),
  storedMs: z.number(),
  bytes: z.int(),
  /** Which field, and what was expected. */
  problem: z.string(),
});
export type DriftExample = z.infer<typeof DriftExample>;

export const setAsideContract = {
  /** The newest events of a type that do not fit its schema. */
  drift: oc.route({ method: 'GET', path: '/set-aside/drift/{type}', summary: 'Events of a type that do not fit its schema' }).input(z.object({ type: z.string().min(1).max(200) })).output(z.object({ examples: z.array(DriftExample) })),
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
