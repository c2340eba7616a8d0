/**
 * The relay: outbox → bus. It publishes with the event's id as message id and takes the row out after the bus has
 * acknowledged. Dying in between publishes again: the bus drops the duplicate within its window, the inbox beyond it.
 */
import type pg from 'pg';
import { ConfigError, messageOf } from '../../shared/errors.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { prepared, type Sql } from '../database/database.ts';
import type { EventBus } from '../event-bus/event-bus.ts';
import { faultPoint } from '../fault-points.ts';
import { Wakeable } from '../wakeable.ts';

const BATCH = 500;
/** Any fixed number: names the lock by which one relay of a database works at a time. */
const RELAY_LOCK = 7_219_040_551;
const LOCK_POLL_MS = 2_000;
/** Backstop: what another process put into the outbox is found this soon, ms. */
const POLL_MS = 500;

export interface RelayOptions {
  /** Removing what was sent need not wait for the disk: losing it means publishing again, which is harmless. */
  readonly pool: pg.Pool;
  readonly bus: EventBus;
  readonly onPublished: (event: Envelope, seq: number) => void;
  readonly onError: (error: unknown) => void;
}

export class Relay {
  readonly #options: RelayOptions;
  readonly #wakeable = new Wakeable();
  #running: Promise<void> = Promise.resolve();
  #stopping = false;
  #lastError: string | null = null;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  get lastError(): string | null {
    return this.#lastError;
  }

  start(): void {
    this.#running = this.#loop();
  }

  /** Call after a commit that put events into the outbox. */
  wake(): void {
    this.#wakeable.wake();
  }

  /** Finishes the batch in hand. What is left stays in the outbox. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeable.wake();
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#relayAlone();
      } catch (error) {
        this.#fail(error);
        await this.#wakeable.wait(POLL_MS);
      }
    }
  }

  /** Hold the site's relay lock on one connection for as long as it lasts, and send. A second process waits for the lock. */
  async #relayAlone(): Promise<void> {
    const client = await this.#options.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      while (!this.#stopping) {
        const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [RELAY_LOCK]);
        if (rows[0]?.mine) break;
        await this.#wakeable.wait(LOCK_POLL_MS);
      }
      while (!this.#stopping) {
        const sent = await this.#sendBatch(client);
        if (sent < BATCH) await this.#wakeable.wait(POLL_MS);
      }
      await client.query('SELECT pg_advisory_unlock($1)', [RELAY_LOCK]);
    } catch (error) {
      broken ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      client.off('error', onError);
      // A connection that failed is closed, which gives the lock back.
      client.release(broken);
    }
  }

  /** @returns how many rows were taken up; 0 also after a failure, so that a failing bus is not hammered. */
  async #sendBatch(sql: Sql): Promise<number> {
    const { rows } = await sql.query<{ id: string; body: string }>(prepared(`SELECT id, body FROM spine.outbox WHERE problem IS NULL ORDER BY id LIMIT ${BATCH}`));
    if (rows.length === 0) return 0;
    const events = rows.map(({ body }) => JSON.parse(body) as Envelope);
    faultPoint('before-relay-publish');
    const results = await this.#options.bus.publishAll(events);
    faultPoint('after-relay-publish');
    const sent: string[] = [];
    let failure: unknown = null;
    for (const [index, result] of results.entries()) {
      const id = rows[index]?.id ?? '';
      const event = events[index];
      if (result.status === 'fulfilled') {
        sent.push(id);
        if (event && !result.value.duplicate) this.#options.onPublished(event, result.value.seq);
      } else if (result.reason instanceof ConfigError) await sql.query('UPDATE spine.outbox SET problem = $2 WHERE id = $1', [id, result.reason.message]);
      else failure ??= result.reason;
    }
    faultPoint('before-mark-sent');
    if (sent.length > 0) await sql.query(prepared('DELETE FROM spine.outbox WHERE id = ANY($1::bigint[])', [sent]));
    faultPoint('after-mark-sent');
    if (failure !== null) {
      this.#fail(failure);
      return 0;
    }
    this.#lastError = null;
    return rows.length;
  }

  #fail(error: unknown): void {
    this.#lastError = messageOf(error);
    this.#options.onError(error);
  }
}
