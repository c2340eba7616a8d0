/**
 * The finisher: ends attempts. Everything that an attempt brings about is committed in one transaction with its end:
 * fence and removal from the queue, idempotency record, rows, outbox, jobs handed on, ledger.
 *
 * Ends that arrive while a commit is under way share the next one: single when idle, large groups under pressure. Unless a
 * handler has writes of its own, the whole transaction is one round trip (each statement judges itself).
 * If a group can't be committed as a whole (a stale claim among it, a row that is refused), each is ended by itself.
 */
import type pg from 'pg';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { commitTogether, NOT_AS_EXPECTED, type Sql } from '../database/database.ts';
import type { OnDisk } from '../database/on-disk.ts';
import { Arrivals } from '../event-bus/arrivals.ts';
import { faultPoint } from '../fault-points.ts';
import type { ClaimedJob, JobQueue } from '../job-queue/job-queue.ts';
import type { LedgerEntry } from '../job-queue/ledger.ts';
import { buryJob } from '../job-queue/dead-letters.ts';
import { inOneStatement, type Write } from '../database/writes.ts';
import { type Records, recordWrites } from '../job-queue/records.ts';
import { type AttemptOutcome, type CompletedAttempt, describeError, type FailedAttempt, runWrites } from './attempt-outcome.ts';

const LARGEST_GROUP = 200;
/** Between tries while Postgres is away, ms. */
const AWAY_MS = 250;

/** ended: committed. stale: somebody else has the job now, nothing was written. refused: its own rows failed; treat the attempt as failed. */
export type EndResult = { readonly result: 'ended' } | { readonly result: 'stale' } | { readonly result: 'refused'; readonly error: unknown };

export interface FinisherOptions {
  readonly pool: pg.Pool;
  /** Is told of commits: they take along what was committed without waiting for the disk. */
  readonly onDisk: OnDisk;
  /** After a group of several, the next one gathers this long, ms: no promise ends with the end of an attempt, and commits are what the machine is busy with. */
  readonly gatherMs: number;
  readonly queue: JobQueue;
  readonly worker: string;
  readonly source: string;
  /** After a commit. `queues` got new jobs, `retries` will be due. */
  readonly onCommitted: (queues: ReadonlySet<string>, retries: readonly { queue: string; delayMs: number }[], outbox: readonly Envelope[]) => void;
  readonly onError: (error: unknown) => void;
}

interface Pending {
  readonly outcome: AttemptOutcome;
  readonly resolve: (result: EndResult) => void;
}

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
    for (let several = false; ; ) {
      const group = await this.#pending.take(LARGEST_GROUP);
      if (group.length === 0) return;
      if (several && !this.#stopping) {
        await new Promise((resolve) => setTimeout(resolve, this.#options.gatherMs));
        group.push(...this.#pending.takeNow(LARGEST_GROUP - group.length));
      }
      several = group.length > 1;
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
          if (isStale(error)) only.resolve({ result: 'stale' });
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
    const { pool, onDisk, queue, onCommitted } = this.#options;
    const fences = [...Map.groupBy(completed, ({ job }) => job.queue)].map(([name, attempts]) => queue.finishWrite(name, attempts.map(({ job }) => job)));
    const fresh = completed.filter(({ alreadyDone }) => !alreadyDone);
    const later = [...this.#retries(failed)];
    const dead = failed.filter(({ verdict }) => verdict.next === 'dead');
    const retries = later.map(({ write }) => inOneStatement([write]));

    let records: Records = {};
    const last = async (first: readonly Write[]): Promise<pg.QueryConfig[]> => {
      const handedOn = fresh.flatMap(({ effects }) => effects.handedOn.map(({ job }) => job));
      const statements = await queue.enqueueStatements(handedOn);
      records = this.#records(completed, fresh, failed);
      faultPoint('before-finish-commit');
      return [...statements, inOneStatement([...first, ...recordWrites(records)])];
    };
    if (dead.length === 0 && fresh.every(({ effects }) => effects.writes.length === 0)) {
      await commitTogether(pool, [...retries, ...(await last(fences))], { onDisk });
    } else {
      const before = async (tx: Sql): Promise<readonly pg.QueryConfig[]> => {
        for (const statement of [...fences.map((fence) => inOneStatement([fence])), ...retries]) await tx.query(statement);
        for (const outcome of dead) await this.#bury(tx, outcome);
        await this.#write(tx, fresh);
        return last([]);
      };
      await commitTogether(pool, [], { before, onDisk });
    }
    faultPoint('after-finish-commit');
    onCommitted(
      new Set(fresh.flatMap(({ effects }) => effects.handedOn).map(({ job }) => job.queue)),
      later.map(({ job, delayMs }) => ({ queue: job.queue, delayMs })),
      records.outbox ?? [],
    );
  }

  /** The handlers' own rows; what they emit while they write is collected too. */
  async #write(tx: Sql, fresh: readonly CompletedAttempt[]): Promise<void> {
    for (const { effects, returned } of fresh) {
      try {
        await runWrites(effects, returned, tx);
      } catch (cause) {
        if (isAway(cause)) throw cause;
        throw new RowsRefused('the rows of an attempt were refused', { cause });
      }
    }
  }

  /** The records of all, in order: known once the handlers have written. */
  #records(completed: readonly CompletedAttempt[], fresh: readonly CompletedAttempt[], failed: readonly FailedAttempt[]): Records {
    const handedOn = fresh.flatMap(({ effects }) => effects.handedOn);
    const ends = failed.map((outcome) => this.#failedRecords(outcome));
    return {
      ledger: [...handedOn.map(({ entry }) => entry), ...completed.map((attempt) => this.#completedEntry(attempt)), ...ends.flatMap(({ ledger }) => ledger)],
      outbox: [
        ...fresh.flatMap(({ effects }) => effects.events),
        ...handedOn.map(({ event }) => event),
        ...completed.map((attempt) => this.#endEvent('job.Completed', attempt, {})),
        ...ends.flatMap(({ outbox }) => outbox),
      ],
      finished: fresh.map(({ payload }) => payload.idempotencyKey),
    };
  }

  *#retries(failed: readonly FailedAttempt[]): Generator<{ job: ClaimedJob; delayMs: number; write: Write }> {
    for (const { job, verdict, error } of failed) {
      if (verdict.next === 'retry') yield { job, delayMs: verdict.delayMs, write: this.#options.queue.retryWrite(job, verdict.delayMs, error) };
    }
  }

  async #bury(tx: Sql, { job, payload, definition, verdict, error }: FailedAttempt): Promise<void> {
    if (verdict.next !== 'dead') return;
    await tx.query(inOneStatement([this.#options.queue.finishWrite(job.queue, [job])]));
    await buryJob(tx, { job, payload, definition, reason: verdict.reason, error: describeError(error) });
  }

  #failedRecords(outcome: FailedAttempt): Required<Pick<Records, 'ledger' | 'outbox'>> {
    const { job, verdict, startedMs, finishedMs, definition } = outcome;
    const error = describeError(outcome.error);
    const { stack: _stack, ...errorWithoutStack } = error;
    const base = { startedMs, finishedMs, worker: this.#options.worker, error };
    const event = (type: 'job.Failed' | 'job.DeadLettered', extra: Record<string, unknown>): Envelope[] => [...outcome.events, ...(definition ? [this.#endEvent(type, outcome, { error: errorWithoutStack, ...extra })] : [])];
    if (verdict.next === 'dead') {
      return { ledger: [{ kind: 'dead', jobId: job.id, attempt: job.attempt, detail: { ...base, reason: verdict.reason } }], outbox: event('job.DeadLettered', { reason: verdict.reason }) };
    }
    const retryAtMs = finishedMs + verdict.delayMs;
    return { ledger: [{ kind: 'failed', jobId: job.id, attempt: job.attempt, detail: { ...base, retryAtMs } }], outbox: event('job.Failed', { retryAt: new Date(retryAtMs).toISOString() }) };
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

/** A claim of the group is no longer good, or a job of it was finished under its key before. */
function isStale(error: unknown): boolean {
  return (error as { code?: unknown }).code === NOT_AS_EXPECTED;
}

/** Is Postgres away (as opposed to: it refused what we sent)? SQLSTATE 08, 57P and the errors of a broken socket. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof RowsRefused) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return /^(08|57P|53300|40001|40P01|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/.test(code);
  return /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error/i.test(error.message);
}
