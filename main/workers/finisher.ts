/**
 * The finisher: ends attempts. Everything that an attempt brings about is committed in one transaction with its end:
 * fence and removal from the queue, idempotency record, rows, outbox, jobs handed on, ledger.
 *
 * Ends that arrive while a commit is under way share the next one: single when idle, large groups under pressure.
 * If a group can't be committed as a whole (a stale claim among it, a row that is refused), each is ended by itself.
 */
import type pg from 'pg';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { inTransaction, type Sql } from '../database/database.ts';
import { Arrivals } from '../event-bus/arrivals.ts';
import { faultPoint } from '../fault-points.ts';
import type { JobQueue } from '../job-queue/job-queue.ts';
import { appendToLedger, type LedgerEntry } from '../job-queue/ledger.ts';
import { buryJob } from '../job-queue/dead-letters.ts';
import { writeRecords } from '../job-queue/records.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { type AttemptOutcome, type CompletedAttempt, describeError, type FailedAttempt, runWrites } from './attempt-outcome.ts';

const LARGEST_GROUP = 200;
/** Between tries while Postgres is away, ms. */
const AWAY_MS = 250;

/** ended: committed. stale: somebody else has the job now, nothing was written. refused: its own rows failed; treat the attempt as failed. */
export type EndResult = { readonly result: 'ended' } | { readonly result: 'stale' } | { readonly result: 'refused'; readonly error: unknown };

export interface FinisherOptions {
  readonly pool: pg.Pool;
  readonly queue: JobQueue;
  readonly worker: string;
  readonly source: string;
  /** After a commit. `queues` got new jobs, `retries` will be due. */
  readonly onCommitted: (queues: ReadonlySet<string>, retries: readonly { queue: string; delayMs: number }[]) => void;
  readonly onError: (error: unknown) => void;
}

interface Pending {
  readonly outcome: AttemptOutcome;
  readonly resolve: (result: EndResult) => void;
}

/** The group can't be committed as a whole. */
class GroupBroken extends Error {}
class RowsRefused extends Error {}

export class Finisher {
  readonly #options: FinisherOptions;
  readonly #pending = new Arrivals<Pending>();
  readonly #running: Promise<void>;
  #stopping = false;

  constructor(options: FinisherOptions) {
    this.#options = options;
    this.#running = this.#loop();
  }

  end(outcome: AttemptOutcome): Promise<EndResult> {
    return new Promise((resolve) => this.#pending.push({ outcome, resolve }));
  }

  /** Call when no attempt is under way any more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#pending.close();
    await this.#running;
  }

  async #loop(): Promise<void> {
    for (;;) {
      const group = await this.#pending.take(LARGEST_GROUP);
      if (group.length === 0) return;
      await this.#endGroup(group);
    }
  }

  async #endGroup(group: readonly Pending[]): Promise<void> {
    for (;;) {
      try {
        await this.#commit(group.map(({ outcome }) => outcome));
        for (const { resolve } of group) resolve({ result: 'ended' });
        return;
      } catch (error) {
        if (isAway(error) && !this.#stopping) {
          this.#options.onError(error);
          await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
          continue;
        }
        const [only] = group;
        if (group.length === 1 && only) {
          if (error instanceof GroupBroken) only.resolve({ result: 'stale' });
          else only.resolve({ result: 'refused', error: error instanceof RowsRefused ? error.cause : error });
          return;
        }
        for (const single of group) await this.#endGroup([single]);
        return;
      }
    }
  }

  async #commit(outcomes: readonly AttemptOutcome[]): Promise<void> {
    const completed = outcomes.filter((outcome) => outcome.outcome === 'completed');
    const failed = outcomes.filter((outcome) => outcome.outcome === 'failed');
    const { pool, onCommitted } = this.#options;
    const retries: { queue: string; delayMs: number }[] = [];
    const queues = await inTransaction(pool, async (tx) => {
      const started = await this.#complete(tx, completed);
      for (const outcome of failed) await this.#fail(tx, outcome, retries);
      faultPoint('before-finish-commit');
      return started;
    });
    faultPoint('after-finish-commit');
    onCommitted(queues, retries);
  }

  async #complete(tx: Sql, completed: readonly CompletedAttempt[]): Promise<Set<string>> {
    const byQueue = Map.groupBy(completed, ({ job }) => job.queue);
    for (const [queue, attempts] of byQueue) {
      const good = await this.#options.queue.finish(tx, queue, attempts.map(({ job }) => job));
      if (good.size !== attempts.length) throw new GroupBroken('a claim of the group is no longer good');
    }
    const fresh = completed.filter(({ alreadyDone }) => !alreadyDone);
    for (const { effects, returned } of fresh) {
      try {
        await runWrites(effects, returned, tx);
      } catch (cause) {
        if (isAway(cause)) throw cause;
        throw new RowsRefused('the rows of an attempt were refused', { cause });
      }
    }
    const handedOn = fresh.flatMap(({ effects }) => effects.handedOn);
    await this.#options.queue.enqueue(tx, handedOn.map(({ job }) => job));
    const { finished } = await writeRecords(tx, {
      ledger: [...handedOn.map(({ entry }) => entry), ...completed.map((attempt) => this.#completedEntry(attempt))],
      outbox: [
        ...fresh.flatMap(({ effects }) => effects.events),
        ...handedOn.map(({ event }) => event),
        ...completed.map((attempt) => this.#endEvent('job.Completed', attempt, {})),
      ],
      finished: fresh.map(({ payload }) => payload.idempotencyKey),
    });
    if (finished !== fresh.length) throw new GroupBroken('a job of the group has been finished under its idempotency key before');
    return new Set(handedOn.map(({ job }) => job.queue));
  }

  async #fail(tx: Sql, outcome: FailedAttempt, retries: { queue: string; delayMs: number }[]): Promise<void> {
    const { job, verdict, startedMs, finishedMs } = outcome;
    const error = describeError(outcome.error);
    const { stack: _stack, ...errorWithoutStack } = error;
    const base = { startedMs, finishedMs, worker: this.#options.worker, error };
    if (verdict.next === 'retry') {
      if (!(await this.#options.queue.retryLater(tx, job, verdict.delayMs, outcome.error))) throw new GroupBroken('the claim is no longer good');
      const retryAtMs = finishedMs + verdict.delayMs;
      await appendToLedger(tx, [{ kind: 'failed', jobId: job.id, attempt: job.attempt, detail: { ...base, retryAtMs } }]);
      if (outcome.definition) await putIntoOutbox(tx, [this.#endEvent('job.Failed', outcome, { error: errorWithoutStack, retryAt: new Date(retryAtMs).toISOString() })]);
      retries.push({ queue: job.queue, delayMs: verdict.delayMs });
      return;
    }
    const good = await this.#options.queue.finish(tx, job.queue, [job]);
    if (good.size === 0) throw new GroupBroken('the claim is no longer good');
    await buryJob(tx, { job, payload: outcome.payload, definition: outcome.definition, reason: verdict.reason, error });
    await appendToLedger(tx, [{ kind: 'dead', jobId: job.id, attempt: job.attempt, detail: { ...base, reason: verdict.reason } }]);
    if (outcome.definition) await putIntoOutbox(tx, [this.#endEvent('job.DeadLettered', outcome, { error: errorWithoutStack, reason: verdict.reason })]);
  }

  #completedEntry({ job, startedMs, finishedMs }: CompletedAttempt): LedgerEntry {
    return { kind: 'completed', jobId: job.id, attempt: job.attempt, detail: { startedMs, finishedMs, worker: this.#options.worker } };
  }

  #endEvent(eventType: 'job.Completed' | 'job.Failed' | 'job.DeadLettered', outcome: AttemptOutcome, extra: Record<string, unknown>): Envelope {
    const { job, payload, definition, startedMs, finishedMs } = outcome;
    const iso = (ms: number): string => new Date(ms).toISOString();
    return createTyped({
      eventType,
      source: this.#options.source,
      ...(payload ? { correlationId: payload.correlationId, causationId: payload.triggeringEventId } : {}),
      ...(payload?.traceContext ? { traceContext: payload.traceContext } : {}),
      jobId: job.id,
      data: {
        jobId: job.id,
        jobType: definition?.type ?? 'unknown',
        queue: job.queue,
        tier: definition?.tier ?? 'background',
        attempt: job.attempt,
        ...(payload ? { publishedAt: iso(payload.publishedMs) } : {}),
        enqueuedAt: iso(payload?.enqueuedMs ?? startedMs),
        startedAt: iso(startedMs),
        finishedAt: iso(finishedMs),
        queueMs: Math.max(0, startedMs - (payload?.enqueuedMs ?? startedMs)),
        runMs: Math.max(0, finishedMs - startedMs),
        ...extra,
      } as never,
    }) as Envelope;
  }
}

/** Is Postgres away (as opposed to: it refused what we sent)? SQLSTATE 08, 57P and the errors of a broken socket. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof GroupBroken || error instanceof RowsRefused) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return /^(08|57P|53300|40001|40P01|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/.test(code);
  return /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error/i.test(error.message);
}
