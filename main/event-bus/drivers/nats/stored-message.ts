/** A message of NATS as the house knows it. */
import type { Delivery, StoredMessage } from '../../event-bus.ts';
import { headerList } from './headers.ts';
import type { JsMsg, Msg } from './nats-api.ts';

/** A message that a consumer has handed over. */
export class ConsumedMessage implements Delivery {
  readonly seq: number;
  readonly subject: string;
  readonly body: Uint8Array;
  readonly storedMs: number;
  readonly #message: JsMsg;

  constructor(message: JsMsg) {
    this.seq = message.seq;
    this.subject = message.subject;
    this.body = message.data;
    this.storedMs = Number(message.timestampNanos / 1_000n) / 1_000;
    this.#message = message;
  }

  /** Read when they are asked for: nearly nobody asks. */
  get headers(): StoredMessage['headers'] {
    return headerList(this.#message.headers);
  }
  ack(): void {
    this.#message.ack();
  }
  retryLater(ms: number): void {
    this.#message.nak(ms);
  }
}

/** Where the server sends each event of `platform-events` once more in the moment in which it is stored. No domain begins so. */
export const STORED_PREFIX = '_stored.';
const SEQUENCE = 'Nats-Sequence';
const STORED_AT = 'Nats-Time-Stamp';
/** What the server adds to what it sends once more. */
const ADDED: ReadonlySet<string> = new Set([SEQUENCE, STORED_AT, 'Nats-Stream', 'Nats-Subject', 'Nats-Last-Sequence']);

/** A message that was sent once more, as a consumer gives it; null if it is something else. */
export function storedAgainOf(message: Msg): StoredMessage | null {
  const headers = headerList(message.headers);
  const valueOf = (wanted: string): string => headers.find(([name]) => name === wanted)?.[1] ?? '';
  const seq = Number(valueOf(SEQUENCE) || Number.NaN);
  const [, seconds, fraction = ''] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(valueOf(STORED_AT)) ?? [];
  const wholeMs = Date.parse(`${seconds}Z`);
  if (!Number.isSafeInteger(seq) || Number.isNaN(wholeMs) || !message.subject.startsWith(STORED_PREFIX)) return null;
  return {
    seq,
    subject: message.subject.slice(STORED_PREFIX.length),
    headers: headers.filter(([name]) => !ADDED.has(name)),
    body: message.data,
    storedMs: wholeMs + Number(fraction.padEnd(6, '0').slice(0, 6)) / 1_000,
  };
}
