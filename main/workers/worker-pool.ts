/** The workers of a site: one pump a queue, one finisher a tier, so that one tier can't starve another. */
import { hostname } from 'node:os';
import type pg from 'pg';
import { CancelledError, RetryableError } from '../../shared/errors.ts';
import type { OnDisk } from '../database/on-disk.ts';
import type { Phrase } from '../../shared/i18n/translate.ts';
import { TIERS, type Tier } from '../../shared/tiers.ts';
import type { Envelope } from '../../shared/envelope.ts';
import type { ClaimedJob, JobQueue, NewJob } from '../job-queue/job-queue.ts';
import type { ReservedSlots, WorkerSlots } from '../job-queue/worker-slots.ts';
import { appendToLedger, type LedgerEntry, noteLostAttempts } from '../job-queue/ledger.ts';
import { faultPoint } from '../fault-points.ts';
import { Arrivals } from '../event-bus/arrivals.ts';
import type { AttemptOutcome } from './attempt-outcome.ts';
import { judgeFailure } from './attempt-outcome.ts';
import { Finisher } from './finisher.ts';
import { GivingWay } from './giving-way.ts';
import { Pump } from './pump.ts';
import { type AttemptServices, runAttempt } from './run-attempt.ts';

/** An attempt that runs this long has its start noted by itself; of a shorter one, its end tells, ms. */
const NOTE_AFTER_MS = 50;

/** How long ended attempts of a tier are gathered under pressure before they are committed, ms. */
const ENDS_GATHER_MS: Readonly<Record<Tier, number>> = { realtime: 5, interactive: 5, background: 50 };

export interface WorkerPoolOptions {
  readonly queues: readonly { name: string; tier: Tier; jobTypes: readonly string[] }[];
  readonly concurrency: Readonly<Record<Tier, number>>;
  readonly queue: JobQueue;
  /** Ended attempts are on disk once committed. */
  readonly durablePool: pg.Pool;
  readonly onDisk: OnDisk;
  /** Starts and lost attempts are notes: they may be lost with the machine. */
  readonly notesPool: pg.Pool;
  readonly services: Omit<AttemptServices, 'onStarted' | 'onProgress'>;
  /** An attempt has ended, whatever its end is. */
  readonly onAttempt?: (outcome: AttemptOutcome, tier: Tier) => void;
  /** After each commit of ended attempts: the outbox has rows, the ledger has grown. */
  readonly onCommitted: (outbox: readonly Envelope[]) => void;
  readonly onError: (error: unknown) => void;
}

export class WorkerPool implements WorkerSlots {
  readonly workerId = `${hostname()}:${process.pid}`;
  readonly #options: WorkerPoolOptions;
  readonly #pumps = new Map<string, Pump>();
  readonly #finishers: ReadonlyMap<Tier, Finisher>;
  /** Attempts that run, by job. */
  readonly #attempts = new Map<string, AbortController>();
  /** Attempts whose end is not committed, as `job:attempt`. */
  readonly #running = new Set<string>();
  readonly #notes = new Arrivals<Extract<LedgerEntry, { kind: 'started' }>>();
  readonly #progress = new Map<string, { share: number; note: Phrase | null }>();
  #noting: Promise<void> = Promise.resolve();
  readonly #givingWay = new GivingWay();

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    const { queue, durablePool, onDisk, notesPool, onError } = options;
    const source = options.services.source;
    this.#finishers = new Map(
      TIERS.map((tier) => [tier, new Finisher({ pool: durablePool, onDisk, gatherMs: ENDS_GATHER_MS[tier], queue, worker: this.workerId, source, onError, onCommitted: (queues, retries, outbox) => this.#afterCommit(queues, retries, outbox) })]),
    );
    for (const { name, tier, jobTypes } of options.queues) {
      this.#pumps.set(name, new Pump({
        queueName: name, jobTypes, concurrency: options.concurrency[tier], pace: () => this.#givingWay.paceOf(name, tier), queue, onError,
        run: (job, returned) => this.#run(job, tier, returned),
        onClaimed: (jobs) => {
          this.#givingWay.claimed(name, jobs);
          noteLostAttempts(notesPool, jobs, Date.now()).catch(onError);
        },
      }));
    }
  }

  start(): void {
    this.#noting = this.#noteStarts();
    for (const pump of this.#pumps.values()) pump.start();
  }

  /** Jobs may be waiting in these queues. */
  wake(queues: Iterable<string>): void {
    for (const name of queues) this.#pumps.get(name)?.wake();
  }

  reserve(jobs: readonly NewJob[]): ReservedSlots[] {
    const reserved: ReservedSlots[] = [];
    for (const [queue, ofQueue] of Map.groupBy(jobs, (job) => job.queue)) {
      const slots = this.#pumps.get(queue)?.reserve(ofQueue.length) ?? 0;
      if (slots > 0) reserved.push({ queue, jobs: ofQueue.toSorted((a, b) => b.priority - a.priority).slice(0, slots) });
    }
    return reserved;
  }

  fill(reserved: readonly ReservedSlots[], claimed: (jobId: string) => boolean): void {
    for (const { queue, jobs } of reserved) {
      // As it would come back from the queue: plain JSON.
      const taken = jobs.filter(({ id }) => claimed(id)).map(({ id, payload }): ClaimedJob => ({ id, queue, attempt: 1, payload: JSON.parse(JSON.stringify(payload)) as unknown }));
      if (taken.length > 0) faultPoint('after-claim');
      this.#pumps.get(queue)?.fill(taken, jobs.length - taken.length);
    }
  }

  setPaused(queue: string, paused: boolean): void {
    this.#pumps.get(queue)?.setPaused(paused);
  }

  /** @param concurrency null: as configured. */
  setConcurrency(queue: string, concurrency: number | null): void {
    const tier = this.#options.queues.find(({ name }) => name === queue)?.tier;
    if (tier) this.#pumps.get(queue)?.setConcurrency(concurrency ?? this.#options.concurrency[tier]);
  }

  /** Stop the attempt of a job that runs here. @returns false if none does. */
  cancel(jobId: string, because: string): boolean {
    const attempt = this.#attempts.get(jobId);
    attempt?.abort(new CancelledError(because));
    return attempt !== undefined;
  }

  status(): { queue: string; concurrency: number; running: number; givesWay: boolean }[] {
    return [...this.#pumps.values()].map((pump) => ({ queue: pump.queueName, concurrency: pump.concurrency, running: pump.runningCount, givesWay: pump.givesWay }));
  }

  progressOf(jobId: string): { share: number; note: Phrase | null } | null {
    return this.#progress.get(jobId) ?? null;
  }

  /** Drain: claim no more, let what runs end for `drainMs` or until hurried, then abort the rest; it is put back to be run again. */
  async stop(drainMs: number, hurry?: AbortSignal): Promise<void> {
    const left = await Promise.all([...this.#pumps.values()].map((pump) => pump.stop(drainMs, hurry)));
    if (left.some((count) => count > 0)) {
      for (const attempt of this.#attempts.values()) attempt.abort(new RetryableError('The site was stopped while this attempt ran.'));
      await Promise.all([...this.#pumps.values()].map((pump) => pump.stop(1_000)));
    }
    await Promise.all([...this.#finishers.values()].map((finisher) => finisher.stop()));
    this.#notes.close();
    await this.#noting;
  }

  async #run(job: ClaimedJob, tier: Tier, returned: () => void): Promise<void> {
    const finisher = this.#finishers.get(tier);
    if (!finisher) throw new Error(`no finisher for tier ${tier}`);
    this.#givingWay.begins(tier);
    const abort = new AbortController();
    this.#attempts.set(job.id, abort);
    this.#running.add(`${job.id}:${job.attempt}`);
    const outcome = await runAttempt(job, {
      ...this.#options.services,
      onStarted: ({ id, attempt }, startedMs) => this.#notes.push({ kind: 'started', jobId: id, attempt, detail: { startedMs, worker: this.workerId } }),
      onProgress: (jobId, share, note) => this.#progress.set(jobId, { share, note }),
    }, abort);
    if (this.#attempts.get(job.id) === abort) this.#attempts.delete(job.id);
    returned();
    this.#options.onAttempt?.(outcome, tier);
    const ended = await finisher.end(outcome);
    // Its own rows were refused: that is a failure of the attempt like any other.
    if (ended.result === 'refused') await finisher.end(asFailure(outcome, ended.error));
    this.#running.delete(`${job.id}:${job.attempt}`);
    this.#progress.delete(job.id);
  }

  #afterCommit(queues: ReadonlySet<string>, retries: readonly { queue: string; delayMs: number }[], outbox: readonly Envelope[]): void {
    this.wake(queues);
    for (const { queue, delayMs } of retries) this.#pumps.get(queue)?.wakeIn(delayMs);
    this.#options.onCommitted(outbox);
  }

  /** Starts of attempts that last go to the ledger beside them, in groups; every end carries its start too. */
  async #noteStarts(): Promise<void> {
    for (;;) {
      const entries = await this.#notes.take(500);
      if (entries.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, NOTE_AFTER_MS));
      const lasting = entries.filter(({ jobId, attempt }) => this.#running.has(`${jobId}:${attempt}`));
      if (lasting.length > 0) await appendToLedger(this.#options.notesPool, lasting).then(() => this.#options.onCommitted([]), this.#options.onError);
    }
  }
}

function asFailure(outcome: AttemptOutcome, error: unknown): AttemptOutcome {
  const { job, startedMs, finishedMs, definition, payload } = outcome;
  return {
    outcome: 'failed', job, startedMs, finishedMs, definition, payload, error, events: [],
    verdict: definition ? judgeFailure(error, definition, job.attempt) : { next: 'dead', reason: 'not-retryable' },
  };
}
