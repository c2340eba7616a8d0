import { expect, test } from 'vitest';
import { KEPT_SECONDS, TypeCounts } from './type-counts.ts';

test('counts by the second, the busiest first, and forgets what is old', () => {
  const counts = new TypeCounts();
  counts.add(1_000, { 'a.A': 3, 'b.B': 10 });
  counts.add(1_900, { 'a.A': 2 });
  counts.add(2_100, { 'a.A': 20 });
  const rates = counts.at(3_500);
  expect(rates.map(({ type, count }) => [type, count])).toEqual([['a.A', 25], ['b.B', 10]]);
  expect(rates[0]?.perSecond.slice(-2)).toEqual([5, 20]);
  expect(rates[0]?.perSecond).toHaveLength(KEPT_SECONDS);
  expect(counts.at(1_000 * (KEPT_SECONDS + 10))).toEqual([]);
});
test('the running second is left out', () => {
  const counts = new TypeCounts();
  counts.add(5_000, { 'a.A': 1 });
  expect(counts.at(5_500)).toEqual([]);
});
