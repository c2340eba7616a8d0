import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('over any stretch, no more go than the rate allows and a second’s worth', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 10_000, noNaN: true }), fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 60 }), (rate, waits) => {
      const pace = new Pace(rate, 0);
      let now = 0;
      let gone = 0;
      for (const wait of waits) {
        now += wait;
        const count = pace.available(now);
        pace.take(count);
        gone += count;
        expect(gone).toBeLessThanOrEqual((now / 1_000) * rate + 1.000_001);
      }
    }),
  );
});

test('one who asks when told to gets the whole rate', () => {
  for (const rate of [0.5, 1, 7, 100, 2_000]) {
    const pace = new Pace(rate, 0);
    let now = 0;
    let gone = 0;
    while (now < 60_000) {
      const count = pace.available(now);
      pace.take(count);
      gone += count;
      now += Math.max(1, Math.ceil(pace.nextInMs()));
    }
    expect(gone).toBeGreaterThanOrEqual(60 * rate * 0.97);
  }
});

test('after a pause no more than a second’s worth goes at once', () => {
  const pace = new Pace(50, 0);
  expect(pace.available(3_600_000)).toBe(50);
});
