/**
 * The job queue as the rest of the house sees it. Drivers live in `drivers/`.
 *
 *            enqueue                claim                 finish (removed)
 *   event ───────────► waiting ────────────► running ───────────────────────► done, in the ledger
 *                         ▲                     │ retryLater
 *                         └──── retrying ◄──────┤
 *                                               │ finish + a row in dead_letter, in one transaction
 *                                               └────────────────────────────► dead letter
 *
 * A claim is fenced by its attempt: whoever comes back with an attempt that is no longer the current one changes nothing.
 * A finished job leaves the queue; the ledger is its record. A dead letter is the job moved, so it can't run twice.
 */
import type pg from 'pg';
import type { Sql } from '../database/database.ts';
import type { Write } from '../database/writes.ts';
import type { JobPayload } from '../../shared/job-catalogue/index.ts';
import type { Tier } from '../../shared/tiers.ts';

export interface NewJob {
  readonly id: string;
  readonly queue: string;
  /** Higher first within the queue. */
  readonly priority: number;
  readonly payload: JobPayload;
}

/** A job type that uses a queue, and how many of its jobs the asking workers have in hand. */
export interface TypeShare {
  readonly jobType: string;
  readonly inHand: number;
}

/** A job in the hands of a worker. `attempt` counts from 1 and fences everything said about it. */
export interface ClaimedJob {
  readonly id: string;
  readonly queue: string;
  readonly attempt: number;
  /** As it was stored: validated by whoever runs it. */
  readonly payload: unknown;
}

export interface JobQueue {
  /** Make sure that a queue exists. */
  ensureQueue(name: string, tier: Tier): Promise<void>;
  /** Part of the caller's transaction. A job whose id is already there is left as it is. */
  enqueue(sql: Sql, jobs: readonly NewJob[]): Promise<void>;
  /** The statements of `enqueue`, for a transaction that is sent in one trip. */
  enqueueStatements(jobs: readonly NewJob[]): Promise<pg.QueryConfig[]>;
  /** What puts new jobs on their queue in the hands of the caller, as attempt 1; answers their ids. A job that is there already is left as it is, and left out. */
  claimedWrite(queue: string, jobs: readonly NewJob[]): Write;
  /**
   * Take up to `max` due jobs: highest priority first; among equals, the job types take turns, those with the fewest jobs
   * in hand first; within a type, the oldest. So a flood of one type makes no other wait for more than its turn.
   */
  claim(queue: string, max: number, types: readonly TypeShare[]): Promise<ClaimedJob[]>;
  /** What takes jobs out of their queue for good; raises NOT_AS_EXPECTED unless every claim is still good. */
  finishWrite(queue: string, jobs: readonly ClaimedJob[]): Write;
  /** What puts a job back, to be claimed again after `delayMs`; raises NOT_AS_EXPECTED if the claim is no longer good. */
  retryWrite(job: ClaimedJob, delayMs: number, error: unknown): Write;
  /** Say that these attempts are alive. */
  heartbeat(queue: string, jobs: readonly ClaimedJob[]): Promise<void>;
  /** Put back every claimed job of a queue: for the start of a site that is alone on its database. @returns how many. */
  releaseOrphans(queue: string): Promise<number>;
  /** When the next job becomes due that can't run yet, ms from now; null if none waits. */
  nextDueInMs(queue: string): Promise<number | null>;
  /** Take a job off its queue that waits or retries. Part of the caller's transaction. @returns null if it runs or is not there. */
  takeWaiting(sql: Sql, queue: string, id: string): Promise<ClaimedJob | null>;
  /** Make a job due that waits for its next attempt. @returns false if it does not wait for a time. */
  hasten(sql: Sql, queue: string, id: string): Promise<boolean>;
  /** Give a waiting job a priority above all that wait in its queue. @param types the queue's job types. @returns the priority; null if the job does not wait. */
  moveToFront(sql: Sql, queue: string, id: string, types: readonly string[]): Promise<number | null>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
