import { expect, test } from 'vitest';
import { USUAL_RULES } from '../../shared/alert-rule.ts';
import { judgeAlerts, type Measured } from './judge-alerts.ts';

const GIB = 1_073_741_824;
const ALL = USUAL_RULES.map((rule) => ({ ...rule, enabled: true }));
const tier = (verdict: 'kept' | 'broken'): Measured['status']['tiers'][number] => ({
  tier: 'realtime', verdict, targetMs: 100, budgetBurnt: 0, budgetBurntHour: 0, budgetBurntDay: 0, p50Ms: 1, p95Ms: 1, p99Ms: 1, started: 200, late: 12, waiting: 0, running: 0, retrying: 0, oldestMs: null, sparkline: [],
});
const measured = (more: Partial<Measured['status']> = {}, rest: Partial<Measured> = {}): Measured => ({ status: { tiers: [tier('kept')], components: [], deadLetters: { waiting: 0, ignored: 0, newestMs: null }, ...more }, diskFree: 50 * GIB, backupAgeMs: 1_000, ...rest });
const texts = (given: Measured, rules = ALL): string[] => judgeAlerts(rules, given).map(({ words: { text } }) => text);

test('a healthy site raises nothing', () => expect(texts(measured())).toEqual([]));
test('a broken promise names its tier and its late jobs', () => expect(texts(measured({ tiers: [tier('broken')] }))).toEqual(['The promise of realtime is broken: 12 of 200 jobs started late in 15 min.']));
test('dead letters count only above the threshold', () => {
  expect(texts(measured({ deadLetters: { waiting: 100, ignored: 0, newestMs: null } }))).toEqual([]);
  expect(texts(measured({ deadLetters: { waiting: 101, ignored: 0, newestMs: null } }))).toEqual(['101 dead letters wait for a decision; you wanted to know of more than 100.']);
});
test('a disk that can not be measured is not called full', () => {
  expect(texts(measured({}, { diskFree: null }))).toEqual([]);
  expect(texts(measured({}, { diskFree: 2.54 * GIB }))).toEqual(['The disk of the data folder has 2.5 GiB left. When it is full, publishing stops.']);
});
test('backups: none, old, and not asked for', () => {
  expect(texts(measured({}, { backupAgeMs: null }))).toEqual(['There is no backup.']);
  expect(texts(measured({}, { backupAgeMs: 72 * 3_600_000 }))).toEqual(['The newest backup is 72 hours old.']);
  expect(texts(measured({}, { backupAgeMs: undefined }))).toEqual([]);
});
test('a rule that is off says nothing', () => expect(texts(measured({ tiers: [tier('broken')] }), ALL.map((rule) => ({ ...rule, enabled: false })))).toEqual([]));
