/**
 * The relay: outbox → bus. It publishes with the event's id as message id and takes the row out after the bus has
 * acknowledged. Dying in between publishes again: the bus drops the duplicate within its window, the inbox beyond it.
 */
import type pg from 'pg';
import { ConfigError } from '../../shared/errors.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { inTransaction } from '../database/database.ts';
import type { EventBus } from '../event-bus/event-bus.ts';
import { Wakeable } from '../wakeable.ts';

const BATCH = 500;
/** Backstop: what another process put into the outbox is found this soon, ms. */
const POLL_MS = 500;

export interface RelayOptions {
  readonly pool: pg.Pool;
  readonly bus: EventBus;
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
        const sent = await this.#sendBatch();
        this.#lastError = null;
        if (sent < BATCH) await this.#wakeable.wait(POLL_MS);
      } catch (error) {
        this.#lastError = error instanceof Error ? error.message : String(error);
        this.#options.onError(error);
        await this.#wakeable.wait(POLL_MS);
      }
    }
  }

  /** @returns how many rows were taken up. */
  async #sendBatch(): Promise<number> {
    const { pool, bus } = this.#options;
    return inTransaction(pool, async (tx) => {
      // Losing the removal in a power cut means publishing again, which is harmless: no need to wait for the disk.
      await tx.query('SET LOCAL synchronous_commit = off');
      // Rows that another relay has in hand are skipped, so two relays share the work.
      const { rows } = await tx.query<{ id: string; body: string }>(
        `SELECT id, body FROM spine.outbox WHERE problem IS NULL ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
      );
      if (rows.length === 0) return 0;
      const results = await Promise.allSettled(rows.map(({ body }) => bus.publish(JSON.parse(body) as Envelope)));
      const sent: string[] = [];
      let failure: unknown = null;
      for (const [index, result] of results.entries()) {
        const id = rows[index]?.id ?? '';
        if (result.status === 'fulfilled') sent.push(id);
        else if (result.reason instanceof ConfigError) await tx.query('UPDATE spine.outbox SET problem = $2 WHERE id = $1', [id, result.reason.message]);
        else failure ??= result.reason;
      }
      await tx.query('DELETE FROM spine.outbox WHERE id = ANY($1::bigint[])', [sent]);
      if (failure !== null) this.#options.onError(failure);
      // A failing bus: rest before the next try instead of spinning.
      return failure === null ? rows.length : 0;
    });
  }
}
