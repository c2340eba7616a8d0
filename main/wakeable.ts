/** Sleep that can be cut short. A wake that comes before the wait is not lost. */
export class Wakeable {
  #woken = false;
  #resolve: (() => void) | null = null;

  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  /** Resolves at the next wake (also one since the last wait), or after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        const wake = (): void => {
          clearTimeout(timer);
          resolve();
        };
        this.#resolve = wake;
      });
    }
    this.#resolve = null;
    this.#woken = false;
  }
}
