import { describe, expect, it } from 'vitest';
import { rateWords, TailRates } from './tail-rates.ts';

describe('TailRates', () => {
  it('counts per second over the last three and forgets what is older', () => {
    const rates = new TailRates();
    rates.add(0, { shown: 900, matched: 900, seen: 900 });
    rates.add(4_000, { shown: 600, matched: 29_550, seen: 30_000 });
    expect(rates.at(4_500)).toEqual({ shown: 200, matched: 9_850, seen: 10_000 });
    expect(rates.at(8_000)).toEqual({ shown: 0, matched: 0, seen: 0 });
  });
});

describe('rateWords', () => {
  it('says what is left out', () => expect(rateWords({ shown: 200, matched: 9_850, seen: 9_850 }, false)).toBe('showing 200/s of 9,850/s'));
  it('says when nothing is', () => expect(rateWords({ shown: 12, matched: 12, seen: 12 }, false)).toBe('12 events/s, all shown'));
  it('tells the whole when filtered', () => expect(rateWords({ shown: 0, matched: 0, seen: 40 }, true)).toBe('0 events/s match · 40/s on the bus'));
});
