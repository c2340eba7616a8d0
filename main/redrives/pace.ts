/**
 * The pace of a redrive: a bucket that fills at its rate and holds at most a second's worth, so that it runs at its rate
 * on the average of a second, and not faster after a pause.
 */
export class Pace {
  readonly #perSecond: number;
  #tokens = 1;
  #atMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#atMs = nowMs;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  /** How many may go now. */
  available(nowMs: number): number {
    const full = Math.max(1, this.#perSecond);
    this.#tokens = Math.min(full, this.#tokens + (Math.max(0, nowMs - this.#atMs) / 1_000) * this.#perSecond);
    this.#atMs = nowMs;
    return Math.floor(this.#tokens);
  }

  take(count: number): void {
    this.#tokens -= count;
  }

  /** ms until at least one may go; a little later for a high rate, so that batches are not of one. */
  nextInMs(): number {
    const wanted = Math.max(1, this.#perSecond * 0.05);
    return Math.max(0, ((wanted - this.#tokens) / this.#perSecond) * 1_000);
  }
}
