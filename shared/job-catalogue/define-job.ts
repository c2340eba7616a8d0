/** What an entry of the job catalogue is, and how one is written. */
import type * as z from 'zod';
import type { Envelope } from '../envelope.ts';
import type { Tier } from '../tiers.ts';

/** An event that owes a job. */
export interface Trigger {
  /** An event type, or `domain.*` for all of a domain. */
  readonly event: string;
  /** Owes the job only if this holds. Must be pure: routing the same event again must decide the same. */
  readonly when?: (event: Envelope) => boolean;
  /** The job's input. Default: the event's `data`. Must be pure. */
  readonly input?: (event: Envelope) => unknown;
}

/** How failed attempts are repeated: exponential, jittered, capped. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  /** Wait before the second attempt, ms; doubles with each further one. */
  readonly baseMs: number;
  /** No wait is longer than this, ms. */
  readonly capMs: number;
}

/**
 * May a person run it again without a second thought?
 * idempotent: free to run again. guarded: an outside system honours the idempotency key. unsafe: needs an explicit yes.
 */
export type ReplaySafety = 'idempotent' | 'guarded' | 'unsafe';

export interface JobDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type;
  readonly description: string;
  readonly tier: Tier;
  /** pg-boss queue; default the tier's own. A queue of another name is served under `tier`. */
  readonly queue: string;
  /** Within its queue: higher first. */
  readonly priority: number;
  /** Shape of the input. */
  readonly schema: Schema;
  readonly triggers: readonly Trigger[];
  readonly retry: RetryPolicy;
  /** An attempt that runs longer is aborted and counts as failed, ms. */
  readonly timeoutMs: number;
  readonly replaySafety: ReplaySafety;
  /** Event types that it may publish when it succeeds, for the preview of a redrive. Left out: not known. */
  readonly emits?: readonly string[];
}

const DEFAULT_RETRY: Record<Tier, RetryPolicy> = {
  realtime: { maxAttempts: 4, baseMs: 250, capMs: 5_000 },
  interactive: { maxAttempts: 6, baseMs: 1_000, capMs: 60_000 },
  background: { maxAttempts: 8, baseMs: 5_000, capMs: 900_000 },
};
const DEFAULT_TIMEOUT_MS: Record<Tier, number> = { realtime: 5_000, interactive: 30_000, background: 300_000 };

/** Write an entry of the job catalogue; what is left out follows from the tier. */
export function defineJob<Type extends string, Schema extends z.ZodType>(
  definition: Pick<JobDefinition<Type, Schema>, 'type' | 'description' | 'tier' | 'schema' | 'replaySafety'> &
    Partial<Pick<JobDefinition, 'queue' | 'priority' | 'triggers' | 'timeoutMs' | 'emits'>> & { retry?: Partial<RetryPolicy> },
): JobDefinition<Type, Schema> {
  return {
    queue: definition.tier,
    priority: 0,
    triggers: [],
    timeoutMs: DEFAULT_TIMEOUT_MS[definition.tier],
    ...definition,
    retry: { ...DEFAULT_RETRY[definition.tier], ...definition.retry },
  };
}

/**
 * Wait before the next attempt, ms, after `failedAttempts` have failed (1 = the first one failed).
 * "Equal jitter": half of the exponential wait is fixed, half is random, so that a crowd spreads out
 * and nobody waits near zero. `random` is in [0, 1).
 */
export function backoffMs(policy: RetryPolicy, failedAttempts: number, random: number): number {
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(30, Math.max(0, failedAttempts - 1)));
  return Math.round(full / 2 + (full / 2) * random);
}
