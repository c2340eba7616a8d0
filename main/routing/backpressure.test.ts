import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verbatim } from '../../shared/i18n/translate.ts';
import { TIERS } from '../../shared/tiers.ts';
import { type BackpressureLimits, type Hold, judgeLoad, type TierLoad } from './backpressure.ts';

const limits: BackpressureLimits = {
  realtime: { waiting: 100, oldestMs: 60_000 },
  interactive: { waiting: 1_000, oldestMs: 600_000 },
  background: { waiting: 10_000, oldestMs: 3_600_000 },
};
const load = (waiting: number, oldestMs: number | null = null): TierLoad[] => [{ tier: 'realtime', waiting, oldestMs }];

describe('backpressure', () => {
  test('holds above a limit, and says which', () => {
    expect(judgeLoad(load(100), limits, null, 5)).toBeNull();
    expect(judgeLoad(load(101), limits, null, 5)).toMatchObject({ tier: 'realtime', sinceMs: 5, why: { text: '101 realtime jobs wait; the limit is 100' } });
    expect(judgeLoad(load(1, 120_000), limits, null, 5)?.why.text).toBe('the oldest realtime job has waited 2 min; the limit is 1 min');
  });

  test('a hold lasts until its tier is well below the limit', () => {
    const held: Hold = { tier: 'realtime', sinceMs: 5, why: verbatim('x') };
    expect(judgeLoad(load(90), limits, held, 9)).toMatchObject({ sinceMs: 5 });
    expect(judgeLoad(load(80), limits, held, 9)).toBeNull();
  });

  test('without a hold before, it holds exactly when some tier is over a limit', () => {
    const one = fc.record({ waiting: fc.nat(20_000), oldestMs: fc.option(fc.nat(7_200_000)) });
    fc.assert(
      fc.property(fc.tuple(one, one, one), (three) => {
        const loads = TIERS.map((tier, i): TierLoad => ({ tier, waiting: three[i]?.waiting ?? 0, oldestMs: three[i]?.oldestMs ?? null }));
        const over = loads.some(({ tier, waiting, oldestMs }) => waiting > limits[tier].waiting || (oldestMs ?? 0) > limits[tier].oldestMs);
        expect(judgeLoad(loads, limits, null, 0) !== null).toBe(over);
      }),
    );
  });
});
