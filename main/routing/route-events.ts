/**
 * Routing: events → jobs, once.
 *
 * A durable consumer hands over batches (one event when idle, hundreds under pressure). For each batch, one Postgres
 * transaction: inbox rows, owed jobs, their ledger and outbox rows, what is set aside. Its jobs start once it is committed;
 * it is acknowledged, and its outbox published, once that commit is on disk (docs/adr/0015).
 * Dying before the commit routes nothing; dying after it delivers the batch again, and the inbox stops it. Should Postgres
 * crash before the commit is on disk, the batch is delivered and routed again: the same jobs, by their ids.
 */
import type pg from 'pg';
import type { Envelope } from '../../shared/envelope.ts';
import { messageOf } from '../../shared/errors.ts';
import type { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import type { JobCatalogue, JobPayload, OwedJob } from '../../shared/job-catalogue/index.ts';
import { commitTogether, inTransaction } from '../database/database.ts';
import type { OnDisk } from '../database/on-disk.ts';
import { inOneStatement } from '../database/writes.ts';
import type { Delivery, DeliverySource, EventBus } from '../event-bus/event-bus.ts';
import { faultPoint } from '../fault-points.ts';
import type { JobQueue, NewJob } from '../job-queue/job-queue.ts';
import type { LedgerEntry } from '../job-queue/ledger.ts';
import { newJob } from '../job-queue/new-job.ts';
import type { WorkerSlots } from '../job-queue/worker-slots.ts';
import { type Records, recordWrites, writeRecords } from '../job-queue/records.ts';
import type { SpanRecorder } from '../telemetry/spans.ts';
import { Wakeable } from '../wakeable.ts';
import type { Hold } from './backpressure.ts';
import { enterInbox, newEventsWrite, type RoutedEvent, type SetAside, setAside, UNIQUE_VIOLATION } from './inbox.ts';
import { readEvent } from './read-event.ts';

/** Name of the durable consumer. */
export const ROUTING_CONSUMER = 'job-service';
const LARGEST_BATCH = 500;
/** Batches that are committed at the same time: an event that arrives while another is under way need not wait for its end. */
const AT_ONCE = 3;
const HELD_LOOK_MS = 1_000;
/** After a failed batch (database away), its messages come again after this, ms. */
const RETRY_MS = 500;
const ON_DISK = Promise.resolve();

export interface RoutingOptions {
  readonly bus: EventBus;
  /** Commits wait for the disk: for what is set aside, and for batches that have been routed in part. */
  readonly durablePool: pg.Pool;
  /** Commits do not wait for the disk. */
  readonly pool: pg.Pool;
  readonly onDisk: OnDisk;
  readonly queue: JobQueue;
  readonly events: EventCatalogue;
  /** Subjects to take events from: those that can owe a job. */
  readonly subjects: readonly string[];
  readonly jobs: JobCatalogue;
  readonly spans: SpanRecorder;
  /** Names who emits job.* events. */
  readonly source: string;
  /** Free slots of the workers that may be given jobs straight away. */
  readonly slots: WorkerSlots;
  /** Called after a commit: jobs are waiting in these queues. */
  readonly onRouted: (queues: ReadonlySet<string>) => void;
  /** Called when a commit is on disk: these events are in the outbox. */
  readonly onDurable: (outbox: readonly Envelope[]) => void;
  readonly onError: (error: unknown) => void;
}

/** An event with what it owes. */
interface Routable {
  readonly event: Envelope;
  readonly delivery: Delivery;
  readonly owed: readonly OwedJob[];
}

/** What a batch of events brings about. */
interface Owed {
  readonly jobs: readonly NewJob[];
  readonly records: Records;
}

interface Committed {
  /** Jobs that no worker has yet. */
  readonly waiting: readonly NewJob[];
  readonly outbox: readonly Envelope[];
  /** Resolves when it is on disk; rejects if it may be lost. */
  readonly durable: Promise<void>;
}

export class Routing {
  readonly #options: RoutingOptions;
  #source: DeliverySource | null = null;
  #running: Promise<void> = Promise.resolve();
  #lastError: string | null = null;
  #held: Hold | null = null;
  /** Batches that are committed, and not on disk yet. */
  readonly #settling = new Set<Promise<void>>();
  readonly #released = new Wakeable();

  constructor(options: RoutingOptions) {
    this.#options = options;
  }

  /** Why routing takes no events at present; null if it does. */
  get held(): Hold | null {
    return this.#held;
  }

  /** Stop pulling from the bus, or (null) go on. */
  async setHold(hold: Hold | null): Promise<void> {
    const changed = (hold === null) !== (this.#held === null);
    this.#held = hold;
    if (!changed) return;
    if (hold) await this.#source?.hold();
    else await this.#source?.resume();
    this.#released.wake();
  }

  get lastError(): string | null {
    return this.#lastError;
  }
  /** Deliveries that wait to be routed. */
  get backlog(): number {
    return this.#source?.buffered ?? 0;
  }

  async start(): Promise<void> {
    this.#source = await this.#options.bus.deliveries(ROUTING_CONSUMER, this.#options.subjects);
    this.#running = this.#loop(this.#source);
  }

  async stop(): Promise<void> {
    this.#held = null;
    this.#released.wake();
    await this.#source?.close();
    await this.#running;
    await Promise.all(this.#settling);
  }

  async #loop(source: DeliverySource): Promise<void> {
    const underWay = new Set<Promise<void>>();
    for (;;) {
      const batch = await source.nextBatch(LARGEST_BATCH);
      if (batch.length === 0) break;
      // What the bus has handed over by now waits here; should it take long, it is delivered again, and known by the inbox.
      while (this.#held) await this.#released.wait(HELD_LOOK_MS);
      const routed = this.#route(batch).finally(() => underWay.delete(routed));
      underWay.add(routed);
      if (underWay.size >= AT_ONCE) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  }

  async #route(batch: readonly Delivery[]): Promise<void> {
    try {
      this.#settle(batch, (await this.#routeBatch(batch)).durable);
    } catch (error) {
      this.#takeBack(batch, error);
    }
  }

  /** Acknowledge a batch once it is on disk. The next one need not wait for that. */
  #settle(batch: readonly Delivery[], durable: Promise<void>): void {
    const settled = durable
      .then(() => {
        for (const delivery of batch) delivery.ack();
        faultPoint('after-routing-ack');
        this.#lastError = null;
      })
      .catch((error: unknown) => this.#takeBack(batch, error))
      // Not even that could be said: the bus is away or closed, and delivers all of it again by itself.
      .catch(this.#options.onError);
    this.#settling.add(settled);
    void settled.finally(() => this.#settling.delete(settled));
  }

  #takeBack(batch: readonly Delivery[], error: unknown): void {
    this.#lastError = messageOf(error);
    this.#options.onError(error);
    for (const delivery of batch) delivery.retryLater(RETRY_MS);
  }

  /**
   * Route a batch; should the database refuse its content, event by event, so that one can't hold up the others.
   * @returns what resolves when all of it is on disk. (A promise in an object: an async function would wait for it.)
   */
  async #routeBatch(batch: readonly Delivery[]): Promise<{ durable: Promise<void> }> {
    try {
      return await this.#routeTogether(batch);
    } catch (error) {
      if (!isRefusedContent(error)) throw error;
      const [only] = batch;
      if (batch.length === 1 && only) {
        await setAside(this.#options.durablePool, [{ message: only, reason: 'bad-payload', problem: `can't be stored: ${messageOf(error)}` }]);
        return { durable: ON_DISK };
      }
      const each: Promise<void>[] = [];
      for (const delivery of batch) {
        const { durable } = await this.#routeBatch([delivery]);
        // Should a later one fail, nobody waits for this one any more.
        durable.catch(() => {});
        each.push(durable);
      }
      return { durable: Promise.all(each).then(() => {}) };
    }
  }

  async #routeTogether(batch: readonly Delivery[]): Promise<{ durable: Promise<void> }> {
    const { routable, refused } = this.#sort(batch);
    return this.#options.spans.receive(ROUTING_CONSUMER, routable.map(({ event }) => event), () => this.#commit(routable, refused));
  }

  async #commit(routable: readonly Routable[], refused: readonly SetAside[]): Promise<{ durable: Promise<void> }> {
    const entries = routable.map(({ event, delivery, owed }) => ({ eventId: event.eventId, eventType: event.eventType, seq: delivery.seq, owed: owed.length }));
    if (refused.length === 0 && routable.every(({ owed }) => owed.length === 0)) {
      // Nothing is owed: there is no work to lose, so one statement will do, without waiting for the disk.
      await enterInbox(this.#options.pool, entries);
      faultPoint('after-inbox-commit');
      return { durable: ON_DISK };
    }
    const { waiting, outbox, durable } = (refused.length === 0 ? await this.#commitNew(routable, entries) : null) ?? (await this.#commitCarefully(routable, entries, refused));
    faultPoint('after-inbox-commit');
    this.#options.onRouted(new Set(waiting.map(({ queue }) => queue)));
    return { durable: durable.then(() => this.#options.onDurable(outbox)) };
  }

  /**
   * Nearly always every event is new: then all is known beforehand, and goes in one round trip. Jobs for which a worker is
   * free are claimed in it and start as soon as it is committed. @returns null if one of the events had been routed before.
   */
  async #commitNew(routable: readonly Routable[], entries: readonly RoutedEvent[]): Promise<Committed | null> {
    const { pool, onDisk, queue, slots } = this.#options;
    const owed = this.#owe(routable);
    const reserved = slots.reserve(owed.jobs);
    try {
      const started = new Set(reserved.flatMap(({ jobs }) => jobs));
      const waiting = owed.jobs.filter((job) => !started.has(job));
      const writes = [newEventsWrite(entries), ...recordWrites(owed.records), ...reserved.map(({ queue: name, jobs }) => queue.claimedWrite(name, jobs))];
      const statements = [inOneStatement(writes), ...(await queue.enqueueStatements(waiting))];
      faultPoint('before-inbox-commit');
      const sentMs = performance.now();
      const [written] = await commitTogether(pool, statements);
      // Before the first job starts: the commit of its end takes this one to the disk.
      const durable = onDisk.reached(sentMs);
      durable.catch(() => {});
      const claimed = new Set(Object.values((written?.rows[0] ?? {}) as Record<`ids${number}`, string[]>).flat());
      slots.fill(reserved, (id) => claimed.has(id));
      return { waiting: owed.jobs.filter(({ id }) => !claimed.has(id)), outbox: owed.records.outbox ?? [], durable };
    } catch (error) {
      slots.fill(reserved, () => false);
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return null;
      throw error;
    }
  }

  async #commitCarefully(routable: readonly Routable[], entries: readonly RoutedEvent[], refused: readonly SetAside[]): Promise<Committed> {
    const sentMs = performance.now();
    const done = await inTransaction(this.#options.durablePool, async (tx) => {
      await setAside(tx, refused);
      const fresh = await enterInbox(tx, entries);
      const owed = this.#owe(routable.filter(({ event }) => fresh.has(event.eventId)));
      await this.#options.queue.enqueue(tx, owed.jobs);
      await writeRecords(tx, owed.records);
      faultPoint('before-inbox-commit');
      return { waiting: owed.jobs, outbox: owed.records.outbox ?? [] };
    });
    // Should all have been routed before, this transaction wrote nothing and waited for nothing.
    return { ...done, durable: this.#options.onDisk.reached(sentMs) };
  }

  #sort(batch: readonly Delivery[]): { routable: Routable[]; refused: SetAside[] } {
    const routable = new Map<string, Routable>();
    const refused: SetAside[] = [];
    for (const delivery of batch) {
      const read = readEvent(delivery, this.#options.events);
      if (!read.ok) {
        refused.push({ message: delivery, reason: read.reason, problem: read.problem });
        continue;
      }
      // The same event twice in a batch: a publisher that retried beyond the duplicate window.
      if (routable.has(read.event.eventId)) continue;
      try {
        routable.set(read.event.eventId, { event: read.event, delivery, owed: this.#options.jobs.owedBy(read.event) });
      } catch (error) {
        // A plugin's trigger threw: the event must not stop the consumer, nor be passed over in silence.
        refused.push({ message: delivery, reason: 'trigger-failed', problem: messageOf(error) });
      }
    }
    return { routable: [...routable.values()], refused };
  }

  /** The jobs that events owe, with everything that is written beside them. */
  #owe(routable: readonly Routable[]): Owed {
    const jobs: NewJob[] = [];
    const entries: LedgerEntry[] = [];
    const events: Envelope[] = [];
    const enqueuedMs = Date.now();
    for (const { event, delivery, owed } of routable) {
      for (const job of owed) {
        const payload = this.#options.spans.route(event, delivery, job.definition, (traceContext): JobPayload => ({
          jobType: job.definition.type,
          triggeringEventId: event.eventId,
          correlationId: event.correlationId,
          traceContext,
          input: job.input,
          idempotencyKey: job.id,
          ...(event.replay ? { replay: event.replay } : {}),
          publishedMs: delivery.storedMs,
          enqueuedMs,
        }));
        const enqueued = newJob(job.id, job.definition, payload, this.#options.source);
        jobs.push(enqueued.job);
        entries.push(enqueued.entry);
        events.push(enqueued.event);
      }
    }
    return { jobs, records: { ledger: entries, outbox: events } };
  }
}

/** SQLSTATE classes 22 (data exception) and 54 (limit exceeded): the content is at fault, trying again can't help. */
function isRefusedContent(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(22|54)/.test(code);
}
