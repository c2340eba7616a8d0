import { expect, test } from 'vitest';
import type { AttemptRow } from '../../shared/operator-api/index.ts';
import { spansOf } from './job-spans.ts';

const attempt = (n: number, outcome: AttemptRow['outcome'], startedMs: number, finishedMs: number | null): AttemptRow => ({ jobId: 'j', attempt: n, outcome, startedMs, finishedMs, worker: null, errorName: null, errorMessage: null, errorStack: null });

test('waits, fails, waits, runs', () => {
  expect(spansOf({ enqueuedMs: 0, attemptList: [attempt(1, 'failed', 10, 15), attempt(2, 'completed', 115, 120)] }, null)).toEqual([
    { kind: 'wait', ms: 10, attempt: 1 }, { kind: 'failed', ms: 5, attempt: 1 }, { kind: 'retry', ms: 100, attempt: 2 }, { kind: 'run', ms: 5, attempt: 2 },
  ]);
});
test('what goes on lasts until now', () => {
  expect(spansOf({ enqueuedMs: 0, attemptList: [] }, 40)).toEqual([{ kind: 'wait', ms: 40, attempt: 1 }]);
  expect(spansOf({ enqueuedMs: 0, attemptList: [attempt(1, 'running', 10, null)] }, 40).at(-1)).toEqual({ kind: 'run', ms: 30, attempt: 1 });
  expect(spansOf({ enqueuedMs: 0, attemptList: [attempt(1, 'lost', 10, 20)] }, 50).at(-1)).toEqual({ kind: 'retry', ms: 30, attempt: 2 });
});
test('clocks that disagree make no negative span', () => expect(spansOf({ enqueuedMs: 10, attemptList: [attempt(1, 'completed', 5, 8)] }, null).every(({ ms }) => ms >= 0)).toBe(true));
