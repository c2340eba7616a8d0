/** A list of bounded length: when it is full, the oldest item makes room. */
export class RingBuffer<Item> {
  readonly capacity: number;
  #items: Item[] = [];
  /** Where the oldest item lies once the buffer is full. */
  #start = 0;

  constructor(capacity: number) {
    if (!(capacity >= 1)) throw new RangeError('A ring buffer holds at least one item.');
    this.capacity = capacity;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Add the newest item; true if the oldest one was dropped for it. */
  push(item: Item): boolean {
    if (this.#items.length < this.capacity) {
      this.#items.push(item);
      return false;
    }
    this.#items[this.#start] = item;
    this.#start = (this.#start + 1) % this.capacity;
    return true;
  }

  /** Take everything out, newest first. */
  drainNewestFirst(): Item[] {
    const inOrder = [...this.#items.slice(this.#start), ...this.#items.slice(0, this.#start)];
    this.clear();
    return inOrder.reverse();
  }

  clear(): void {
    this.#items = [];
    this.#start = 0;
  }
}
