/**
 * Runs redrives, one runner a database. All it knows is in Postgres: after a crash the next runner reads where each one
 * was and goes on. A batch is one transaction (hand-out.ts), so what was half done is not done.
 */
import type { Sql } from '../database/database.ts';
import { holdLock } from '../database/hold-lock.ts';
import { Wakeable } from '../wakeable.ts';
import { handOut, type HandOutServices, settleItems } from './hand-out.ts';
import { Pace } from './pace.ts';

const BATCH = 200;
/** Any fixed number: names the lock by which one runner of a database works at a time. */
const REDRIVE_LOCK = 7_219_040_552;
const LOCK_POLL_MS = 2_000;
/** Backstop: a redrive that another process has started is found this soon, ms. */
const POLL_MS = 1_000;
/** Between looks for ended jobs: short while something ends, longer while nothing does, ms. */
const SOONEST_LOOK_MS = 100;
const LATEST_LOOK_MS = 2_000;
const AWAY_MS = 500;

export interface RedriveRunnerOptions extends HandOutServices {
  /** After each commit: these queues got jobs, the outbox has rows, the ledger has grown. */
  readonly onCommitted: (queues: Iterable<string>) => void;
  readonly onError: (error: unknown) => void;
}

interface OpenRedrive {
  readonly id: string;
  readonly rate: number | null;
  readonly unsettled: boolean;
}

/** What the runner remembers of an open redrive beside its rows. */
interface Tracked {
  readonly pace: Pace | null;
  lookAtMs: number;
  lookEveryMs: number;
}

export class RedriveRunner {
  readonly #options: RedriveRunnerOptions;
  readonly #wakeable = new Wakeable();
  readonly #tracked = new Map<string, Tracked>();
  #running: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(options: RedriveRunnerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#loop();
  }

  /** A redrive was started or cancelled. */
  wake(): void {
    this.#wakeable.wake();
  }

  /** Finishes the batch in hand; the next runner goes on. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeable.wake();
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#runAlone();
      } catch (error) {
        if (this.#stopping) return;
        this.#options.onError(error);
        await this.#wakeable.wait(AWAY_MS);
      }
    }
  }

  #runAlone(): Promise<void> {
    const waiting = { stopping: () => this.#stopping, wait: () => this.#wakeable.wait(LOCK_POLL_MS) };
    return holdLock(this.#options.pool, REDRIVE_LOCK, waiting, async (client) => {
      while (!this.#stopping) {
        // On the connection that holds the lock: it proves that it still does.
        const open = await openRedrives(client);
        for (const id of this.#tracked.keys()) if (!open.some((redrive) => redrive.id === id)) this.#tracked.delete(id);
        let waitMs = POLL_MS;
        for (const redrive of open) waitMs = Math.min(waitMs, await this.#advance(redrive));
        if (waitMs > 0) await this.#wakeable.wait(waitMs);
      }
    });
  }

  /** One turn of a redrive. @returns ms until its next. */
  async #advance({ id, rate, unsettled }: OpenRedrive): Promise<number> {
    const { pool, onCommitted } = this.#options;
    const tracked = this.#tracked.get(id) ?? { pace: rate === null ? null : new Pace(rate, Date.now()), lookAtMs: 0, lookEveryMs: SOONEST_LOOK_MS };
    this.#tracked.set(id, tracked);
    if (unsettled && Date.now() >= tracked.lookAtMs) {
      const from = Date.now();
      const ended = await settleItems(pool, id);
      const took = Date.now() - from;
      // Looking must not become the work: at most a tenth of the time goes into it.
      tracked.lookEveryMs = Math.max(took * 9, ended > 0 ? SOONEST_LOOK_MS : Math.min(LATEST_LOOK_MS, tracked.lookEveryMs * 1.5));
      tracked.lookAtMs = Date.now() + tracked.lookEveryMs;
    }
    const allowed = Math.min(BATCH, tracked.pace?.available(Date.now()) ?? BATCH);
    const batch = await handOut(this.#options, id, allowed);
    tracked.pace?.take(batch.redriven);
    if (batch.redriven > 0 || batch.finished) onCommitted(batch.queues);
    if (batch.redriven > 0) tracked.lookAtMs = Math.min(tracked.lookAtMs, Date.now() + SOONEST_LOOK_MS);
    const forLook = Math.max(1, tracked.lookAtMs - Date.now());
    // Waiting for canaries; or, against all counts, no item was found to take.
    if (!batch.more || (allowed > 0 && batch.taken === 0)) return forLook;
    return Math.min(forLook, tracked.pace?.nextInMs() ?? 0);
  }
}

async function openRedrives(client: Sql): Promise<OpenRedrive[]> {
  const { rows } = await client.query<OpenRedrive>('SELECT id, rate, redriven > succeeded + failed AS unsettled FROM spine.redrive WHERE finished_at IS NULL ORDER BY requested_at');
  return rows;
}
