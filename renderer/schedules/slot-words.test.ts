import { expect, it } from 'vitest';
import { fromNow, slotWords } from './slot-words.ts';

const at = (iso: string): number => Date.parse(iso);
const now = at('2026-11-24T22:00:00Z');

it.each([
  ['2026-11-24T23:30:00Z', 'UTC', 'today 23:30'],
  ['2026-11-24T23:30:00Z', 'Europe/Berlin', 'tomorrow 00:30'],
  ['2026-11-25T01:30:00Z', 'UTC', 'tomorrow 01:30'],
  ['2026-11-23T01:30:00Z', 'UTC', 'yesterday 01:30'],
  ['2026-11-27T01:30:20Z', 'UTC', 'Fri 27 Nov 01:30:20'],
  ['2027-01-01T00:00:00Z', 'UTC', 'Fri 1 Jan 2027 00:00'],
])('%s in %s is %s', (iso, zone, words) => {
  expect(slotWords(at(iso), now, zone)).toBe(words);
});

it('says how far away', () => {
  expect([fromNow(now + 3 * 3_600_000, now), fromNow(now - 12_000, now), fromNow(now + 10, now)]).toEqual(['in 3 h', '12 s ago', 'now']);
});
