/** What the window is told by the app: its state, and pages to show. Free of Electron, so that it can be tested alone. */
import type { ShellNews, ShellState } from '../shared/desktop-api.ts';

export class NewsDesk {
  #state: ShellState;
  readonly #readers = new Set<(news: ShellNews) => void>();
  readonly #listeners = new Set<(state: ShellState) => void>();
  /** A page that was asked for while no window listened: shown as soon as one does. */
  #pendingPath: string | null = null;

  constructor(state: ShellState) {
    this.#state = state;
  }

  get state(): ShellState {
    return this.#state;
  }

  /** Called with each new state, inside the app. */
  onState(listener: (state: ShellState) => void): void {
    this.#listeners.add(listener);
  }

  /** Change the state; what is not named stays, but words of another phase go. */
  change(part: Partial<ShellState>): void {
    const isOther = part.phase !== undefined && part.phase !== this.#state.phase;
    this.#state = { ...this.#state, ...(isOther ? { message: null, failures: 0, nextTryMs: null, sinceMs: Date.now() } : {}), ...part };
    for (const read of this.#readers) read({ kind: 'state', state: this.#state });
    for (const listener of this.#listeners) listener(this.#state);
  }

  /** Show this page, now or when there is a window. */
  go(path: string): void {
    if (this.#readers.size === 0) this.#pendingPath = path;
    for (const read of this.#readers) read({ kind: 'go', path });
  }

  /** The state at once, then all news in order, until aborted. */
  async *watch(signal: AbortSignal): AsyncGenerator<ShellNews, void> {
    const queue: ShellNews[] = [{ kind: 'state', state: this.#state }];
    if (this.#pendingPath !== null) queue.push({ kind: 'go', path: this.#pendingPath });
    this.#pendingPath = null;
    let wake: () => void = () => undefined;
    const read = (news: ShellNews): void => {
      // Only the newest state is of interest to a reader that is behind.
      if (news.kind === 'state' && queue.at(-1)?.kind === 'state') queue.pop();
      queue.push(news);
      wake();
    };
    const stop = (): void => wake();
    this.#readers.add(read);
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        const news = queue.shift();
        if (news) yield news;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#readers.delete(read);
      signal.removeEventListener('abort', stop);
    }
  }
}
