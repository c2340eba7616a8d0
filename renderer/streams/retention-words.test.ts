import { describe, expect, it } from 'vitest';
import type { RetentionPreview } from '../../shared/operator-api/index.ts';
import { AGE_UNITS, consequenceWords, joinBy, retentionWords, SIZE_UNITS, splitBy } from './retention-words.ts';

const DAY = 86_400_000;
const preview = (goes: Partial<RetentionPreview['goes']>, more: Partial<RetentionPreview> = {}): RetentionPreview => ({
  measuredMs: 0, before: { maxAgeMs: 30 * DAY, maxBytes: null }, after: { maxAgeMs: 10 * DAY, maxBytes: 1_073_741_824 }, messages: 5_000_000,
  goes: { messages: Math.max(goes.byAge ?? 0, goes.byBytes ?? 0), exact: true, byAge: 0, byBytes: 0, ...goes }, cutoffMs: new Date(2026, 10, 14, 12, 4, 31).getTime(), problem: null, ...more,
});

describe('consequenceWords', () => {
  it('counts what is too old, and says from when on it stays', () => {
    expect(consequenceWords(preview({ byAge: 3_200_118 }))).toBe('3,200,118 messages older than 10 d will go, for good: all that was stored before 2026-11-14 12:04:31. Counted in the stream just now.');
  });
  it('says that a number by size is an estimate', () => expect(consequenceWords(preview({ byAge: 3, byBytes: 812 }))).toMatch(/^About 812 messages .* fits into 1 GiB\..* an estimate\.$/));
  it('says that nothing goes, or everything', () => {
    expect(consequenceWords(preview({}))).toBe('Nothing goes: all 5,000,000 messages of today stay.');
    expect(consequenceWords(preview({ byAge: 5_000_000 }))).toBe('All 5,000,000 messages of today go, for good.');
  });
});

it('says a retention', () => {
  expect(retentionWords({ maxAgeMs: null, maxBytes: null })).toBe('for ever');
  expect(retentionWords({ maxAgeMs: 30 * DAY, maxBytes: null })).toBe('30 d');
  expect(retentionWords({ maxAgeMs: 30 * DAY, maxBytes: 1_073_741_824 })).toBe('30 d or 1 GiB');
  expect(retentionWords({ maxAgeMs: null, maxBytes: 1_048_576 })).toBe('up to 1 MiB');
});

it.each([[30 * DAY, '30', 'd'], [36 * 3_600_000, '36', 'h'], [90_000, '1.5', 'min'], [null, '', 'd']] as const)('splits %j and joins it again', (value, amount, unit) => {
  expect(splitBy(value, AGE_UNITS, 'd')).toEqual({ amount, unit });
  expect(joinBy({ amount, unit }, AGE_UNITS)).toBe(value);
});
it.each(['0', '-1', 'x', 'Infinity'])('takes no %s', (amount) => expect(joinBy({ amount, unit: 'GiB' }, SIZE_UNITS)).toBeUndefined());
