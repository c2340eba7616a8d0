/**
 * Runs replays: reads the stream on in batches, a batch a transaction, at the rate that was asked for. What is under way
 * when the site stops or dies goes on at the next start, behind the last batch that was committed.
 */
import type pg from 'pg';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { messageOf, UnavailableError } from '../../shared/errors.ts';
import type { ReplayRow } from '../../shared/operator-api/index.ts';
import { inTransaction } from '../database/database.ts';
import type { EventBus, StoredMessage } from '../event-bus/event-bus.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { Wakeable } from '../wakeable.ts';
import { type BatchContext, type MatchedEvent, matchEvents, replayEvents } from './replay-batch.ts';
import { endReplay, readReplay, runningReplays, saveProgress } from './replay-store.ts';

/** Messages that are read at once. */
const LARGEST_READ = 500;
/** After a failure of Postgres or of the bus, ms. */
const AGAIN_MS = 1_000;
/** Tries without progress before a replay is given up. */
const MOST_TRIES = 30;

export interface ReplayRunnerOptions extends BatchContext {
  readonly bus: EventBus;
  readonly pool: pg.Pool;
  /** Routing takes no events at present, since too much waits: a replay waits with it. */
  readonly held: () => boolean;
  /** After a commit: these queues have jobs, the outbox has rows. */
  readonly onCommitted: (queues: Iterable<string>) => void;
  readonly onError: (error: unknown) => void;
}

/** What one transaction deals with: events up to a sequence, and what the replay has counted by then. */
interface Portion {
  readonly events: readonly MatchedEvent[];
  readonly upTo: number;
  readonly counts: ReplayRow['counts'];
}

export class ReplayRunner {
  readonly #options: ReplayRunnerOptions;
  readonly #running = new Map<string, { work: Promise<void>; wake: Wakeable }>();
  #stopping = false;

  constructor(options: ReplayRunnerOptions) {
    this.#options = options;
  }

  /** Go on with what was under way. */
  async start(): Promise<void> {
    for (const replayId of await runningReplays(this.#options.pool)) this.run(replayId);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { wake } of this.#running.values()) wake.wake();
    await Promise.all([...this.#running.values()].map(({ work }) => work));
  }

  /** Run a replay whose row is committed. */
  run(replayId: string): void {
    if (this.#running.has(replayId)) return;
    const wake = new Wakeable();
    const work = this.#run(replayId, wake).catch(this.#options.onError).finally(() => this.#running.delete(replayId));
    this.#running.set(replayId, { work, wake });
  }

  /** Its row has changed: it was cancelled, perhaps. */
  wake(replayId: string): void {
    this.#running.get(replayId)?.wake.wake();
  }

  async #run(replayId: string, wake: Wakeable): Promise<void> {
    let tries = 0;
    while (!this.#stopping) {
      if (this.#options.held()) {
        await wake.wait(AGAIN_MS);
        continue;
      }
      try {
        const { more, pauseMs } = await this.#step(replayId);
        if (!more) return;
        tries = 0;
        if (pauseMs > 0) await wake.wait(pauseMs);
      } catch (error) {
        this.#options.onError(error);
        tries += 1;
        if (tries >= MOST_TRIES) return this.#end(replayId, 'failed', messageOf(error));
        await wake.wait(AGAIN_MS);
      }
    }
  }

  /** Read on and deal with what was read. @returns false if there is no more to do. */
  async #step(replayId: string): Promise<{ more: boolean; pauseMs: number }> {
    const { bus, pool } = this.#options;
    const replay = await readReplay(pool, replayId);
    if (replay.status !== 'running') return { more: false, pauseMs: 0 };
    const read = replay.position >= replay.toSeq ? [] : await bus.readOn({ seq: replay.position + 1 }, LARGEST_READ);
    const messages = read.filter(({ seq }) => seq <= replay.toSeq);
    const last = messages.at(-1);
    if (!last) {
      // The last message is there, so what lies before it must be given: an empty answer is a failure, not the end.
      if (replay.position < replay.toSeq && (await bus.read(replay.toSeq)) !== null) throw new UnavailableError('NATS', 'gave no messages although there are some', 'It is asked again.');
      await this.#end(replayId, 'completed', null);
      return { more: false, pauseMs: 0 };
    }
    let portion: Portion;
    try {
      portion = this.#portionOf(replay, messages);
    } catch (error) {
      // A trigger that throws will throw again: a person must look at it.
      await this.#end(replayId, 'failed', messageOf(error));
      return { more: false, pauseMs: 0 };
    }
    const done = await this.#commit(replay, portion);
    return { more: true, pauseMs: done ? (done.enqueued / replay.jobsPerSecond) * 1_000 : 0 };
  }

  /** As many of the messages as may be dealt with in one transaction: few enough that the rate is kept and a cancel is heard. */
  #portionOf(replay: ReplayRow, messages: readonly StoredMessage[]): Portion {
    const most = replay.dryRun ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(replay.jobsPerSecond / 4));
    const counts = structuredClone(replay.counts);
    const events: MatchedEvent[] = [];
    let [upTo, jobs] = [replay.position, 0];
    for (const message of messages) {
      if (jobs >= most) break;
      const [matched] = matchEvents(replay, [message], this.#options, counts);
      if (matched) {
        events.push(matched);
        jobs += matched.owed.length;
      }
      upTo = message.seq;
    }
    return { events, upTo, counts };
  }

  /** One transaction: the jobs and the progress. Null if the replay was cancelled, or another process is further. */
  async #commit(replay: ReplayRow, { events, upTo, counts }: Portion): Promise<{ enqueued: number } | null> {
    const done = await inTransaction(this.#options.pool, async (tx) => {
      const now = await readReplay(tx, replay.replayId, 'FOR UPDATE');
      if (now.status !== 'running' || now.position !== replay.position) return null;
      const result = await replayEvents(tx, replay, events, this.#options, counts);
      await saveProgress(tx, replay.replayId, upTo, counts);
      return result;
    });
    if (done && done.enqueued > 0) this.#options.onCommitted(done.queues);
    return done;
  }

  async #end(replayId: string, outcome: 'completed' | 'failed', problem: string | null): Promise<void> {
    await inTransaction(this.#options.pool, async (tx) => {
      const replay = await readReplay(tx, replayId, 'FOR UPDATE');
      if (replay.status !== 'running') return;
      await endReplay(tx, replayId, outcome, problem);
      if (!replay.dryRun) await putIntoOutbox(tx, [endedEvent(replay, outcome, problem, this.#options.source)]);
    });
    this.#options.onCommitted([]);
  }
}

function endedEvent(replay: ReplayRow, outcome: 'completed' | 'failed', problem: string | null, source: string): Envelope {
  const { replayId, mode, filter, fromSeq, toSeq, counts, correlationId } = replay;
  const enqueued = Object.values(counts.jobs).reduce((sum, verdicts) => sum + (verdicts.enqueue ?? 0) + (verdicts['run-again'] ?? 0) + (verdicts['find-record'] ?? 0), 0);
  return createTyped({
    eventType: 'system.ReplayEnded', source,
    // The audit event that opened it is the root of its correlation.
    ...(correlationId === null ? {} : { correlationId, causationId: correlationId }),
    data: { replayId, mode, filter, fromSeq, toSeq, outcome, events: counts.matched, enqueued, ...(problem === null ? {} : { problem }) },
  }) as Envelope;
}
