import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ClaimedJob } from '../job-queue/job-queue.ts';
import { GivingWay } from './giving-way.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date', 'performance'] }));
afterEach(() => vi.useRealTimers());

const claimed = (waitedMs: number, attempt = 1): ClaimedJob[] => [{ id: 'a', queue: 'background', attempt, payload: { enqueuedMs: Date.now() - waitedMs } }];
const MINUTE_MS = 60_000;

test('realtime and interactive claim each job as it comes, whatever else runs', () => {
  const way = new GivingWay();
  way.begins('realtime');
  for (const tier of ['realtime', 'interactive'] as const) expect(way.paceOf(tier, tier)).toEqual({ everyMs: 0, atMost: Number.POSITIVE_INFINITY });
});

test('background claims two at a time while a faster tier works, and what it has room for a moment after', () => {
  const way = new GivingWay();
  const pace = (): number => way.paceOf('background', 'background').atMost;
  expect(pace()).toBe(Number.POSITIVE_INFINITY);
  way.begins('background');
  expect(pace()).toBe(Number.POSITIVE_INFINITY);
  way.begins('interactive');
  expect(pace()).toBe(2);
  vi.advanceTimersByTime(249);
  expect(pace()).toBe(2);
  vi.advanceTimersByTime(1);
  expect(pace()).toBe(Number.POSITIVE_INFINITY);
});

test('a queue whose jobs have waited for five minutes gives way no longer, until they are younger again', () => {
  const way = new GivingWay();
  const pace = (queue: string): number => way.paceOf(queue, 'background').atMost;
  way.begins('realtime');
  way.claimed('background', [...claimed(MINUTE_MS), ...claimed(5 * MINUTE_MS)]);
  expect([pace('background'), pace('connector.sync')]).toEqual([Number.POSITIVE_INFINITY, 2]);
  // Retries wait by their own rule.
  way.claimed('background', claimed(90 * MINUTE_MS, 2));
  expect(pace('background')).toBe(Number.POSITIVE_INFINITY);
  way.claimed('background', claimed(4 * MINUTE_MS));
  expect(pace('background')).toBe(2);
  way.claimed('background', claimed(90 * MINUTE_MS, 2));
  expect(pace('background')).toBe(2);
});
