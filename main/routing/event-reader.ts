/**
 * Reads messages of the bus for everybody who follows it (routing, projection), each of them once: they see the same
 * message within milliseconds, and what the relay has published itself need not be judged at all.
 */
import type { Envelope } from '../../shared/envelope.ts';
import type { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';
import { readEvent, type ReadResult } from './read-event.ts';

/** What was read of the last so many messages is kept until the projection has had it. Should it be further behind, it reads for itself. */
const KEPT = 2_048;

export class EventReader {
  readonly #catalogue: EventCatalogue;
  /** By stream sequence, modulo its length. */
  readonly #kept: ({ readonly seq: number; readonly result: ReadResult } | null)[] = Array.from({ length: KEPT }, () => null);
  #readLastSeq = 0;

  constructor(catalogue: EventCatalogue) {
    this.#catalogue = catalogue;
  }

  /** For routing, which is nearly always the first. */
  read(message: StoredMessage): ReadResult {
    const kept = this.#kept[message.seq % KEPT];
    if (kept?.seq === message.seq) return kept.result;
    const result = readEvent(message, this.#catalogue);
    this.#keep(message.seq, result);
    return result;
  }

  /** For who comes last: it is let go at once, or the garbage collector would carry thousands of events along. */
  readLast(message: StoredMessage): ReadResult {
    this.#readLastSeq = message.seq;
    const kept = this.#kept[message.seq % KEPT];
    if (kept?.seq !== message.seq) return readEvent(message, this.#catalogue);
    this.#kept[message.seq % KEPT] = null;
    return kept.result;
  }

  /** A job.* event of ours was stored at `seq`: its type and its payload are ours from the start. */
  published(event: Envelope, seq: number): void {
    if (event.eventType.startsWith('job.')) this.#keep(seq, { ok: true, event, verdict: 'valid' });
  }

  #keep(seq: number, result: ReadResult): void {
    // Who comes last has been here: nobody would fetch it.
    if (seq > this.#readLastSeq) this.#kept[seq % KEPT] = { seq, result };
  }
}
