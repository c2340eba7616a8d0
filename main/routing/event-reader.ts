/**
 * Reads messages of the bus for everybody who follows it (routing, projection), each of them once: they see the same
 * message within milliseconds, and what the relay has published itself need not be judged at all.
 */
import type { Envelope } from '../../shared/envelope.ts';
import type { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';
import { readEvent, type ReadResult } from './read-event.ts';

/** Messages that are remembered. A follower that is further behind reads for itself. */
const REMEMBERED = 4_096;

export class EventReader {
  readonly #catalogue: EventCatalogue;
  /** By stream sequence, oldest first. */
  readonly #known = new Map<number, ReadResult>();

  constructor(catalogue: EventCatalogue) {
    this.#catalogue = catalogue;
  }

  read(message: StoredMessage): ReadResult {
    const known = this.#known.get(message.seq);
    if (known) return known;
    const result = readEvent(message, this.#catalogue);
    this.#remember(message.seq, result);
    return result;
  }

  /** A job.* event of ours was stored at `seq`: its type and its payload are ours from the start. */
  published(event: Envelope, seq: number): void {
    if (event.eventType.startsWith('job.')) this.#remember(seq, { ok: true, event, verdict: 'valid' });
  }

  #remember(seq: number, result: ReadResult): void {
    this.#known.set(seq, result);
    if (this.#known.size <= REMEMBERED) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}
