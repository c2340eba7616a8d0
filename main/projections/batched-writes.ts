/** Gathers what arrives while a write is under way into the next one: single when idle, large under pressure. In order, one at a time. */

export class BatchedWrites<Item> {
  readonly #write: (items: Item[]) => Promise<void>;
  readonly #most: number;
  readonly #sizeOf: (item: Item) => number;
  #waiting: Item[] = [];
  #size = 0;
  #running: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  /** @param most of what `sizeOf` counts may wait before whoever adds has to. */
  constructor(most: number, sizeOf: (item: Item) => number, write: (items: Item[]) => Promise<void>) {
    this.#most = most;
    this.#sizeOf = sizeOf;
    this.#write = write;
  }

  /** Resolves when there is room for more. @throws what a write threw: from then on nothing more is written. */
  async add(item: Item): Promise<void> {
    this.#waiting.push(item);
    this.#size += this.#sizeOf(item);
    this.#running ??= this.#run();
    while (this.#size >= this.#most && this.#failure === null) await this.#running;
    if (this.#failure) throw this.#failure.error;
  }

  /** All that was added is written. @throws what a write threw. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
    if (this.#failure) throw this.#failure.error;
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        this.#size = 0;
        await this.#write(this.#waiting.splice(0));
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#running = null;
    }
  }
}
