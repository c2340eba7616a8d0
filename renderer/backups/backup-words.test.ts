import { expect, test } from 'vitest';
import { backupAnswer } from './backup-words.ts';

const HOUR = 3_600_000;
const row = { name: 'x', tookMs: 1, bytes: 1, events: 1, secrets: true, version: '1', notIncluded: [], problem: null };

test.each([
  ['none', { backups: [], schedule: null }, 'There is no backup: a lost disk would lose everything.'],
  ['one', { backups: [{ ...row, markMs: 9 * HOUR }], schedule: null }, 'A lost disk would cost what happened in the last 1 h. None is planned.'],
  ['one and a schedule', { backups: [{ ...row, markMs: 9 * HOUR }], schedule: { words: 'At 02:30', nextMs: 13 * HOUR } }, 'A lost disk would cost what happened in the last 1 h. The next one is due in 3 h.'],
  ['a damaged one only', { backups: [{ ...row, markMs: null, problem: 'damaged' }], schedule: null }, 'There is no backup: a lost disk would lose everything. 1 can’t be read.'],
])('%s', (_case, list, words) => {
  expect(backupAnswer(list, 10 * HOUR)).toBe(words);
});
