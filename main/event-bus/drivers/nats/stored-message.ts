/** A message of NATS as the house knows it. */
import type { StoredMessage } from '../../event-bus.ts';
import type { JsMsg, Msg, MsgHdrs } from './nats-api.ts';

export function headerList(headers: MsgHdrs | undefined): [string, string][] {
  return headers ? headers.keys().flatMap((name) => headers.values(name).map((value): [string, string] => [name, value])) : [];
}

export function storedOf(message: JsMsg): StoredMessage {
  return {
    seq: message.seq,
    subject: message.subject,
    headers: headerList(message.headers),
    body: message.data,
    storedMs: Number(message.timestampNanos / 1_000n) / 1_000,
  };
}

/** Where the server sends each event of `platform-events` once more in the moment in which it is stored. No domain begins so. */
export const STORED_PREFIX = '_stored.';
const SEQUENCE = 'Nats-Sequence';
const STORED_AT = 'Nats-Time-Stamp';
/** What the server adds to what it sends once more. */
const ADDED: ReadonlySet<string> = new Set([SEQUENCE, STORED_AT, 'Nats-Stream', 'Nats-Subject', 'Nats-Last-Sequence']);

/** A message that was sent once more, as a consumer gives it; null if it is something else. */
export function storedAgainOf(message: Msg): StoredMessage | null {
  const seq = Number(message.headers?.get(SEQUENCE) || Number.NaN);
  const [, seconds, fraction = ''] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(message.headers?.get(STORED_AT) ?? '') ?? [];
  const wholeMs = Date.parse(`${seconds}Z`);
  if (!Number.isSafeInteger(seq) || Number.isNaN(wholeMs) || !message.subject.startsWith(STORED_PREFIX)) return null;
  return {
    seq,
    subject: message.subject.slice(STORED_PREFIX.length),
    headers: headerList(message.headers).filter(([name]) => !ADDED.has(name)),
    body: message.data,
    storedMs: wholeMs + Number(fraction.padEnd(6, '0').slice(0, 6)) / 1_000,
  };
}
