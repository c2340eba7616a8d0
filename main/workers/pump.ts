/**
 * The pump of one queue: claims as many jobs as it has free slots, starts each by itself, and claims again when slots
 * come free. A slot is free again once its handler has returned; its end is committed beside the next one's run. It is woken in process after a commit that enqueued, and when a retry falls due; polling is only a backstop.
 */
import { faultPoint } from '../fault-points.ts';
import type { ClaimedJob, JobQueue, TypeShare } from '../job-queue/job-queue.ts';
import { Wakeable } from '../wakeable.ts';
import type { ClaimPace } from './giving-way.ts';

/** Backstop: finds what another process has enqueued, ms. */
const POLL_MS = 500;
const HEARTBEAT_MS = 5_000;
/** Jobs whose handlers have returned and whose ends are not committed yet: beyond it, claims wait (Postgres is slow or away). */
const MOST_ENDING = 500;
/** After a failed claim (database away), ms. */
const AWAY_MS = 250;

export interface PumpOptions {
  readonly queueName: string;
  readonly concurrency: number;
  /** Job types that use the queue: they take turns. */
  readonly jobTypes: readonly string[];
  /** Asked before each claim. */
  readonly pace: () => ClaimPace;
  readonly queue: JobQueue;
  /** Runs a job and commits its end; calls `returned` in between, once the handler has returned. Never throws. */
  readonly run: (job: ClaimedJob, returned: () => void) => Promise<void>;
  /** Called with each claim, before its jobs run. */
  readonly onClaimed: (jobs: readonly ClaimedJob[]) => void;
  readonly onError: (error: unknown) => void;
}

export class Pump {
  readonly #options: PumpOptions;
  readonly #wakeable = new Wakeable();
  #concurrency: number;
  /** Claimed, and their ends not committed. */
  readonly #held = new Map<string, ClaimedJob>();
  #running = 0;
  readonly #timers = new Set<NodeJS.Timeout>();
  #loop: Promise<void> = Promise.resolve();
  #heartbeat: NodeJS.Timeout | undefined;
  #stopping = false;
  #paused = false;
  /** The last claim got fewer than it asked for: a slot that comes free need not look again. */
  #drained = false;
  #claiming = false;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#concurrency = options.concurrency;
  }

  get queueName(): string {
    return this.#options.queueName;
  }
  get concurrency(): number {
    return this.#concurrency;
  }
  /** It claims fewer than it has room for. */
  get givesWay(): boolean {
    return Number.isFinite(this.#options.pace().atMost);
  }
  get runningCount(): number {
    return this.#running;
  }

  start(): void {
    this.#loop = this.#pump();
    this.#heartbeat = setInterval(() => {
      this.#options.queue.heartbeat(this.#options.queueName, [...this.#held.values()]).catch(this.#options.onError);
    }, HEARTBEAT_MS);
  }

  /** There may be something to claim. */
  wake(): void {
    this.#drained = false;
    this.#wakeable.wake();
  }

  wakeIn(ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.wake();
    }, ms + 1);
    this.#timers.add(timer);
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.wake();
  }

  /** More at once begin at once; with fewer, what runs ends first. */
  setConcurrency(concurrency: number): void {
    this.#concurrency = concurrency;
    this.wake();
  }

  /** Keep slots free for jobs that are about to be claimed elsewhere, if nothing waits before them. @returns how many, at most `wanted`. */
  reserve(wanted: number): number {
    if (this.#paused || this.#stopping || !this.#drained || this.#claiming) return 0;
    const slots = Math.max(0, Math.min(wanted, this.#free()));
    this.#running += slots;
    return slots;
  }

  /** Start jobs that were claimed for reserved slots; give back `unused` ones. */
  fill(jobs: readonly ClaimedJob[], unused: number): void {
    this.#running -= jobs.length + unused;
    for (const job of jobs) this.#launch(job);
  }

  /** Claims no more, and resolves when what runs has ended, after `drainMs`, or when hurried. @returns how many were still running. */
  async stop(drainMs: number, hurry?: AbortSignal): Promise<number> {
    this.#stopping = true;
    hurry?.addEventListener('abort', () => this.#wakeable.wake(), { once: true });
    for (const timer of this.#timers) clearTimeout(timer);
    this.#wakeable.wake();
    await this.#loop;
    const until = performance.now() + drainMs;
    while (this.#held.size > 0 && performance.now() < until && !hurry?.aborted) await this.#wakeable.wait(Math.max(1, until - performance.now()));
    clearInterval(this.#heartbeat);
    return this.#held.size;
  }

  async #pump(): Promise<void> {
    const { queue, queueName, pace, onClaimed, onError } = this.#options;
    let claimedAtMs = Number.NEGATIVE_INFINITY;
    while (!this.#stopping) {
      const earlyMs = claimedAtMs + pace().everyMs - performance.now();
      if (earlyMs > 0) await new Promise((resolve) => setTimeout(resolve, earlyMs));
      const free = this.#free();
      if (this.#paused || free <= 0) {
        await this.#wakeable.wait(POLL_MS);
        continue;
      }
      try {
        faultPoint('before-claim');
        this.#claiming = true;
        claimedAtMs = performance.now();
        const jobs = await queue.claim(queueName, free, this.#shares()).finally(() => (this.#claiming = false));
        this.#drained = jobs.length < free;
        if (jobs.length > 0) {
          faultPoint('after-claim');
          onClaimed(jobs);
        }
        for (const job of jobs) this.#launch(job);
        if (this.#drained) await this.#wakeable.wait(POLL_MS);
      } catch (error) {
        onError(error);
        await this.#wakeable.wait(AWAY_MS);
      }
    }
  }

  #shares(): TypeShare[] {
    const inHand = new Map<unknown, number>();
    for (const { payload } of this.#held.values()) {
      const type = (payload as { jobType?: unknown } | null)?.jobType;
      inHand.set(type, (inHand.get(type) ?? 0) + 1);
    }
    return this.#options.jobTypes.map((jobType) => ({ jobType, inHand: inHand.get(jobType) ?? 0 }));
  }

  #free(): number {
    const concurrency = this.#concurrency;
    return Math.min(concurrency - this.#running, concurrency + MOST_ENDING - this.#held.size, this.#options.pace().atMost);
  }

  #launch(job: ClaimedJob): void {
    // The very attempt that runs here: Postgres crashed before the commit behind it was on disk, and the job was put on its queue anew.
    if (this.#held.get(job.id)?.attempt === job.attempt) return;
    this.#held.set(job.id, job);
    this.#running += 1;
    let running = true;
    const returned = (): void => {
      if (!running) return;
      running = false;
      this.#running -= 1;
      if (!this.#drained) this.#wakeable.wake();
    };
    void this.#options
      .run(job, returned)
      .catch(this.#options.onError)
      .finally(() => {
        returned();
        this.#held.delete(job.id);
        if (!this.#drained || this.#stopping) this.#wakeable.wake();
      });
  }
}
