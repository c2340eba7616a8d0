import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerList, natsHeaders } from './headers.ts';
import { headers as clientHeaders, MsgHdrsImpl } from './nats-api.ts';

const name = fc.stringMatching(/^[!-9;-~]{1,20}$/).filter((text) => text !== '__proto__');
const value = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !/[\r\n]/.test(text));

describe('headers', () => {
  it('are on the wire what the client itself would have written, and are read back as they were', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 12 }), (list) => {
        const theirs = clientHeaders();
        for (const [key, text] of list) theirs.set(key, text);
        const ours = natsHeaders(list);
        expect(headerList(ours).toSorted()).toEqual(headerList(theirs).toSorted());
        const bytes = (ours as MsgHdrsImpl).encode();
        const sorted = (listed: [string, string][]): [string, string][] => listed.toSorted(([a], [b]) => (a < b ? -1 : 1));
        if (list.length > 0) expect(sorted(headerList(MsgHdrsImpl.decode(bytes)))).toEqual(sorted(list.map(([key, text]) => [key, text.trim()])));
      }),
    );
  });

  it('lets nobody smuggle in a header, and says which one is wrong', () => {
    expect(() => natsHeaders([['ce-source', 'crm\r\nNats-Rollup: all']])).toThrow('header ce-source: expected a value without line breaks');
    expect(() => natsHeaders([['ce:source', 'crm']])).toThrow('header "ce:source": expected a name of printable ASCII without a colon');
    expect(() => natsHeaders([['', 'crm']])).toThrow('expected a name');
  });
});
