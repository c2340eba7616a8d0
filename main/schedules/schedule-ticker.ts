/**
 * The clock of the schedules. It sleeps until the next slot, but no longer than a second, so that a clock that jumps is
 * noticed; what it knows is read from Postgres now and then, and whenever a schedule was changed here.
 */
import type pg from 'pg';
import { nextSlot } from '../../shared/schedule-rule.ts';
import { inTransaction } from '../database/database.ts';
import { Wakeable } from '../wakeable.ts';
import { fireDue } from './fire-schedule.ts';
import { allSchedules, type StoredSchedule } from './schedule-store.ts';

const LONGEST_SLEEP_MS = 1_000;
/** Another process may have changed them; and what waits for its turn is looked at as often. */
const READ_EVERY_MS = 2_000;

export interface ScheduleTickerOptions {
  readonly pool: pg.Pool;
  readonly source: string;
  readonly knows: (jobType: string) => boolean;
  /** Events are in the outbox. */
  readonly onFired: () => void;
  readonly onError: (error: unknown) => void;
  /** The clock, epoch ms. Tests bend it. */
  readonly now?: () => number;
}

interface Known {
  readonly schedule: StoredSchedule;
  /** Its first slot that is not decided. */
  readonly nextMs: number;
}

export class ScheduleTicker {
  readonly #options: ScheduleTickerOptions;
  readonly #wakeable = new Wakeable();
  #known: Known[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ScheduleTickerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeable.wake();
    await this.#running;
  }

  /** A schedule was made or changed here. */
  changed(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
    this.#wakeable.wake();
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.tick();
      } catch (error) {
        // Postgres is away: the slots wait for it, and come late or count as missed.
        this.#options.onError(error);
      }
      if (this.#stopping) return;
      const untilNext = Math.min(...this.#known.map(({ nextMs }) => nextMs)) - this.#now();
      await this.#wakeable.wait(Math.max(1, Math.min(LONGEST_SLEEP_MS, untilNext)));
    }
  }

  /** Look once. Schedules are decided one by one, so that one that fails holds up no other. */
  async tick(): Promise<void> {
    const { pool, source, knows, onFired, onError } = this.#options;
    const monotonic = performance.now();
    const read = monotonic - this.#readAt >= READ_EVERY_MS;
    if (read) {
      this.#known = (await allSchedules(pool)).filter(({ paused }) => !paused).flatMap((schedule) => this.#know(schedule));
      this.#readAt = monotonic;
    }
    const nowMs = this.#now();
    const waiting = read ? await this.#withWaiting() : new Set<string>();
    for (const [index, { schedule, nextMs }] of this.#known.entries()) {
      // Behind its cursor the clock was set back: that must be noted, or the slots until there would be passed over.
      if (nowMs < nextMs && nowMs >= schedule.cursorMs && !waiting.has(schedule.id)) continue;
      try {
        const fired = await inTransaction(pool, (tx) => fireDue(tx, schedule.id, { source, nowMs, knows }));
        const [again] = this.#know({ ...schedule, cursorMs: nowMs });
        if (again) this.#known[index] = again;
        if (fired > 0) onFired();
      } catch (error) {
        onError(error);
        this.#readAt = Number.NEGATIVE_INFINITY;
      }
    }
  }

  async #withWaiting(): Promise<Set<string>> {
    const { rows } = await this.#options.pool.query<{ id: string }>(`SELECT DISTINCT schedule_id AS id FROM spine.schedule_firing WHERE outcome = 'waiting'`);
    return new Set(rows.map(({ id }) => id));
  }

  /** A rule that can't be read (a zone that this system lacks) is told, and leaves the others alone. */
  #know(schedule: StoredSchedule): Known[] {
    try {
      return [{ schedule, nextMs: nextSlot(schedule, schedule.cursorMs) }];
    } catch (error) {
      this.#options.onError(error);
      return [];
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}
