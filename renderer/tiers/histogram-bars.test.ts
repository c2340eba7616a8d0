import { expect, test } from 'vitest';
import { bucketOf, bucketUpperMs } from '../../shared/latency-histogram.ts';
import { barsOf } from './histogram-bars.ts';

const bucket = (ms: number, count: number): { fromMs: number; toMs: number; count: number } => {
  const index = bucketOf(ms);
  return { fromMs: index === 0 ? 0 : bucketUpperMs(index - 1), toMs: bucketUpperMs(index), count };
};

test('every sample stands in the bar that holds it, and none is lost', () => {
  const bars = barsOf([bucket(3, 10), bucket(4, 5), bucket(30, 2), bucket(700, 1)], 100);
  expect(bars.find(({ from, to }) => from === 2 && to === 5)?.count).toBe(15);
  expect(bars.find(({ from }) => from === 20)?.count).toBe(2);
  expect(bars.find(({ from }) => from === 500)?.count).toBe(1);
  expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(18);
});
test('the bars reach the promise, without gaps', () => {
  const bars = barsOf([bucket(3, 1)], 100);
  expect(bars.some(({ from, to }) => from < 100 && to >= 100)).toBe(true);
  expect(bars.every(({ from }, index) => index === 0 || from === bars[index - 1]?.to)).toBe(true);
});
test('no samples, no bars', () => expect(barsOf([], 100)).toEqual([]));
