/** Redrives: run many dead letters again, after a dry run, at a rate, a few first, each at most once. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Words } from '../i18n/translate.ts';
import { DeadLetterScope } from './dead-letters-contract.ts';

/** A change of the input before it runs again. It must fit the job type's schema; the idempotency key stays. */
export const InputEdit = z.discriminatedUnion('kind', [
  /** The whole input: for one dead letter. */
  z.strictObject({ kind: z.literal('replace'), input: z.record(z.string(), z.unknown()) }),
  /** JSON Merge Patch (RFC 7396), applied to each. */
  z.strictObject({ kind: z.literal('merge'), patch: z.record(z.string(), z.unknown()) }),
]);
export type InputEdit = z.infer<typeof InputEdit>;

/** Why an item of a redrive is not run. The dead letter stays as it is. */
export const SkipReason = z.enum(['already-done', 'unsafe', 'unreadable', 'unknown-type', 'invalid-input', 'decided']);
export type SkipReason = z.infer<typeof SkipReason>;

const planned = z.object({
  scope: DeadLetterScope,
  edit: InputEdit.optional(),
  /** Run job types again whose effect may happen twice: an explicit yes. */
  repeatUnsafe: z.boolean().default(false),
});
const oneIsReplaced = ({ scope, edit }: z.infer<typeof planned>): boolean => edit?.kind !== 'replace' || (scope.kind === 'selection' && scope.deadLetterIds.length === 1);
const ONE_IS_REPLACED = { error: 'a whole input is for one dead letter; use a merge patch for several', path: ['edit'] };

/** What a redrive would do. Nothing is changed by asking. */
export const RedrivePreview = z.object({
  /** What had died by then, epoch ms; give it to `start`, so that no more is run than was seen. */
  asOfMs: z.number(),
  total: z.int(),
  willRun: z.int(),
  skipped: z.object({ alreadyDone: z.int(), unsafe: z.int(), unreadable: z.int(), unknownType: z.int(), invalidInput: z.int() }),
  /** Of those that will run: unsafe to repeat; partly done before (what is on record is not repeated). */
  unsafe: z.int(),
  partlyDone: z.int(),
  /** Of those that will run: waiting in another redrive too; whichever comes first runs it. */
  inOtherRedrives: z.int(),
  /** Inputs that were checked against their schema: all, unless there are very many. */
  inputsChecked: z.int(),
  jobTypes: z.array(
    z.object({
      jobType: z.string(),
      queue: z.string().nullable(),
      total: z.int(),
      willRun: z.int(),
      replaySafety: z.enum(['idempotent', 'guarded', 'unsafe']).nullable(),
      /** Event types that each may publish when it succeeds; null if the job type does not say. */
      emits: z.array(z.string()).nullable(),
    }),
  ),
  /** Inputs that do not fit, the first few. */
  problems: z.array(z.object({ deadLetterId: z.string(), jobType: z.string(), issues: z.array(z.object({ field: z.string(), message: z.string() })) })),
  tookMs: z.number(),
});
export type RedrivePreview = z.infer<typeof RedrivePreview>;

export const RedriveRow = z.object({
  redriveId: z.string(),
  scope: DeadLetterScope,
  /** Job type and message of the scope's failure family; null for other scopes. */
  familyWords: z.string().nullable(),
  operator: z.string(),
  reason: z.string(),
  edited: z.boolean(),
  repeatUnsafe: z.boolean(),
  /** Jobs a second; null as fast as possible. */
  ratePerSecond: z.number().nullable(),
  canary: z.int(),
  stopRatio: z.number().nullable(),
  /**
   * canary: the first few run. running: the rest is put on its queues. settling: all are on their queues, not all have ended.
   * done: all have ended. cancelled: by a person. stopped: by itself, see `stateReason`.
   */
  state: z.enum(['canary', 'running', 'settling', 'done', 'cancelled', 'stopped']),
  stateReason: Words.nullable(),
  total: z.int(),
  skipped: z.int(),
  /** Put on their queues, ended ones included. */
  redriven: z.int(),
  succeeded: z.int(),
  /** Ended as dead letters again. */
  failed: z.int(),
  requestedMs: z.number(),
  finishedMs: z.number().nullable(),
});
export type RedriveRow = z.infer<typeof RedriveRow>;

export const RedriveItem = z.object({
  deadLetterId: z.string(),
  ordinal: z.int(),
  jobType: z.string(),
  correlationId: z.string(),
  state: z.enum(['waiting', 'skipped', 'redriven', 'succeeded', 'failed']),
  skipReason: SkipReason.nullable(),
  /** Says more about why it was skipped. */
  problem: z.string().nullable(),
  newJobId: z.string().nullable(),
});
export type RedriveItem = z.infer<typeof RedriveItem>;

export const redrivesContract = {
  preview: oc
    .route({ method: 'POST', path: '/redrives/preview', summary: 'Dry run: what a redrive would do' })
    .input(planned.refine(oneIsReplaced, ONE_IS_REPLACED))
    .output(RedrivePreview),
  start: oc
    .route({ method: 'POST', path: '/redrives', summary: 'Run dead letters again' })
    .input(
      planned
        .extend({
          reason: z.string().trim().max(500).default(''),
          /** From the preview. */
          asOfMs: z.number().optional(),
          /** Jobs a second; null as fast as the queue takes them. */
          ratePerSecond: z.number().min(0.1).max(10_000).nullable().default(null),
          /** So many first; the rest only if all of them succeed. 0: none. */
          canary: z.int().min(0).max(1_000).default(0),
          /** Stop when more than this share of the ended ones has failed (once ten have ended); null: never. */
          stopRatio: z.number().min(0).max(1).nullable().default(null),
        })
        .refine(oneIsReplaced, ONE_IS_REPLACED),
    )
    .output(RedriveRow),
  list: oc
    .route({ method: 'GET', path: '/redrives', summary: 'Redrives, newest first' })
    .input(z.object({ after: z.string().optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }))
    .output(z.object({ redrives: z.array(RedriveRow), next: z.string().nullable() })),
  get: oc
    .route({ method: 'GET', path: '/redrives/{redriveId}', summary: 'One redrive with its progress' })
    .input(z.object({ redriveId: z.uuid() }))
    .output(RedriveRow),
  items: oc
    .route({ method: 'GET', path: '/redrives/{redriveId}/items', summary: 'The dead letters of a redrive, in their order' })
    .input(
      z.object({
        redriveId: z.uuid(),
        state: RedriveItem.shape.state.optional(),
        /** Those after this ordinal. */
        after: z.coerce.number().int().default(-1),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ items: z.array(RedriveItem), next: z.int().nullable() })),
  cancel: oc
    .route({ method: 'POST', path: '/redrives/{redriveId}/cancel', summary: 'Put no more of it on its queues; what is there runs on' })
    .input(z.object({ redriveId: z.uuid(), reason: z.string().trim().max(500).default('') }))
    .output(RedriveRow),
};
