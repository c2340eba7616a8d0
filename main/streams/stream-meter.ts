/** How fast messages come into each stream, and whether a copy lacks any: measured by looking now and then. */
import type { StreamInspection, StreamKeeper } from '../event-bus/event-bus.ts';

const LOOK_EVERY_MS = 10_000;
/** Looks that are kept: a rate is over the last minute. */
const LOOKS = 7;
/** A rate over less says nothing, ms. */
const SHORTEST_MS = 1_000;

interface Look {
  /** By the monotonic clock. */
  readonly at: number;
  readonly lastSeq: number;
}

export class StreamMeter {
  readonly #keeper: StreamKeeper;
  readonly #onError: (error: unknown) => void;
  readonly #looks = new Map<string, Look[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(keeper: StreamKeeper, onError: (error: unknown) => void) {
    this.#keeper = keeper;
    this.#onError = onError;
  }

  start(): void {
    const look = (): void => void this.#keeper.inspect().then((streams) => this.#keep(streams), this.#onError);
    look();
    this.#timer = setInterval(look, LOOK_EVERY_MS);
    this.#timer.unref();
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Messages per second since the oldest look; null if there is none to compare with, or the stream was made anew. */
  async rate({ name, lastSeq, copyOf, subjects }: StreamInspection): Promise<{ perSecond: number; overMs: number } | null> {
    const [oldest] = this.#looks.get(name) ?? [];
    const overMs = oldest ? performance.now() - oldest.at : 0;
    if (!oldest || overMs < SHORTEST_MS || lastSeq < oldest.lastSeq) return null;
    // A copy with a filter has the sequences of its origin, with gaps: there they must be counted.
    const came = copyOf !== null && subjects.length > 0 ? await this.#keeper.count(name, { seq: oldest.lastSeq + 1 }) : lastSeq - oldest.lastSeq;
    return { perSecond: (came / overMs) * 1_000, overMs };
  }

  #keep(streams: readonly StreamInspection[]): void {
    for (const { name, lastSeq } of streams) this.#looks.set(name, [...(this.#looks.get(name) ?? []), { at: performance.now(), lastSeq }].slice(-LOOKS));
  }
}

/**
 * Messages that the origin holds and its copy lacks, of those that both should have.
 * @returns null while something comes in or is behind: then it can't be counted.
 */
export async function missingIn(copy: StreamInspection, origin: StreamInspection, keeper: StreamKeeper): Promise<number | null> {
  if (copy.lag !== 0 || origin.messages === 0) return copy.lag === 0 && origin.messages === 0 ? 0 : null;
  const [subject] = copy.subjects;
  // What retention took from either is missing nowhere.
  const from = { seq: Math.max(origin.firstSeq, copy.messages === 0 ? 1 : copy.firstSeq) };
  const count = (): Promise<[number, number]> => Promise.all([keeper.count(origin.name, from, subject), keeper.count(copy.name, from)]);
  const [there, here] = await count();
  if (there === here) return 0;
  // Something may have come in between the two: only what stays is missing.
  const [againThere, againHere] = await count();
  return there === againThere && here === againHere ? Math.max(0, there - here) : null;
}
