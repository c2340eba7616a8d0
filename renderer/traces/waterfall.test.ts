import { describe, expect, it } from 'vitest';
import type { AttemptRow, EventRow, JobWithAttempts } from '../../shared/operator-api/index.ts';
import { buildTraceTree } from '../../shared/trace-tree.ts';
import { placeNodes, ticks, timeScale } from './waterfall.ts';

const event = (seq: number, storedMs: number, cause: Partial<EventRow> = {}): EventRow => ({
  seq, storedMs, timestampMs: storedMs, eventId: `e${seq}`, eventType: 'rule.X', eventVersion: '1.0', domain: 'rule', source: 's', correlationId: 'c',
  causationId: null, jobId: null, verdict: 'valid', summary: '', ...cause,
});
const attempt = (n: number, startedMs: number, finishedMs: number | null, outcome: AttemptRow['outcome'] = 'completed'): AttemptRow => ({
  jobId: 'j1', attempt: n, outcome, startedMs, finishedMs, worker: null, errorName: null, errorMessage: null, errorStack: null,
});
const job = (attemptList: AttemptRow[], more: Partial<JobWithAttempts> = {}): JobWithAttempts => ({
  jobId: 'j1', jobType: 'J', queue: 'realtime', tier: 'realtime', state: 'completed', priority: 0, correlationId: 'c', triggeringEventId: 'e1',
  parentJobId: null, redriveOf: null, replayOf: null, ledgerId: 1, publishedMs: 1_000, enqueuedMs: 1_001, startedMs: null, finishedMs: null, retryAtMs: null,
  attempts: attemptList.length, lastError: null, attemptList, ...more,
});
const none = new Set<string>();

describe('placeNodes', () => {
  it('draws waiting, each attempt and the waits between them', () => {
    const tree = buildTraceTree([event(1, 1_000)], [job([attempt(1, 1_003, 1_010, 'failed'), attempt(2, 3_000, 3_020)])]);
    const rows = placeNodes(tree, none, 9_999);
    expect(rows.map(({ key, depth }) => [key, depth])).toEqual([['event:e1', 0], ['job:j1', 1]]);
    expect(rows[1]?.bars.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['waiting', 1_000, 1_003], ['failed', 1_003, 1_010], ['backoff', 1_010, 3_000], ['done', 3_000, 3_020],
    ]);
    expect(rows[1]?.failedAt).toEqual([1_010]);
  });

  it('moves what starts before its cause to the cause', () => {
    const tree = buildTraceTree([event(1, 1_000), event(2, 990, { jobId: 'j1', causationId: 'e1' })], [job([attempt(1, 996, 998)], { publishedMs: 995, enqueuedMs: 995 })]);
    const rows = placeNodes(tree, none, 2_000);
    expect(rows[0]?.at).toBe(1_000);
    for (const bar of rows[1]?.bars ?? []) expect(bar.from).toBeGreaterThanOrEqual(1_000);
    expect(rows[2]?.at).toBeGreaterThanOrEqual(1_000);
  });

  it('lets open bars grow with the clock', () => {
    const waiting = placeNodes(buildTraceTree([event(1, 1_000)], [job([], { state: 'waiting' })]), none, 4_000);
    expect(waiting[1]?.bars).toMatchObject([{ kind: 'waiting', from: 1_000, to: 4_000 }]);
    const running = placeNodes(buildTraceTree([event(1, 1_000)], [job([attempt(1, 1_002, null, 'running')], { state: 'running' })]), none, 4_000);
    expect(running[1]?.bars.at(-1)).toMatchObject({ kind: 'running', to: 4_000 });
  });

  it('counts a redriven job from its redrive', () => {
    const rows = placeNodes(buildTraceTree([], [job([attempt(1, 900_005, 900_010)], { redriveOf: 'dead', enqueuedMs: 900_000 })]), none, 1e6);
    expect(rows[1]?.bars[0]).toMatchObject({ from: 900_000 });
  });

  it('hides what is collapsed and knows where guides run on', () => {
    const events = [event(1, 1_000), event(2, 1_010, { causationId: 'e1' }), event(3, 1_020, { causationId: 'e2' }), event(4, 1_030, { causationId: 'e1' })];
    const all = placeNodes(buildTraceTree(events, []), none, 2_000);
    expect(all.map(({ key, last, guides }) => [key, last, guides])).toEqual([
      ['event:e1', true, []], ['event:e2', false, []], ['event:e3', true, [true]], ['event:e4', true, []],
    ]);
    expect(placeNodes(buildTraceTree(events, []), new Set(['event:e2']), 2_000)).toHaveLength(3);
  });

  it('takes a chain of thousands', () => {
    const chain = Array.from({ length: 2_000 }, (_, n) => event(n + 1, 1_000 + n, n === 0 ? {} : { causationId: `e${n}` }));
    expect(placeNodes(buildTraceTree(chain, []), none, 1e6)).toHaveLength(2_000);
  });
});

describe('timeScale', () => {
  const rows = placeNodes(
    buildTraceTree([event(1, 1_000)], [job([attempt(1, 1_010, 1_100, 'failed'), attempt(2, 3_601_100, 3_601_200)])]), none, 4e6,
  );

  it('is a straight line when nothing is folded', () => {
    const scale = timeScale(rows, false);
    expect(scale.stretches).toHaveLength(1);
    expect(scale.at(1_000)).toBe(0);
    expect(scale.at(scale.to)).toBe(1);
    expect(scale.at((scale.from + scale.to) / 2)).toBeCloseTo(0.5);
  });

  it('folds a long wait and keeps the order of moments', () => {
    const scale = timeScale(rows, true);
    const fold = scale.stretches.find(({ folded }) => folded);
    expect(fold).toMatchObject({ from: 1_100, to: 3_601_100 });
    expect((fold?.right ?? 0) - (fold?.left ?? 0)).toBeCloseTo(0.12);
    const moments = [1_000, 1_010, 1_100, 1_800_000, 3_601_100, 3_601_200].map(scale.at);
    expect([...moments].sort((a, b) => a - b)).toEqual(moments);
    expect(moments.at(-1)).toBeCloseTo(1);
  });

  it('ticks are round and lie outside of folds', () => {
    const scale = timeScale(rows, true);
    const marks = ticks(scale);
    expect(marks.length).toBeGreaterThan(1);
    for (const { offset } of marks) {
      const moment = scale.from + offset;
      expect(scale.stretches.some((stretch) => !stretch.folded && moment >= stretch.from && moment <= stretch.to)).toBe(true);
    }
  });

  it('a single moment has a scale, too', () => {
    const scale = timeScale(placeNodes(buildTraceTree([event(1, 5)], []), none, 10), true);
    expect(scale.at(5)).toBe(0);
    expect(ticks(scale)).toEqual([{ offset: 0, left: 0 }]);
  });
});
