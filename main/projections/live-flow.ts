/** The live feed: what the bus takes in, handed to the consoles that watch, sampled for the eye and exact in its counts. */
import type { EventFilter, EventRow, FlowBatch } from '../../shared/operator-api/index.ts';
import { asksForPayload, holdsPayload } from '../../shared/payload-query.ts';

/** Rows a second that are sent to one watcher. */
const ROWS_PER_SECOND = 200;
const FLUSH_MS = 100;
/** Rows of one watcher that wait to be sampled, at most: a flush is due long before. */
const MOST_WAITING = 10_000;

/** An event with its envelope as JSON, which is only read where somebody asks for payloads. */
export interface LiveEvent {
  readonly row: EventRow;
  readonly body: string;
}

export class LiveFlow {
  readonly #watchers = new Set<Watcher>();
  readonly #onWatched: (watched: boolean) => Promise<void>;

  /** @param onWatched the first one begins to watch, or the last one has stopped. Resolves when events are, or are no longer, on their way here. */
  constructor(onWatched: (watched: boolean) => Promise<void>) {
    this.#onWatched = onWatched;
  }

  /** Feed a batch of events in stream order. */
  add(events: readonly LiveEvent[], total: number): void {
    for (const watcher of this.#watchers) watcher.add(events, total);
  }

  /** Batches of matching events, about ten a second while something flows and one a second otherwise. */
  async *watch(filter: EventFilter, signal: AbortSignal): AsyncGenerator<FlowBatch, void> {
    const watcher = new Watcher(filter);
    this.#watchers.add(watcher);
    let last = Date.now();
    let quiet = 0;
    try {
      if (this.#watchers.size === 1) await this.#onWatched(true);
      while (!signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
        const now = Date.now();
        quiet += FLUSH_MS;
        if (watcher.seen === 0 && quiet < 1_000) continue;
        quiet = 0;
        yield { ...watcher.flush(now - last), spanMs: now - last, measuredMs: now };
        last = now;
      }
    } finally {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) void this.#onWatched(false);
    }
  }
}

class Watcher {
  readonly #matches: (event: LiveEvent) => boolean;
  #byType: Record<string, number> = {};
  #rows: EventRow[] = [];
  #matched = 0;
  #seen = 0;
  #lastSeq = 0;

  constructor(filter: EventFilter) {
    this.#matches = matcherOf(filter);
  }
  get seen(): number {
    return this.#seen;
  }

  add(events: readonly LiveEvent[], total: number): void {
    this.#seen += total;
    for (const event of events) {
      const { row } = event;
      this.#lastSeq = row.seq;
      if (!this.#matches(event)) continue;
      this.#byType[row.eventType] = (this.#byType[row.eventType] ?? 0) + 1;
      this.#matched += 1;
      this.#rows.push(row);
    }
    // Keep a bound while nobody flushes: the newest matter to the eye.
    if (this.#rows.length > MOST_WAITING) this.#rows = this.#rows.slice(-MOST_WAITING / 2);
  }

  /** @param spanMs time since the flush before: rows are for the eye, so many a second. */
  flush(spanMs: number): Pick<FlowBatch, 'events' | 'matched' | 'byType' | 'seen' | 'lastSeq'> {
    const most = Math.max(1, Math.round((ROWS_PER_SECOND * Math.min(spanMs, 1_000)) / 1_000));
    const step = Math.max(1, this.#rows.length / most);
    // Spread the sample over the batch instead of cutting it off, so that rare types show as often as they occur.
    const events = step === 1 ? this.#rows : Array.from({ length: most }, (_, i) => this.#rows[Math.floor(i * step)]).filter((row) => row !== undefined);
    const flushed = { events, matched: this.#matched, byType: this.#byType, seen: this.#seen, lastSeq: this.#lastSeq };
    this.#rows = [];
    this.#matched = 0;
    this.#byType = {};
    this.#seen = 0;
    return flushed;
  }
}

/** The filter as a function. All given conditions must hold. */
export function matcherOf(filter: EventFilter): (event: LiveEvent) => boolean {
  const { domain, type, source, correlationId } = filter;
  const prefix = type?.endsWith('*') ? type.slice(0, -1) : null;
  const asks = asksForPayload(filter);
  return ({ row, body }) =>
    (!domain || row.domain === domain) &&
    (!type || (prefix === null ? row.eventType === type : row.eventType.startsWith(prefix))) &&
    (!source || row.source === source) &&
    (!correlationId || row.correlationId === correlationId) &&
    (!asks || holdsPayload((JSON.parse(body) as { data: unknown }).data, filter));
}
