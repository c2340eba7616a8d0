/** A message of NATS as the house knows it. */
import type { StoredMessage } from '../../event-bus.ts';
import type { JsMsg, MsgHdrs } from './nats-api.ts';

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
