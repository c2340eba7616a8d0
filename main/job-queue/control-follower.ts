/**
 * Brings what operators have said of queues and jobs to the workers of this process, also when they said it elsewhere: an observer
 * steers, and has no workers of its own.
 */
import type pg from 'pg';
import { cancelledSince, cancelledWords } from './cancelled-jobs.ts';
import { changedConcurrencies, pausedQueues } from './queue-control.ts';

const LOOK_EVERY_MS = 1_000;
/** Clocks of two machines may differ by this, and a look may be late, ms. */
const LOOK_BACK_MS = 60_000;

export interface ControlledWorkers {
  setPaused(queue: string, paused: boolean): void;
  /** @param concurrency null: as configured. */
  setConcurrency(queue: string, concurrency: number | null): void;
  cancel(jobId: string, because: string): boolean;
}

export interface ControlFollowerOptions {
  readonly pool: pg.Pool;
  readonly workers: ControlledWorkers;
  readonly onError: (error: unknown) => void;
}

export class ControlFollower {
  readonly #options: ControlFollowerOptions;
  #paused = new Set<string>();
  #concurrencies = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ControlFollowerOptions) {
    this.#options = options;
  }

  /** What holds already holds before the first job is taken. */
  async start(): Promise<void> {
    await this.#look();
    this.#plan();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #plan(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().catch(this.#options.onError).finally(() => this.#plan());
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { pool, workers } = this.#options;
    const [paused, concurrencies, cancelled] = await Promise.all([pausedQueues(pool), changedConcurrencies(pool), cancelledSince(pool, LOOK_BACK_MS)]);
    const nowPaused = new Set(paused.map(({ queue }) => queue));
    for (const queue of nowPaused) if (!this.#paused.has(queue)) workers.setPaused(queue, true);
    for (const queue of this.#paused) if (!nowPaused.has(queue)) workers.setPaused(queue, false);
    this.#paused = nowPaused;
    const nowChanged = new Map(concurrencies.map(({ queue, concurrency }) => [queue, concurrency]));
    for (const [queue, concurrency] of nowChanged) if (this.#concurrencies.get(queue) !== concurrency) workers.setConcurrency(queue, concurrency);
    for (const queue of this.#concurrencies.keys()) if (!nowChanged.has(queue)) workers.setConcurrency(queue, null);
    this.#concurrencies = nowChanged;
    // Telling an attempt twice that it shall stop changes nothing.
    for (const { jobId, ...cancellation } of cancelled) workers.cancel(jobId, cancelledWords(cancellation));
  }
}
