/** Replays: let past events be routed again. First a dry run that changes nothing, then the run, with progress and cancel. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Tier } from '../tiers.ts';

/** Which events; all given conditions hold. Times are when the bus stored them, epoch ms; bounds are inclusive. */
export const ReplayFilter = z.object({
  fromMs: z.number().optional(),
  toMs: z.number().optional(),
  fromSeq: z.int().min(1).optional(),
  toSeq: z.int().min(1).optional(),
  /** An event type, or `domain.*`. */
  type: z.string().min(1).max(200).optional(),
  source: z.string().min(1).max(200).optional(),
  correlationId: z.string().min(1).max(100).optional(),
});
export type ReplayFilter = z.infer<typeof ReplayFilter>;

/** missing: the jobs that were never enqueued. force: also new jobs for those that have completed. */
export const ReplayMode = z.enum(['missing', 'force']);
export type ReplayMode = z.infer<typeof ReplayMode>;

/**
 * What a replay does about a job that an event owes:
 * enqueue       it was never enqueued: it is put on its queue, with the id that routing would have given it
 * run-again     force: it has completed; a new job linked to the replay runs again
 * find-record   force: it has completed and is guarded; a new job under the same idempotency key finds the record and ends
 * known         it has completed; left alone
 * under-way     it waits, runs or retries; left alone
 * dead-letter   it died: decided among the dead letters; left alone
 * unsafe        force: it has completed and its effect may happen twice; refused without the explicit yes
 */
export const ReplayVerdict = z.enum(['enqueue', 'run-again', 'find-record', 'known', 'under-way', 'dead-letter', 'unsafe']);
export type ReplayVerdict = z.infer<typeof ReplayVerdict>;
/** Verdicts that put a job on a queue. */
export const ACTING_VERDICTS: readonly ReplayVerdict[] = ['enqueue', 'run-again', 'find-record'];

export const ReplayCounts = z.object({
  /** Messages that were read. */
  read: z.int(),
  /** Events that the filter holds for. */
  matched: z.int(),
  /** …of which in the inbox: routed before. */
  inInbox: z.int(),
  /** …of which owe no job. */
  oweNothing: z.int(),
  /** Messages that are no valid event; they owe nothing. */
  unreadable: z.int(),
  /** By job type, then by verdict: jobs. */
  jobs: z.record(z.string(), z.partialRecord(ReplayVerdict, z.int())),
});
export type ReplayCounts = z.infer<typeof ReplayCounts>;

export const ReplayRow = z.object({
  replayId: z.string(),
  dryRun: z.boolean(),
  mode: ReplayMode,
  filter: ReplayFilter,
  jobsPerSecond: z.int(),
  unsafeConfirmed: z.boolean(),
  status: z.enum(['running', 'completed', 'cancelled', 'failed']),
  operator: z.string(),
  reason: z.string(),
  /** Sequences of platform-events, fixed when it was started; `position` is the last one that is dealt with. */
  fromSeq: z.number(),
  toSeq: z.number(),
  position: z.number(),
  counts: ReplayCounts,
  problem: z.string().nullable(),
  startedMs: z.number(),
  endedMs: z.number().nullable(),
  /** Correlation of its audit events; null for a dry run. */
  correlationId: z.string().nullable(),
});
export type ReplayRow = z.infer<typeof ReplayRow>;

export const ReplayJob = z.object({
  jobId: z.string(),
  jobType: z.string(),
  verdict: ReplayVerdict,
  seq: z.number(),
  eventId: z.string(),
  eventType: z.string(),
  correlationId: z.string(),
});
export type ReplayJob = z.infer<typeof ReplayJob>;

export const ReplayDetail = z.object({
  row: ReplayRow,
  /** Job types that it met, with what the catalogue says of them. */
  jobTypes: z.array(z.object({ type: z.string(), tier: Tier, replaySafety: z.enum(['idempotent', 'guarded', 'unsafe']) })),
  /** What it put on the queues, in the order of the stream; of a dry run, the first jobs that it found. At most 200. */
  jobs: z.array(ReplayJob),
});
export type ReplayDetail = z.infer<typeof ReplayDetail>;

const scope = z.object({
  filter: ReplayFilter,
  mode: ReplayMode.default('missing'),
  /** The explicit yes: with force, also what is unsafe to repeat, and whatever follows from it. */
  unsafeConfirmed: z.boolean().default(false),
});
const started = z.object({ replayId: z.string() });

export const replaysContract = {
  list: oc
    .route({ method: 'GET', path: '/replays', summary: 'Replays and dry runs, newest first' })
    .input(z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }))
    .output(z.object({ replays: z.array(ReplayRow) })),
  get: oc.route({ method: 'GET', path: '/replays/{replayId}', summary: 'One replay with its progress and its jobs' }).input(z.object({ replayId: z.uuid() })).output(ReplayDetail),
  /** Reads the stream and counts; puts nothing on any queue. */
  dryRun: oc.route({ method: 'POST', path: '/replays/dry-run', summary: 'What a replay would do' }).input(scope).output(started),
  run: oc
    .route({ method: 'POST', path: '/replays', summary: 'Start a replay' })
    .input(
      scope.extend({
        reason: z.string().trim().min(1).max(500),
        /** Jobs put on the queues a second, at most. */
        jobsPerSecond: z.int().min(1).max(5_000).default(100),
        /** A dry run whose bounds in the stream it takes over, so that what was shown is what is done. */
        dryRunId: z.uuid().optional(),
      }),
    )
    .output(started),
  cancel: oc
    .route({ method: 'POST', path: '/replays/{replayId}/cancel', summary: 'Stop a replay; what is on the queues stays there' })
    .input(z.object({ replayId: z.uuid(), reason: z.string().max(500).default('') }))
    .output(started),
};
