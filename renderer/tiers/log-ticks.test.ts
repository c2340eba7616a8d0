import { expect, it } from 'vitest';
import { logTicks } from './log-ticks.ts';

it('takes round times', () => expect(logTicks(1, 140)).toEqual([1, 10, 100]));
it('begins below one', () => expect(logTicks(0.1, 12)).toEqual([0.1, 1, 10]));
it('speaks of minutes and hours', () => expect(logTicks(10_000, 5_040_000)).toEqual([10_000, 60_000, 600_000, 3_600_000]));
it('stays readable over a wide range', () => expect(logTicks(1, 5_040_000).length).toBeLessThanOrEqual(6));
