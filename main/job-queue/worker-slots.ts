/**
 * A short cut from routing to the workers: where a worker is free and nothing waits before a new job, the job comes onto
 * its queue as one that is claimed, and starts once that is committed, without being asked for again.
 */
import type { NewJob } from './job-queue.ts';

/** Jobs of one queue for which workers keep slots free until they are claimed, or not. */
export interface ReservedSlots {
  readonly queue: string;
  readonly jobs: readonly NewJob[];
}
export interface WorkerSlots {
  /** Keep slots for as many of these jobs as have a free worker and nothing waiting before them. Every reservation must be filled. */
  reserve(jobs: readonly NewJob[]): ReservedSlots[];
  /** Start the reserved jobs that are claimed; give the slots of the others back. */
  fill(reserved: readonly ReservedSlots[], claimed: (jobId: string) => boolean): void;
}

/** For an observer, which has no workers. */
export const NO_WORKERS: WorkerSlots = { reserve: () => [], fill: () => {} };
