/** How often each event type came lately, second by second: exact, also where the rows are sampled. */

/** Seconds that are kept. */
export const KEPT_SECONDS = 60;

export interface TypeRate {
  readonly type: string;
  /** Over the whole time kept. */
  readonly count: number;
  /** Oldest first, one a second, the running second left out. */
  readonly perSecond: readonly number[];
}

export class TypeCounts {
  /** Since when it counts, epoch ms. */
  readonly sinceMs: number;
  /** Second → type → count. */
  readonly #seconds = new Map<number, Map<string, number>>();

  constructor(sinceMs = Date.now()) {
    this.sinceMs = sinceMs;
  }

  add(at: number, byType: Readonly<Record<string, number>>): void {
    const second = Math.floor(at / 1_000);
    const counts = this.#seconds.get(second) ?? new Map<string, number>();
    this.#seconds.set(second, counts);
    for (const [type, count] of Object.entries(byType)) counts.set(type, (counts.get(type) ?? 0) + count);
    for (const old of this.#seconds.keys()) if (old < second - KEPT_SECONDS - 1) this.#seconds.delete(old);
  }

  /** The busiest first. */
  at(now: number): TypeRate[] {
    const last = Math.floor(now / 1_000) - 1;
    const seconds = Array.from({ length: KEPT_SECONDS }, (_, index) => this.#seconds.get(last - KEPT_SECONDS + 1 + index));
    const types = new Set(seconds.flatMap((counts) => (counts ? [...counts.keys()] : [])));
    return [...types]
      .map((type) => {
        const perSecond = seconds.map((counts) => counts?.get(type) ?? 0);
        return { type, perSecond, count: perSecond.reduce((sum, n) => sum + n, 0) };
      })
      .sort((a, b) => b.count - a.count || a.type.localeCompare(b.type));
  }
}
