/**
 * Credits: the reader of a stream says how much it can take. Without a credit the producer waits, so a slow page
 * makes nothing pile up on the host.
 */
export class Credits {
  #left: number;
  #wake: (() => void) | null = null;

  constructor(window: number) {
    this.#left = window;
  }

  grant(credit: number): void {
    this.#left += credit;
    this.#wake?.();
  }

  /** Waits for a credit and takes it. @returns false when the stream was aborted instead. */
  async take(signal: AbortSignal): Promise<boolean> {
    while (this.#left <= 0) {
      if (signal.aborted) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      this.#wake = null;
    }
    this.#left -= 1;
    return !signal.aborted;
  }
}

/** The open streams of one connection. */
export class CreditBook {
  readonly #open = new Map<string, Credits>();

  /** @returns false if the stream has ended. */
  grant(stream: string, credit: number): boolean {
    const credits = this.#open.get(stream);
    credits?.grant(credit);
    return credits !== undefined;
  }

  /** Pass on what `source` gives, one item a credit. The source is closed when the reader leaves. */
  async *metered<Item>(stream: string, window: number, source: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item, void> {
    const credits = new Credits(window);
    this.#open.set(stream, credits);
    try {
      for await (const item of source) {
        if (!(await credits.take(signal))) return;
        yield item;
      }
    } finally {
      this.#open.delete(stream);
    }
  }
}
