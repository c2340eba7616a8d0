import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketOf, bucketUpperMs, percentile } from './latency-histogram.ts';
import { judgePromise } from './tiers.ts';
import { isTraceparent } from './trace-context.ts';

describe('latency histogram', () => {
  test('a percentile is never too low and at most 5 % too high', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.2, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 300 }), fc.constantFrom(0.5, 0.95, 0.99), (samples, share) => {
        const counts = new Map<number, number>();
        for (const sample of samples) counts.set(bucketOf(sample), (counts.get(bucketOf(sample)) ?? 0) + 1);
        const exact = [...samples].sort((a, b) => a - b)[Math.max(1, Math.ceil(share * samples.length)) - 1] ?? Number.NaN;
        const read = percentile(counts, share) ?? Number.NaN;
        expect(read).toBeGreaterThanOrEqual(exact * 0.999_999);
        expect(read).toBeLessThanOrEqual(exact * 1.050_001);
      }),
    );
  });

  test('no samples have no percentile; skewed clocks count as zero', () => {
    expect(percentile(new Map(), 0.99)).toBeNull();
    expect(bucketOf(-5)).toBe(0);
    expect(bucketUpperMs(0)).toBeCloseTo(0.1);
  });
});

describe('promises', () => {
  test.each([
    [{ started: 0, late: 0, oldestWaitingMs: null }, 'unknown'],
    [{ started: 1_000, late: 0, oldestWaitingMs: 20 }, 'kept'],
    [{ started: 1_000, late: 6, oldestWaitingMs: null }, 'at-risk'],
    [{ started: 1_000, late: 11, oldestWaitingMs: null }, 'broken'],
    [{ started: 1_000, late: 0, oldestWaitingMs: 500 }, 'at-risk'],
    [{ started: 0, late: 0, oldestWaitingMs: 500 }, 'at-risk'],
  ] as const)('%j is %s', (window, verdict) => {
    expect(judgePromise('realtime', window)).toBe(verdict);
  });
});

describe('traceparent', () => {
  test.each([
    ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', true],
    ['01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes-later', true],
    ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra', false],
    ['ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', false],
    ['00-00000000000000000000000000000000-b7ad6b7169203331-01', false],
    ['00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01', false],
    ['00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', false],
    ['nonsense', false],
  ])('%s → %s', (value, valid) => {
    expect(isTraceparent(value)).toBe(valid);
  });
});
