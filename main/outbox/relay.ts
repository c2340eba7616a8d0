/**
 * The relay: outbox → bus. Who has committed events hands them over, and they are published at once, from memory; the
 * rows are taken out after the bus has acknowledged. What is left in the outbox for longer (its process died, the bus was
 * away, another process wrote it) is found by a sweep. Publishing carries the event's id as message id: dying between the
 * acknowledgement and the removal publishes again, which the bus drops within its window and the inbox beyond it.
 */
import type pg from 'pg';
import { ConfigError, messageOf, UnavailableError } from '../../shared/errors.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { prepared } from '../database/database.ts';
import { Arrivals } from '../event-bus/arrivals.ts';
import type { EventBus } from '../event-bus/event-bus.ts';
import { faultPoint } from '../fault-points.ts';
import type { SpanRecorder } from '../telemetry/spans.ts';
import { Wakeable } from '../wakeable.ts';

const BATCH = 500;
/** Events that can lead to jobs, under way at once: the bus stores one after the other, and others must not wait behind hundreds. */
const AT_ONCE = 32;
/**
 * job.* events. They tell what has happened, nothing waits for them, and there are two a job: they give way to the events that
 * lead to work. When there are many they are gathered (a round trip costs more than what it carries), and few are under way
 * at once, more as they pile up: `NOTES.share` of those that wait.
 */
const NOTES = { gatherMs: 20, atOnce: 8, share: 1 / 8 } as const;
/** Events that wait in memory. More than that stay in the outbox, for the sweep. */
const MOST_IN_MEMORY = 5_000;
/** Sent rows are gathered this long before they are taken out in one statement, ms. */
const GATHER_MS = 50;
const SWEEP_MS = 500;
/** A publish that is not answered is given up after 5 s; within this, all that is under way has ended, ms. */
const QUIET_MS = 12_000;
/** Rows younger than this are in the hands of the process that wrote them, ms. */
const YOUNG_MS = 1_000;
/** Any fixed number: names the lock by which one process of a database sweeps at a time. */
const SWEEP_LOCK = 7_219_040_551;

export interface RelayOptions {
  /** Removing what was sent need not wait for the disk: losing it means publishing again, which is harmless. */
  readonly pool: pg.Pool;
  readonly bus: EventBus;
  readonly spans: Pick<SpanRecorder, 'relay'>;
  readonly onPublished: (event: Envelope) => void;
  readonly onError: (error: unknown) => void;
}

export class Relay {
  readonly #options: RelayOptions;
  readonly #offered = new Arrivals<Envelope>();
  readonly #notes = new Arrivals<Envelope>();
  /** Ids offered or being published, and not taken out yet: the sweep leaves them alone. */
  readonly #inHand = new Set<string>();
  readonly #sent = new Arrivals<string>();
  readonly #pause = new Wakeable();
  #loops: Promise<unknown> = Promise.resolve();
  #stopping = false;
  /** What is there at the start was left behind. */
  #sweepAll = true;
  #lastError: string | null = null;
  /** Batches with the bus now, and events that it has taken but the outbox still holds. */
  #underWay = 0;
  #toRemove = 0;
  /** Set while nothing may be published. */
  #held: Promise<void> | null = null;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  get lastError(): string | null {
    return this.#lastError;
  }

  start(): void {
    this.#loops = Promise.all([this.#publishBoth(), this.#removeLoop(), this.#sweepLoop()]);
  }

  /** These events have been committed to the outbox just now, by this process. */
  offer(events: readonly Envelope[]): void {
    for (const event of events) {
      const lane = isNote(event) ? this.#notes : this.#offered;
      if (lane.size >= MOST_IN_MEMORY) continue;
      this.#inHand.add(event.eventId);
      lane.push(event);
    }
  }

  /** There may be events in the outbox that nobody has offered: sweep now. */
  wake(): void {
    this.#sweepAll = true;
    this.#pause.wake();
  }

  /**
   * Run `work` while nothing is published from the outbox and all that was published is out of it: what the outbox holds then
   * is exactly what the bus has not. Meant for moments: events wait as long as it takes.
   * @throws UnavailableError if what is under way does not end in time (the bus is away).
   */
  async whileQuiet<Result>(work: () => Promise<Result>): Promise<Result> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    try {
      const until = performance.now() + QUIET_MS;
      while (this.#underWay > 0 || this.#toRemove > 0) {
        if (performance.now() > until) throw new UnavailableError('Relay', 'does not come to rest', 'Is NATS up? Try again when the Overview shows all parts healthy.');
        await new Promise((again) => setTimeout(again, 2));
      }
      return await work();
    } finally {
      this.#held = null;
      resolve();
    }
  }

  /** Finishes the batch in hand. What is left stays in the outbox. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#offered.close();
    this.#notes.close();
    this.#pause.wake();
    await this.#loops;
  }

  async #publishBoth(): Promise<void> {
    await Promise.all([this.#publishOffered(), this.#publishNotes()]);
    this.#sent.end();
  }

  async #publishOffered(): Promise<void> {
    for (;;) {
      const events = await this.#offered.take(BATCH);
      if (events.length === 0) return;
      await this.#publish(events, AT_ONCE);
    }
  }

  async #publishNotes(): Promise<void> {
    for (let several = false; ; ) {
      const events = await this.#notes.take(BATCH);
      if (events.length === 0) return;
      if (several && !this.#stopping) {
        await new Promise((resolve) => setTimeout(resolve, NOTES.gatherMs));
        events.push(...this.#notes.takeNow(BATCH - events.length));
      }
      several = events.length > 1;
      await this.#publish(events, Math.min(AT_ONCE, Math.max(NOTES.atOnce, Math.ceil(events.length * NOTES.share))));
    }
  }

  /** @returns false if the bus did not take all of them. */
  async #publish(events: readonly Envelope[], atOnce: number): Promise<boolean> {
    while (this.#held) await this.#held;
    this.#underWay += 1;
    try {
      return await this.#publishNow(events, atOnce);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #publishNow(events: readonly Envelope[], atOnce: number): Promise<boolean> {
    faultPoint('before-relay-publish');
    const results = await this.#options.spans.relay(events, () => this.#options.bus.publishAll(events, atOnce));
    faultPoint('after-relay-publish');
    let failure: unknown = null;
    for (const [index, result] of results.entries()) {
      const event = events[index];
      if (!event) continue;
      if (result.status === 'fulfilled') {
        if (!result.value.duplicate) this.#options.onPublished(event);
        this.#toRemove += 1;
        this.#sent.push(event.eventId);
        continue;
      }
      this.#inHand.delete(event.eventId);
      if (result.reason instanceof ConfigError) await this.#setAside(event.eventId, result.reason.message);
      else failure ??= result.reason;
    }
    this.#lastError = failure === null ? null : messageOf(failure);
    if (failure !== null) this.#options.onError(failure);
    return failure === null;
  }

  /** An event that can't be published as it is: it stays in the outbox with its problem, for a person. */
  async #setAside(eventId: string, problem: string): Promise<void> {
    await this.#options.pool.query('UPDATE spine.outbox SET problem = $2 WHERE event_id = $1', [eventId, problem]).catch(this.#options.onError);
  }

  async #removeLoop(): Promise<void> {
    for (;;) {
      const ids = await this.#sent.take(BATCH);
      if (ids.length === 0) return;
      if (ids.length < BATCH && !this.#stopping) {
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
        ids.push(...this.#sent.takeNow(BATCH));
      }
      faultPoint('before-mark-sent');
      // Should it fail, the sweep publishes them again, which changes nothing, and takes them out then.
      await this.#options.pool.query(prepared('DELETE FROM spine.outbox WHERE event_id = ANY($1::uuid[])', [ids])).catch(this.#options.onError);
      faultPoint('after-mark-sent');
      for (const id of ids) this.#inHand.delete(id);
      this.#toRemove -= ids.length;
    }
  }

  async #sweepLoop(): Promise<void> {
    while (!this.#stopping) {
      const ageMs = this.#sweepAll ? 0 : YOUNG_MS;
      this.#sweepAll = false;
      try {
        await this.#sweep(ageMs);
      } catch (error) {
        this.#lastError = messageOf(error);
        this.#options.onError(error);
      }
      await this.#pause.wait(SWEEP_MS);
    }
  }

  async #sweep(ageMs: number): Promise<void> {
    const client = await this.#options.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      const { rows } = await client.query<{ mine: boolean }>(prepared('SELECT pg_try_advisory_lock($1) AS mine', [SWEEP_LOCK]));
      if (!rows[0]?.mine) return;
      try {
        let after = '0';
        while (!this.#stopping) {
          const left = await client.query<{ id: string; event_id: string; body: string }>(prepared(
            `SELECT id, event_id, body FROM spine.outbox WHERE problem IS NULL AND id > $1 AND created_at <= clock_timestamp() - make_interval(secs => $2) ORDER BY id LIMIT ${BATCH}`,
            [after, ageMs / 1_000],
          ));
          const events = left.rows.filter(({ event_id }) => !this.#inHand.has(event_id)).map(({ body }) => JSON.parse(body) as Envelope);
          for (const { eventId } of events) this.#inHand.add(eventId);
          if (events.length > 0 && !(await this.#publish(events, AT_ONCE))) return;
          after = left.rows.at(-1)?.id ?? after;
          if (left.rows.length < BATCH) return;
        }
      } finally {
        await client.query(prepared('SELECT pg_advisory_unlock($1)', [SWEEP_LOCK])).catch(onError);
      }
    } catch (error) {
      broken ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }
}

function isNote({ eventType }: Envelope): boolean {
  return eventType.startsWith('job.');
}
