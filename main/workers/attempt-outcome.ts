/** How an attempt ended, and what follows from it. */
import { CancelledError, JobError, messageOf, NotRetryableError, RateLimitedError } from '../../shared/errors.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { backoffMs, type JobDefinition, type JobPayload } from '../../shared/job-catalogue/index.ts';
import type { Sql } from '../database/database.ts';
import type { ClaimedJob } from '../job-queue/job-queue.ts';
import type { LedgerError } from '../job-queue/ledger.ts';
import type { EnqueuedJob } from '../job-queue/new-job.ts';

export type DeathReason = 'retries-exhausted' | 'not-retryable' | 'cancelled' | 'worker-lost';

/** What a handler has asked for; still growing while its `atFinish` writes run. */
export interface CollectedEffects {
  readonly events: Envelope[];
  readonly handedOn: EnqueuedJob[];
  /** For an attempt that fails: all that is left of what it collected. */
  readonly eventsIfFailed: Envelope[];
  readonly writes: ((tx: Sql) => Promise<void>)[];
}

/**
 * Run the `atFinish` writes. A commit may be tried again, and then they run again: what they emitted or handed on in the
 * try before is forgotten first, so that nothing leaves twice.
 */
export async function runWrites(effects: CollectedEffects, returned: { events: number; handedOn: number }, tx: Sql): Promise<void> {
  effects.events.length = returned.events;
  effects.handedOn.length = returned.handedOn;
  for (const write of effects.writes) await write(tx);
}

interface EndedAttempt {
  readonly job: ClaimedJob;
  readonly startedMs: number;
  readonly finishedMs: number;
}
export interface CompletedAttempt extends EndedAttempt {
  readonly outcome: 'completed';
  readonly definition: JobDefinition;
  readonly payload: JobPayload;
  readonly effects: CollectedEffects;
  /** How many events and jobs had been collected when the handler returned. */
  readonly returned: { readonly events: number; readonly handedOn: number };
  /** The job had been finished before: only take it off its queue. */
  readonly alreadyDone: boolean;
}
export interface FailedAttempt extends EndedAttempt {
  readonly outcome: 'failed';
  /** Null if the payload or the job type can't be read. */
  readonly definition: JobDefinition | null;
  readonly payload: JobPayload | null;
  readonly error: unknown;
  readonly verdict: Verdict;
  readonly events: readonly Envelope[];
}
export type AttemptOutcome = CompletedAttempt | FailedAttempt;

export type Verdict = { readonly next: 'retry'; readonly delayMs: number } | { readonly next: 'dead'; readonly reason: DeathReason };

/** Retry or give up: by the error's class and the job type's policy, never by its words. */
export function judgeFailure(error: unknown, definition: JobDefinition, attempt: number, random = Math.random()): Verdict {
  if (error instanceof CancelledError) return { next: 'dead', reason: 'cancelled' };
  if (error instanceof NotRetryableError) return { next: 'dead', reason: 'not-retryable' };
  if (attempt >= definition.retry.maxAttempts) return { next: 'dead', reason: 'retries-exhausted' };
  const backoff = backoffMs(definition.retry, attempt, random);
  return { next: 'retry', delayMs: error instanceof RateLimitedError ? Math.max(error.retryAfterMs, backoff) : backoff };
}

/** Longest stack that is kept, characters. */
const LONGEST_STACK = 8_000;

/** An error as it is kept: name, code, message with its causes, stack. Text that Postgres can't keep is replaced. */
export function describeError(error: unknown): LedgerError {
  const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '␀');
  if (!(error instanceof Error)) return { name: 'Error', message: storable(messageOf(error)) };
  const causes: string[] = [];
  for (let cause = error.cause; cause !== undefined && causes.length < 5; cause = cause instanceof Error ? cause.cause : undefined) causes.push(messageOf(cause));
  const message = [error.message, ...causes.map((cause) => `caused by: ${cause}`)].join('; ');
  return {
    name: error.name,
    ...(error instanceof JobError ? { code: error.code } : {}),
    message: storable(message.slice(0, 4_000)),
    ...(error.stack === undefined ? {} : { stack: storable(error.stack.slice(0, LONGEST_STACK)) }),
  };
}
