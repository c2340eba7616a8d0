import { afterEach, describe, expect, it } from 'vitest';
import { addCatalogue, speak } from '../../shared/i18n/translate.ts';
import { formatAge, formatBytes, formatCount, formatDuration, formatList, formatMoment, formatRate, formatShare, shortId } from './format.ts';

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [0.04, '< 0.1 ms'],
    [0.4, '0.4 ms'],
    [8, '8 ms'],
    [8.25, '8.3 ms'],
    [83.4, '83 ms'],
    [999.4, '999 ms'],
    [999.7, '1 s'],
    [1_240, '1.24 s'],
    [12_300, '12.3 s'],
    [59_990, '1 min'],
    [240_000, '4 min'],
    [3_599_999, '1 h'],
    [9_000_000, '2.5 h'],
    [172_800_000, '2 d'],
    [-5, '−5 ms'],
  ])('%d ms reads %s', (ms, words) => expect(formatDuration(ms)).toBe(words));

  it('never shows more than three digits', () => {
    for (let ms = 0.1; ms < 8.64e9; ms *= 1.013) expect(formatDuration(ms).replace(/\D/g, '').length, String(ms)).toBeLessThanOrEqual(3);
  });

  it('tells a missing value from zero', () => expect([formatDuration(null), formatDuration(Number.NaN)]).toEqual(['—', '—']));
});

describe('the other numbers', () => {
  it('groups thousands', () => expect([formatCount(0), formatCount(182_441), formatCount(null)]).toEqual(['0', '182,441', '—']));
  it('rates keep one decimal while small', () => expect([0, 0.014, 0.05, 0.44, 9.96, 9_850].map(formatRate)).toEqual(['0', '< 0.1', '0.1', '0.4', '10', '9,850']));
  it('ages are coarse', () => expect([900, 12_900, 240_000, 8e6, 2e8].map(formatAge)).toEqual(['now', '12 s', '4 min', '2 h', '2 d']));
  it('bytes', () => expect([812, 1_012, 1_024, 1_500_000].map(formatBytes)).toEqual(['812 B', '0.99 KiB', '1 KiB', '1.43 MiB']));
  it('shares', () => expect([0, 0.0004, 0.004, 0.02, 1.4].map(formatShare)).toEqual(['0 %', '< 0.1 %', '0.4 %', '2 %', '140 %']));
  it('lists', () => expect([['NATS'], ['NATS', 'Relay'], ['NATS', 'Relay', 'Routing']].map(formatList)).toEqual(['NATS', 'NATS and Relay', 'NATS, Relay and Routing']));
  it('short ids', () => expect([shortId('7f3a1111-0000'), shortId('pbx-1')]).toEqual(['7f3a1111…', 'pbx-1']));
  it('moments hold UTC', () => expect(formatMoment(0)).toContain('1970-01-01 00:00:00.000Z'));
});

describe('in German', () => {
  afterEach(() => speak('en'));

  it('numbers, times and lists are written as they are there', () => {
    addCatalogue('de', { now: 'jetzt', '{local} local · {utc}': '{local} Ortszeit · {utc}' });
    speak('de');
    expect([formatCount(182_441), formatRate(0.44), formatDuration(1_240), formatDuration(0.04), formatShare(0.004), formatBytes(1_500_000), formatAge(9)]).toEqual(['182.441', '0,4', '1,24 s', '< 0,1 ms', '0,4 %', '1,43 MiB', 'jetzt']);
    expect(formatList(['NATS', 'Relay', 'Routing'])).toBe('NATS, Relay und Routing');
    expect(formatMoment(0)).toMatch(/,000 Ortszeit · 1970-01-01 00:00:00\.000Z$/);
  });
});
