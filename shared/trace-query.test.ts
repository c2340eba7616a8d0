import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokensOf } from './payload-query.ts';
import { parseTraceQuery, type TraceQuery } from './trace-query.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const read = (line: string): TraceQuery | string => {
  const { query, problem } = parseTraceQuery(line, NOW);
  return query ?? problem;
};

describe('the search line', () => {
  test.each<[string, TraceQuery]>([
    ['', {}],
    ['7f3a12bc', { id: '7f3a12bc' }],
    ['7F3A12BC-0000-4000-8000-000000000000', { id: '7f3a12bc-0000-4000-8000-000000000000' }],
    ['communication.CallStarted', { type: 'communication.CallStarted' }],
    ['rule.*', { type: 'rule.*' }],
    ['SendOutgoingMessageJob', { job: 'SendOutgoingMessageJob' }],
    ['type:rule.* job:Send* source:pbx', { type: 'rule.*', job: 'Send*', source: 'pbx' }],
    ['error:TypeError state:dead', { error: 'TypeError', state: 'dead' }],
    ['error:"timed out"', { error: 'timed out' }],
    ['took:>2s', { minMs: 2_000 }],
    ['took:>=1.5min took:<1h', { minMs: 90_000, maxMs: 3_600_000 }],
    ['since:6h until:2026-11-24T11:00:00Z', { sinceMs: NOW - 6 * 3_600_000, untilMs: NOW - 3_600_000 }],
    ['data.customer.tier:vip data.name:"Ada Lovelace"', { fields: [{ path: ['customer', 'tier'], value: 'vip' }, { path: ['name'], value: 'Ada Lovelace' }] }],
    ['"on the line" lovelace', { text: ['on the line', 'lovelace'] }],
    ['"7f3a12bc"', { text: ['7f3a12bc'] }],
    ['facade beef', { text: ['facade', 'beef'] }],
    ['replay:0b7c1c0e', { replay: '0b7c1c0e' }],
  ])('%s', (line, query) => expect(read(line)).toEqual(query));

  test.each([
    ['took:fast', 'took:>2s'],
    ['state:broken', 'open, dead, failed, done'],
    ['since:yesterday', '15min'],
    ['type:a*b', 'at the end'],
    ['colour:red', 'There is no filter “colour:”'],
    ['id:xyz', 'no id'],
    ['"open', 'not closed'],
    ['source:""', 'needs a value'],
  ])('%s is refused in words that help', (line, words) => expect(read(line)).toContain(words));

  test('never throws, whatever is typed', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (line) => void read(line)));
  });

  test('words are cut as the text index cuts them', () => expect(tokensOf('VIP +49 30 Ärger_x: "call-7"')).toEqual(['vip', '49', '30', 'ärger', 'x', 'call', '7']));
});
