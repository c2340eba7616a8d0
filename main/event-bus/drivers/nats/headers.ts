/**
 * Headers between our lists and those of the NATS client. Its own `set` and `append` spell each name anew, which for a
 * message with ten headers costs more than the rest of publishing it.
 */
import { type MsgHdrs, MsgHdrsImpl } from './nats-api.ts';

const NAME = /^[!-9;-~]+$/;
const LINE_BREAK = /[\r\n]/;

/** @throws TypeError naming the header that would not be read back as it is. Of several with one name the last one counts. */
export function natsHeaders(list: readonly (readonly [name: string, value: string])[]): MsgHdrs {
  const record: Record<string, string[]> = {};
  for (const [name, value] of list) {
    if (!NAME.test(name)) throw new TypeError(`header "${name}": expected a name of printable ASCII without a colon`);
    if (LINE_BREAK.test(value)) throw new TypeError(`header ${name}: expected a value without line breaks`);
    record[name] = [value.trim()];
  }
  return MsgHdrsImpl.fromRecord(record);
}

export function headerList(headers: MsgHdrs | undefined): [string, string][] {
  return headers ? [...headers].flatMap(([name, values]) => values.map((value): [string, string] => [name, value])) : [];
}
