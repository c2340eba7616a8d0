import { expect, it } from 'vitest';
import { acting, filterFrom, filterWords, leftAlone, NO_FILTER, progressOf, toLocalField, unsafe } from './replay-words.ts';

const counts = { read: 9, matched: 7, inInbox: 7, oweNothing: 0, unreadable: 0, jobs: { A: { enqueue: 2, known: 3 }, B: { 'run-again': 1, unsafe: 4, 'find-record': 1, 'under-way': 1, 'dead-letter': 1 } } };

it('counts what acts, what is left and what needs the yes', () => {
  expect([acting(counts, false), acting(counts, true), leftAlone(counts), unsafe(counts)]).toEqual([4, 8, 5, 4]);
});
it('knows how far it is', () => {
  expect([progressOf({ fromSeq: 11, toSeq: 20, position: 10 }), progressOf({ fromSeq: 11, toSeq: 20, position: 15 }), progressOf({ fromSeq: 11, toSeq: 20, position: 20 })]).toEqual([0, 0.5, 1]);
});
it('reads the fields, and says at each what is wrong', () => {
  const ms = new Date(2026, 10, 23, 0, 0).getTime();
  expect(toLocalField(ms)).toBe('2026-11-23T00:00');
  expect(filterFrom({ ...NO_FILTER, from: '2026-11-23T00:00', to: '2026-11-23T23:59', type: ' rule.* ', fromSeq: '7' })).toEqual({ filter: { fromMs: ms, toMs: ms + 86_399_999, type: 'rule.*', fromSeq: 7 }, errors: {} });
  expect(filterFrom({ ...NO_FILTER, from: '2026-11-24T00:00', to: '2026-11-23T00:00', fromSeq: '0', toSeq: 'x' }).errors).toEqual({ to: 'ends before it begins', fromSeq: 'must be a whole number from 1 on', toSeq: 'must be a whole number from 1 on' });
});
it('says a filter in words', () => {
  expect([filterWords({}), filterWords({ type: 'rule.*', source: 'rules', fromSeq: 3 }), filterWords({ toSeq: 9 })]).toEqual(['all events', 'rule.*, from rules, since #3', 'all events, until #9']);
});
