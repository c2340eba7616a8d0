/**
 * A faster lane beside a durable consumer (docs/adr/0016): the server sends each event once more, in the moment in which it is
 * stored, while the consumer has to read it back from a store that is busy syncing the next one. The lane promises nothing;
 * what it brings is handed on at once, and its answer is kept until the consumer delivers the same message, to be given there.
 */
import type { Delivery, StoredMessage } from '../../event-bus.ts';

/** Messages of the lane whose delivery is awaited. With more the consumer is far behind: then everything comes in its turn. */
const MOST_AWAITED = 1_000;
/** Deliveries that are remembered in case the lane is the slower one. */
const REMEMBERED = 2_000;

interface Awaited {
  readonly message: StoredMessage;
  delivery: Delivery | null;
  answer: ((delivery: Delivery) => void) | null;
}

export class LiveLane {
  readonly #hand: (delivery: Delivery) => void;
  /** By sequence. */
  readonly #awaited = new Map<number, Awaited>();
  readonly #delivered = new Set<number>();
  #furthest = 0;

  /** `hand` takes each message once, unless the consumer delivers it again. */
  constructor(hand: (delivery: Delivery) => void) {
    this.#hand = hand;
  }

  /** The server has stored this message. */
  stored(message: StoredMessage): void {
    const { seq } = message;
    if (this.#delivered.has(seq) || this.#awaited.has(seq)) return;
    if (this.#awaited.size >= MOST_AWAITED) this.#forgetRemoved();
    if (this.#awaited.size >= MOST_AWAITED) return;
    const awaited: Awaited = { message, delivery: null, answer: null };
    this.#awaited.set(seq, awaited);
    const answer = (give: (delivery: Delivery) => void): void => {
      if (awaited.answer) return;
      awaited.answer = give;
      if (awaited.delivery) this.#answer(awaited, awaited.delivery);
    };
    this.#hand({ ...message, ack: () => answer((delivery) => delivery.ack()), retryLater: (ms) => answer((delivery) => delivery.retryLater(ms)) });
  }

  /** The consumer delivers this message. */
  delivered(delivery: Delivery): void {
    const { seq } = delivery;
    this.#furthest = Math.max(this.#furthest, seq);
    this.#remember(seq);
    const awaited = this.#awaited.get(seq);
    // Whoever may publish can pretend to be the lane: only the stored message itself is answered for.
    if (!awaited || !isSame(awaited.message, delivery)) {
      this.#awaited.delete(seq);
      this.#hand(delivery);
    } else if (awaited.answer) this.#answer(awaited, delivery);
    else awaited.delivery = delivery;
  }

  #answer({ message, answer }: Awaited, delivery: Delivery): void {
    this.#awaited.delete(message.seq);
    answer?.(delivery);
  }

  /** Messages that the consumer has passed were taken out of the stream: nobody will deliver them. */
  #forgetRemoved(): void {
    for (const [seq, { answer }] of this.#awaited) if (answer && seq < this.#furthest) this.#awaited.delete(seq);
  }

  #remember(seq: number): void {
    this.#delivered.add(seq);
    if (this.#delivered.size <= REMEMBERED) return;
    for (const oldest of this.#delivered) {
      this.#delivered.delete(oldest);
      return;
    }
  }
}

function isSame(one: StoredMessage, other: StoredMessage): boolean {
  return one.subject === other.subject && Buffer.compare(one.body, other.body) === 0;
}
