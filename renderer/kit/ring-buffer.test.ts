import { describe, expect, it } from 'vitest';
import { RingBuffer } from './ring-buffer.ts';

describe('RingBuffer', () => {
  it('keeps the newest and tells what it drops', () => {
    const ring = new RingBuffer<number>(3);
    expect([1, 2, 3, 4, 5].map((n) => ring.push(n))).toEqual([false, false, false, true, true]);
    expect(ring.size).toBe(3);
    expect(ring.drainNewestFirst()).toEqual([5, 4, 3]);
    expect(ring.size).toBe(0);
  });
  it('works again after it was drained while full', () => {
    const ring = new RingBuffer<number>(2);
    [1, 2, 3].forEach((n) => ring.push(n));
    ring.drainNewestFirst();
    [4, 5].forEach((n) => ring.push(n));
    expect(ring.drainNewestFirst()).toEqual([5, 4]);
  });
  it('refuses to hold nothing', () => expect(() => new RingBuffer(0)).toThrow(RangeError));
});
