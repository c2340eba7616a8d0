/** Streams with credits: the reader grants more as it consumes, so a slow page never piles up memory in the services. */
import { STREAM_WINDOW } from './stream-window.ts';

/** Opens a contract stream procedure under the given stream id. */
export type OpenStream<Item> = (opening: { stream: string; window: number }, signal: AbortSignal) => Promise<AsyncIterable<Item>>;
/** Grants more items; an ordinary call. */
export type GrantCredit = (grant: { stream: string; credit: number }) => Promise<unknown>;

/** Read one stream to its end, granting after every half window. */
export async function* credited<Item>(open: OpenStream<Item>, grant: GrantCredit, signal: AbortSignal, window = STREAM_WINDOW): AsyncGenerator<Item, void> {
  const stream = crypto.randomUUID();
  let used = 0;
  for await (const item of await open({ stream, window }, signal)) {
    yield item;
    used += 1;
    if (used >= window / 2) {
      // A grant that fails means that the wire is gone; the stream itself ends with the same news.
      grant({ stream, credit: used }).catch(() => undefined);
      used = 0;
    }
  }
}

/** Wait before the n-th try to open a stream again, ms: quick first, never longer than 5 s. */
export function resubscribeDelay(tries: number): number {
  return Math.min(5_000, 200 * 2 ** Math.min(10, tries));
}
