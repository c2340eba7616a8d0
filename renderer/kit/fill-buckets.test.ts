import { describe, expect, it } from 'vitest';
import { fillBuckets } from './fill-buckets.ts';

const blank = (at: number): { at: number; n: number } => ({ at, n: 0 });

describe('fillBuckets', () => {
  it('puts what is known into its place', () => {
    expect(fillBuckets([{ at: 20, n: 3 }, { at: 40, n: 4 }], 10, 50, 57, blank)).toEqual([
      { at: 10, n: 0 }, { at: 20, n: 3 }, { at: 30, n: 0 }, { at: 40, n: 4 }, { at: 50, n: 0 },
    ]);
  });
  it('keeps the phase of the buckets', () => expect(fillBuckets([{ at: 23, n: 1 }], 10, 30, 40, blank).map(({ at }) => at)).toEqual([13, 23, 33]));
  it('an empty series is a whole range of blanks', () => expect(fillBuckets([], 10, 30, 35, blank)).toEqual([blank(10), blank(20), blank(30)]));
});
