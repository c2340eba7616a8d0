/** What the benchmark compares: each takes events, runs a handler for each, and says when. */

/** One event's way. All times are epoch ms of one machine. */
export interface Run {
  readonly startedMs: number;
  /** The handler has returned. */
  readonly endedMs: number;
}

export interface Contender {
  readonly name: string;
  /** What stands behind the name, for the reader of the table. */
  readonly how: string;
  start(): Promise<void>;
  /** Hand in one event. Resolves when it is stored durably. @returns when that was, epoch ms. */
  publish(id: string): Promise<number>;
  /** Resolves when all of these have run and their completion is recorded (for the spine: job.Completed is on the bus). */
  settled(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Run>>;
  /** Put this many jobs into a queue that nobody works off, in the same store. */
  addBacklog(jobs: number): Promise<void>;
  /** Let this many background jobs of 20 ms run from now on, where the contender has tiers. Resolves once all of them wait and the first may start. */
  flood?(jobs: number): Promise<void>;
  /** Processes whose CPU time counts; servers included, the load generator not. */
  pids(): number[];
  stop(): Promise<void>;
}

/** A contender, or why this machine can't run it. */
export type Offer = { readonly name: string; readonly missing: string } | { readonly name: string; make(handlerMs: number): Contender };

/** Handlers at the same time, for everybody. */
export const CONCURRENCY = 32;
