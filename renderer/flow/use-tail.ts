/** The rows of the live tail: new ones are held back while a person reads, older ones come on demand. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { EventFilter, EventRow } from '../../shared/operator-api/index.ts';
import { client } from '../app/connection/client.ts';
import { subscribe } from '../app/connection/use-stream.ts';
import { RingBuffer } from '../kit/ring-buffer.ts';
import { sayError } from '../kit/say-error.ts';
import { mergeNewer } from './merge-rows.ts';
import { type Rates, TailRates } from './tail-rates.ts';
import { TypeCounts } from './type-counts.ts';

/** Rows that are kept while following; history that was loaded by scrolling comes on top of it. */
export const KEPT_ROWS = 10_000;
const PAGE = 200;
/** What was read from the bus is in the view, and its payload indexed, within moments, ms. */
const ASK_AGAIN_MS = 400;

export interface Tail {
  /** Newest first. */
  rows: readonly EventRow[];
  /** Rows that arrived and are held back. */
  pending: number;
  rates: Rates;
  /** How often each type came lately. */
  types: TypeCounts;
  /** Payloads are indexed up to this sequence; null where payloads were not searched. */
  indexedTo: number | null;
  loading: boolean;
  error: unknown;
  /** There is nothing older. */
  complete: boolean;
  /** The last search took too long: older ones begin before this sequence. Null: it found what it looked for. */
  searchedTo: number | null;
  loadOlder(): void;
  /** Let the held-back rows in now. */
  release(): void;
}

interface TailState extends Omit<Tail, 'loadOlder' | 'release' | 'types'> {
  /** The filter that all of it belongs to. */
  key: string;
}

const NONE: readonly EventRow[] = [];
const blank = (key: string): TailState => ({ key, rows: NONE, pending: 0, rates: { shown: 0, matched: 0, seen: 0 }, indexedTo: null, loading: true, error: null, complete: false, searchedTo: null });

/** Follow the events that match. `following` false holds new rows back. */
export function useTail(filter: EventFilter, following: boolean): Tail {
  const key = JSON.stringify(filter);
  const [state, setState] = useState<TailState>(() => blank(key));
  // What belongs to the filter before is never shown under this one.
  const { rows, pending, rates, indexedTo, loading, error, complete, searchedTo } = state.key === key ? state : blank(key);
  const update = useCallback((change: (before: TailState) => Partial<TailState>): void => {
    setState((before) => {
      const own = before.key === key ? before : blank(key);
      return { ...own, ...change(own) };
    });
  }, [key]);

  // It changes without a render: who shows it ticks by itself. Each filter has its own.
  const types = useMemo(() => ({ key, counts: new TypeCounts() }), [key]).counts;
  const held = useRef(new RingBuffer<EventRow>(KEPT_ROWS));
  const follow = useRef(following);
  useLayoutEffect(() => {
    follow.current = following;
  });
  const olderRequest = useRef<string | null>(null);

  const release = useCallback((): void => {
    if (held.current.size === 0) return;
    const fresh = held.current.drainNewestFirst();
    update((before) => ({ rows: mergeNewer(fresh, before.rows).slice(0, KEPT_ROWS), pending: 0 }));
  }, [update]);

  useEffect(() => {
    const wanted = JSON.parse(key) as EventFilter;
    const counter = new TailRates();
    let stopped = false;
    held.current.clear();
    olderRequest.current = null;

    // What came just before the tail was opened may not be in the view yet. So the newest page is asked for once more when the
    // tail is surely open, and then until it holds all that had been read by that time.
    let asked = 0;
    let target = 0;
    let again: ReturnType<typeof setTimeout> | undefined;
    const loadNewest = async (): Promise<void> => {
      try {
        const page = await client.flow.list({ filter: wanted, limit: PAGE });
        if (stopped) return;
        update((before) => {
          // Older ones that were loaded in the meantime go further back than this page: where they end stays as it is.
          const [end = Number.POSITIVE_INFINITY, known = Number.POSITIVE_INFINITY] = [page.events.at(-1)?.seq, before.rows.at(-1)?.seq];
          const back = known < end ? {} : { complete: page.nextBefore === null, searchedTo: page.complete ? null : page.nextBefore };
          return { rows: mergeNewer(page.events, before.rows), ...back, indexedTo: page.textUpToSeq, error: null, loading: false };
        });
        asked += 1;
        if (asked <= 2) target = page.viewUpToSeq + page.viewBehind;
        if (asked === 1 || (page.textUpToSeq ?? page.viewUpToSeq) < target) again = setTimeout(() => void loadNewest(), ASK_AGAIN_MS);
      } catch (problem) {
        if (!stopped) update(() => ({ error: problem, loading: false }));
      }
    };
    void loadNewest();

    const unsubscribe = subscribe((opening, signal) => client.flow.tail({ ...opening, filter: wanted }, { signal }), {
      onItem(batch) {
        counter.add(Date.now(), { shown: batch.events.length, matched: batch.matched, seen: batch.seen });
        types.add(batch.measuredMs, batch.byType);
        for (const event of batch.events) held.current.push(event);
        update(({ error: before }) => (before === null ? {} : { error: null }));
      },
      // What happened during the loss is on the newest page.
      onReopen: () => {
        asked = 0;
        clearTimeout(again);
        void loadNewest();
      },
      onError: (message) => update(({ error: before }) => ({ error: before ?? new Error(message) })),
    });

    // One flush a frame at most, and no faster than the eye follows.
    let frame = 0;
    let flushedAt = 0;
    let ratesAt = 0;
    const tick = (now: number): void => {
      frame = requestAnimationFrame(tick);
      if (now - ratesAt > 500) {
        ratesAt = now;
        const measured = counter.at(Date.now());
        update(() => ({ rates: measured }));
      }
      if (now - flushedAt < 80 || held.current.size === 0) return;
      flushedAt = now;
      if (follow.current) release();
      else update(() => ({ pending: held.current.size }));
    };
    frame = requestAnimationFrame(tick);

    return () => {
      stopped = true;
      clearTimeout(again);
      cancelAnimationFrame(frame);
      unsubscribe();
    };
  }, [key, release, update, types]);

  // Where the rows end, or further back where a search without result has come to.
  const oldest = searchedTo ?? rows.at(-1)?.seq;
  const loadOlder = useCallback((): void => {
    const request = `${key}:${oldest}`;
    if (oldest === undefined || complete || olderRequest.current === request) return;
    olderRequest.current = request;
    client.flow
      .list({ filter: JSON.parse(key) as EventFilter, beforeSeq: oldest, limit: PAGE })
      .then((page) => {
        if (olderRequest.current !== request) return;
        update((before) => ({ rows: [...before.rows, ...page.events.filter((event) => event.seq < oldest)], complete: page.nextBefore === null, searchedTo: page.complete ? null : page.nextBefore }));
      })
      .catch((problem: unknown) => {
        // Asked for another filter in the meantime.
        if (olderRequest.current !== request) return;
        olderRequest.current = null;
        update(() => ({ error: new Error(t('Older events could not be loaded: {problem}', { problem: sayError(problem) })) }));
      });
  }, [key, oldest, complete, update]);

  return { rows, pending, rates, types, indexedTo, loading, error, complete, searchedTo, loadOlder, release };
}
