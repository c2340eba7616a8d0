import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareTraces } from './compare-traces.ts';
import { criticalPath } from './critical-path.ts';
import type { AttemptRow, EventRow, JobWithAttempts } from './operator-api/index.ts';
import { packLineage, unpackLineage } from './packed-trace.ts';
import { type TimedNode, timeTrace } from './timed-trace.ts';
import { buildTraceTree } from './trace-tree.ts';
import { attempt, event, job, type Lineage, lineages } from '../tests/support/trace-arbitraries.ts';

const timed = ({ events, jobs }: Lineage, now = 10_000) => timeTrace(buildTraceTree(events, jobs), now);
const bars = (node: TimedNode | undefined): unknown[] => node?.bars.map(({ kind, from, to }) => [kind, from, to]) ?? [];

describe('a trace in time', () => {
  test('waiting, a failed attempt, the wait before the next, and the one that went well', () => {
    const { nodes } = timed({ events: [event('e1', 1, 1_000)], jobs: [job('j1', 1, 'e1', 1_000, { attemptList: [attempt('j1', 1, 1_003, 1_010, 'failed'), attempt('j1', 2, 3_000, 3_020)] })] });
    expect(bars(nodes[1])).toEqual([['waiting', 1_000, 1_003], ['failed', 1_003, 1_010], ['backoff', 1_010, 3_000], ['done', 3_000, 3_020]]);
    expect(nodes[1]).toMatchObject({ waitMs: 3, runMs: 27, backoffMs: 1_990, failedAt: [1_010], trouble: 'failed', begins: 1_000, ends: 3_020 });
    expect(nodes[0]).toMatchObject({ failedBelow: 1, brokenBelow: 0, below: 1, endsWithAll: 3_020 });
  });

  test('what starts before its cause is moved to it, and says by how much', () => {
    const { nodes } = timed({ events: [event('e1', 1, 1_000), event('e2', 2, 990, { jobId: 'j1', causationId: 'e1' })], jobs: [job('j1', 1, 'e1', 1_000, { attemptList: [attempt('j1', 1, 996, 998)] })] });
    const [, second, third] = nodes;
    for (const { from } of second?.bars ?? []) expect(from).toBeGreaterThanOrEqual(1_000);
    expect(third).toMatchObject({ at: 1_000, skewMs: 10 });
    // Nothing is drawn at 990, so the axis does not begin there.
    expect(timed({ events: [event('e1', 1, 1_000), event('e2', 2, 990, { causationId: 'e1' })], jobs: [] })).toMatchObject({ from: 1_000, to: 1_000 });
  });

  test('an event’s way from its job to the bus is told apart', () => {
    const { nodes } = timed({ events: [event('e1', 1, 1_000), event('e2', 2, 1_050, { jobId: 'j1', causationId: 'e1' })], jobs: [job('j1', 1, 'e1', 1_000, { attemptList: [attempt('j1', 1, 1_010, 1_020)] })] });
    expect(bars(nodes[2])).toEqual([['relay', 1_020, 1_050]]);
  });

  test('open bars grow with the clock; a redriven job counts from its redrive', () => {
    const waiting = timed({ events: [event('e1', 1, 1_000)], jobs: [job('j1', 1, 'e1', 1_000, { state: 'waiting' })] }, 4_000);
    expect(bars(waiting.nodes[1])).toEqual([['waiting', 1_000, 4_000]]);
    const running = timed({ events: [event('e1', 1, 1_000)], jobs: [job('j1', 1, 'e1', 1_000, { state: 'running', attemptList: [attempt('j1', 1, 1_002, null, 'running')] })] }, 4_000);
    expect(bars(running.nodes[1]).at(-1)).toEqual(['running', 1_002, 4_000]);
    const redriven = timed({ events: [], jobs: [job('j1', 1, 'e1', 900_000, { redriveOf: 'dead', publishedMs: 1_000, attemptList: [attempt('j1', 1, 900_005, 900_010)] })] }, 1e6);
    expect(redriven.nodes[1]).toMatchObject({ begins: 900_000 });
  });

  test('trouble bubbles up: dead letters and messages set aside as broken, gaps as unknown', () => {
    const dead = job('j1', 1, 'e1', 1_000, { state: 'dead', attemptList: [attempt('j1', 1, 1_001, 1_002, 'dead')] });
    const aside = { seq: 9, storedMs: 1_500, subject: 'data.Thing', reason: 'bad-payload', problem: 'x', eventId: 'e9', causationId: 'e1', jobId: null };
    const { nodes } = timeTrace(buildTraceTree([event('e1', 1, 1_000), event('e2', 2, 1_600, { causationId: 'e9' })], [dead], [aside]), 2_000);
    expect(nodes.map(({ key, parent, trouble }) => [key, parent, trouble])).toEqual([['event:e1', -1, null], ['set-aside:9', 0, 'broken'], ['event:e2', 1, null], ['job:j1', 0, 'broken']]);
    expect(nodes[0]).toMatchObject({ brokenBelow: 2 });
    expect(timed({ events: [event('e3', 3, 1_000, { causationId: 'lost' })], jobs: [] }).nodes[0]).toMatchObject({ key: 'gap:lost', trouble: 'unknown' });
  });

  test('for any lineage: nobody begins before its cause, sums are those of the rows below, bars lie end to end', () => {
    fc.assert(
      fc.property(lineages(), (lineage) => {
        const { nodes, from, to } = timed(lineage, 5_000);
        for (const node of nodes) {
          const cause = nodes[node.parent];
          if (cause) expect(node.begins).toBeGreaterThanOrEqual(cause.begins);
          const below = nodes.slice(node.index + 1, node.index + 1 + node.below);
          expect(below.every(({ depth }) => depth > node.depth)).toBe(true);
          expect(nodes[node.index + 1 + node.below]?.depth ?? -1).toBeLessThanOrEqual(node.depth);
          expect(node.brokenBelow).toBe(below.filter(({ trouble }) => trouble === 'broken').length);
          expect(node.endsWithAll).toBe(Math.max(node.ends, ...below.map(({ ends }) => ends)));
          if (node.node.kind === 'job') for (const [at, bar] of node.bars.entries()) expect(bar.from).toBe(at === 0 ? bar.from : node.bars[at - 1]?.to);
        }
        expect(from).toBe(nodes.length === 0 ? from : Math.min(...nodes.map(({ begins }) => begins)));
        expect(to).toBe(nodes.length === 0 ? to : Math.max(...nodes.map(({ ends }) => ends)));
      }),
      { numRuns: 300 },
    );
  });

  test('late arrivals and any order of rows lead to the same trace', () => {
    fc.assert(
      fc.property(lineages().chain((lineage) => fc.tuple(fc.constant(lineage), fc.shuffledSubarray(lineage.events, { minLength: lineage.events.length }), fc.shuffledSubarray(lineage.jobs, { minLength: lineage.jobs.length }))), ([lineage, events, jobs]) => {
        expect(timed({ events, jobs }).nodes.map(({ key, parent, begins, ends }) => [key, parent, begins, ends])).toEqual(timed(lineage).nodes.map(({ key, parent, begins, ends }) => [key, parent, begins, ends]));
      }),
      { numRuns: 200 },
    );
  });

  test('a chain of 50,000 does not overflow', () => {
    const events = Array.from({ length: 50_000 }, (_, n) => event(`e${n}`, n, 1_000 + n, { causationId: n === 0 ? null : `e${n - 1}` }));
    const trace = timed({ events, jobs: [] });
    expect(trace.nodes[0]).toMatchObject({ below: 49_999 });
    expect(criticalPath(trace)?.path).toHaveLength(50_000);
  });
});

/** All chains from a root to a node, one after the other, and the one that ends last: what the walk up must come to as well. */
function bruteForce(nodes: readonly TimedNode[]): { path: number[]; ends: number } | null {
  let best: { path: number[]; ends: number } | null = null;
  const follow = (node: TimedNode, before: readonly number[]): void => {
    const path = [...before, node.index];
    if (best === null || node.ends > best.ends) best = { path, ends: node.ends };
    for (const child of nodes) if (child.parent === node.index) follow(child, path);
  };
  for (const root of nodes) if (root.parent < 0) follow(root, []);
  return best;
}

describe('the critical path', () => {
  test('equals the one found by trying all, for any lineage; its segments tile it from beginning to end', () => {
    fc.assert(
      fc.property(lineages(), (lineage) => {
        const trace = timed(lineage, 5_000);
        const found = criticalPath(trace);
        const expected = bruteForce(trace.nodes);
        expect(found?.path ?? null).toEqual(expected?.path ?? null);
        if (!found || !expected) return;
        const root = trace.nodes[found.path[0] ?? -1];
        let at = root?.begins ?? Number.NaN;
        for (const { from, to, node } of found.segments) {
          expect(from).toBe(at);
          expect(to).toBeGreaterThan(from);
          expect(found.path).toContain(node);
          at = to;
        }
        expect(at).toBe(expected.ends);
        expect(found.totalMs).toBe(expected.ends - (root?.begins ?? 0));
        expect(Object.values(found.byKind).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(found.totalMs, 6);
      }),
      { numRuns: 500 },
    );
  });

  test('says what kind of time it was: waiting, running, retries, the way to the bus, a person’s decision', () => {
    const first = job('j1', 1, 'e1', 1_000, { state: 'redriven', attemptList: [attempt('j1', 1, 1_010, 1_020, 'failed'), attempt('j1', 2, 1_100, 1_110, 'dead')] });
    const again = job('j2', 2, 'e1', 5_110, { redriveOf: 'j1', attemptList: [attempt('j2', 1, 5_120, 5_140)] });
    const sent = event('e2', 2, 5_145, { jobId: 'j2', causationId: 'e1' });
    expect(criticalPath(timed({ events: [event('e1', 1, 1_000), sent], jobs: [first, again] }))?.byKind).toEqual({ waiting: 20, running: 40, backoff: 80, relay: 5, decision: 4_000, idle: 0 });
  });
});

describe('comparing', () => {
  test('every node of both stands in one row, for any two; a trace compared with itself has no differences; swapped, they are turned round', () => {
    fc.assert(
      fc.property(lineages(), lineages(), (one, other) => {
        const [a, b] = [timed(one), timed(other)];
        const { rows, both, onlyA, onlyB, totalDelta } = compareTraces(a, b);
        expect(rows.flatMap((row) => (row.a ? [row.a.key] : [])).toSorted()).toEqual(a.nodes.map(({ key }) => key).toSorted());
        expect(rows.flatMap((row) => (row.b ? [row.b.key] : [])).toSorted()).toEqual(b.nodes.map(({ key }) => key).toSorted());
        expect([both + onlyA, both + onlyB]).toEqual([a.nodes.length, b.nodes.length]);
        const turned = compareTraces(b, a);
        expect([turned.onlyA, turned.onlyB, turned.totalDelta + totalDelta]).toEqual([onlyB, onlyA, 0]);
        const same = compareTraces(a, a);
        expect(same).toMatchObject({ onlyA: 0, onlyB: 0 });
        expect(same.rows.every(({ tookDelta, runDelta, waitDelta }) => tookDelta === 0 && runDelta === 0 && waitDelta === 0)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('what is missing and what is slower, in the order of the tree', () => {
    const call = event('e1', 1, 1_000);
    const rules = (id: string, runMs: number): JobWithAttempts => job(id, 1, 'e1', 1_000, { jobType: 'RunRuleEngineJob', attemptList: [attempt(id, 1, 1_001, 1_001 + runMs)] });
    const a = timed({ events: [call, event('e2', 2, 1_020, { eventType: 'rule.ConditionMatched', jobId: 'j1' })], jobs: [rules('j1', 5)] });
    const b = timed({ events: [call], jobs: [rules('j9', 105), job('j8', 2, 'e1', 1_000, { jobType: 'GreetJob' })] });
    expect(compareTraces(a, b).rows.map(({ name, a: left, b: right, runDelta }) => [name, left !== null, right !== null, runDelta])).toEqual([
      ['data.Thing', true, true, 0], ['RunRuleEngineJob', true, true, 100], ['rule.ConditionMatched', true, false, null], ['GreetJob', false, true, null],
    ]);
  });
});

test('packed and unpacked, a lineage is the same but for what lists don’t show', () => {
  const plain = (attempts: readonly AttemptRow[]): AttemptRow[] => attempts.map((row) => ({ ...row, errorStack: null })).sort((x, y) => x.attempt - y.attempt);
  fc.assert(
    fc.property(lineages(), ({ events, jobs }) => {
      const back = unpackLineage(packLineage({ events, jobs }));
      expect(back.events).toEqual(events.map((row): EventRow => ({ ...row, summary: '' })));
      expect(back.jobs.map((row) => ({ ...row, attemptList: plain(row.attemptList) }))).toEqual(jobs.map((row) => ({ ...row, attemptList: plain(row.attemptList) })));
    }),
    { numRuns: 200 },
  );
});
