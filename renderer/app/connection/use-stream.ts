/** Live streams as hooks and as a plain subscription: opened again with backoff whenever they end or the wire comes back. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { sayError } from '../../kit/say-error.ts';
import { client, transport } from './client.ts';
import { credited, type OpenStream, resubscribeDelay } from '../../../shared/credited.ts';

export interface StreamHandlers<Item> {
  onItem(item: Item): void;
  /** The stream was opened again after a loss: what happened in between is not in it. */
  onReopen?(): void;
  onError?(message: string): void;
}

/** Keep a stream open until the returned function is called. */
export function subscribe<Item>(open: OpenStream<Item>, handlers: StreamHandlers<Item>): () => void {
  const stop = new AbortController();
  let wake: (() => void) | undefined;
  const unlisten = transport.onChange((state) => state === 'open' && wake?.());

  void (async () => {
    let tries = 0;
    let opened = false;
    while (!stop.signal.aborted) {
      try {
        for await (const item of credited(open, (grant) => client.streams.grant(grant), stop.signal)) {
          if (stop.signal.aborted) return;
          if (tries > 0 && opened) handlers.onReopen?.();
          tries = 0;
          opened = true;
          handlers.onItem(item);
        }
      } catch (error) {
        if (stop.signal.aborted) return;
        handlers.onError?.(sayError(error));
      }
      tries += 1;
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, resubscribeDelay(tries));
        stop.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  })();

  return () => {
    stop.abort();
    unlisten();
  };
}

/** The latest item of a stream; starts anew when `key` changes. */
export function useLatest<Item>(key: string, open: OpenStream<Item>): { latest: Item | null; error: string | null } {
  const [state, setState] = useState<{ key: string; latest: Item | null; error: string | null }>({ key, latest: null, error: null });
  const openRef = useRef(open);
  useLayoutEffect(() => {
    openRef.current = open;
  });
  useEffect(
    () =>
      subscribe<Item>((opening, signal) => openRef.current(opening, signal), {
        onItem: (latest) => setState({ key, latest, error: null }),
        onError: (error) => setState((before) => ({ key, latest: before.key === key ? before.latest : null, error })),
      }),
    [key],
  );
  return state.key === key ? state : { latest: null, error: null };
}
