/**
 * A queue between a callback that delivers one by one and a loop that takes batches.
 * The loop is what adapts to load: while it works on one batch the next piles up, and when idle a batch is one.
 */
export class Arrivals<Item> {
  #items: Item[] = [];
  #closed = false;
  #wake: (() => void) | null = null;

  get size(): number {
    return this.#items.length;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** Waits for at least one item; at most `max`. Empty only once closed and drained. */
  async take(max: number): Promise<Item[]> {
    while (this.#items.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    if (this.#items.length <= max) {
      const all = this.#items;
      this.#items = [];
      return all;
    }
    return this.#items.splice(0, max);
  }

  /** What is there at this moment, without waiting. */
  takeNow(max: number): Item[] {
    return this.#items.splice(0, max);
  }

  /** No more will come; what is there can still be taken. */
  end(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** What has not been taken is dropped. */
  close(): void {
    this.#closed = true;
    this.#items = [];
    this.#wake?.();
  }
}
