import { describe, expect, it } from 'vitest';
import { timeTrace } from '../../shared/timed-trace.ts';
import { buildTraceTree } from '../../shared/trace-tree.ts';
import { attempt, event, job } from '../../tests/support/trace-arbitraries.ts';
import { graphBoxes } from './graph-groups.ts';
import { shownRows, ticks, timeScale } from './waterfall.ts';

const NO_FILTER = { text: '', trouble: false, critical: null };
const none = new Set<string>();

describe('timeScale', () => {
  const trace = timeTrace(buildTraceTree([event('e1', 1, 1_000)], [job('j1', 1, 'e1', 1_000, { attemptList: [attempt('j1', 1, 1_010, 1_100, 'failed'), attempt('j1', 2, 3_601_100, 3_601_200)] })]), 4e6);

  it('is a straight line when nothing is folded', () => {
    const scale = timeScale(trace, false);
    expect(scale.stretches).toHaveLength(1);
    expect(scale.at(1_000)).toBe(0);
    expect(scale.at(scale.to)).toBe(1);
    expect(scale.at((scale.from + scale.to) / 2)).toBeCloseTo(0.5);
  });

  it('folds a long wait and keeps the order of moments', () => {
    const scale = timeScale(trace, true);
    const fold = scale.stretches.find(({ folded }) => folded);
    expect(fold).toMatchObject({ from: 1_100, to: 3_601_100 });
    expect((fold?.right ?? 0) - (fold?.left ?? 0)).toBeCloseTo(0.12);
    const moments = [1_000, 1_010, 1_100, 1_800_000, 3_601_100, 3_601_200].map(scale.at);
    expect([...moments].sort((a, b) => a - b)).toEqual(moments);
    expect(moments.at(-1)).toBeCloseTo(1);
  });

  it('opens one fold by itself, and knows that it can be folded again', () => {
    const scale = timeScale(trace, true, new Set([1_100]));
    expect(scale.stretches.filter(({ idle }) => idle)).toMatchObject([{ from: 1_100, folded: false }]);
    expect(scale.at(1_801_100)).toBeCloseTo(0.5, 1);
  });

  it('ticks are round and lie outside of folds', () => {
    const scale = timeScale(trace, true);
    const marks = ticks(scale);
    expect(marks.length).toBeGreaterThan(1);
    for (const { offset } of marks) expect(scale.stretches.some((stretch) => !stretch.folded && scale.from + offset >= stretch.from && scale.from + offset <= stretch.to)).toBe(true);
  });

  it('a single moment has a scale, too', () => {
    const scale = timeScale(timeTrace(buildTraceTree([event('e1', 1, 5)], []), 10), true);
    expect(scale.at(5)).toBe(0);
    expect(ticks(scale)).toEqual([{ offset: 0, left: 0 }]);
  });
});

describe('shownRows', () => {
  const trace = timeTrace(
    buildTraceTree(
      [event('e1', 1, 1_000), event('e2', 2, 1_010, { causationId: 'e1', eventType: 'rule.Matched' }), event('e3', 3, 1_020, { causationId: 'e2' }), event('e4', 4, 1_030, { causationId: 'e1', source: 'crm' })],
      [job('j1', 1, 'e4', 1_040, { state: 'dead', lastError: 'TypeError: fetch failed', attemptList: [attempt('j1', 1, 1_041, 1_050, 'dead')] })],
    ), 2_000,
  );
  const keys = (closed: ReadonlySet<string>, filter = NO_FILTER): string[] => shownRows(trace, closed, filter).rows.map(({ node, context, hidden }) => `${node.key}${context ? ' (context)' : ''}${hidden > 0 ? ` +${hidden}` : ''}`);

  it('hides what is below a closed branch and counts it', () => {
    expect(keys(none)).toEqual(['event:e1', 'event:e2', 'event:e3', 'event:e4', 'job:j1']);
    expect(keys(new Set(['event:e2']))).toEqual(['event:e1', 'event:e2 +1', 'event:e4', 'job:j1']);
  });

  it('a filter hides the rest but for what leads to what was found, also in closed branches', () => {
    expect(keys(none, { ...NO_FILTER, text: 'rule.' })).toEqual(['event:e1 (context)', 'event:e2']);
    expect(keys(new Set(['event:e4']), { ...NO_FILTER, text: 'fetch FAILED' })).toEqual(['event:e1 (context)', 'event:e4 (context)', 'job:j1']);
    expect(keys(none, { ...NO_FILTER, text: 'crm' })).toEqual(['event:e1 (context)', 'event:e4']);
    expect(keys(none, { ...NO_FILTER, trouble: true })).toEqual(['event:e1 (context)', 'event:e4 (context)', 'job:j1']);
    expect(keys(none, { ...NO_FILTER, text: 'nowhere' })).toEqual([]);
    expect(shownRows(trace, none, { ...NO_FILTER, text: 'data.thing' }).wanted).toBe(3);
  });
});

describe('graphBoxes', () => {
  const fan = timeTrace(buildTraceTree(
    [event('root', 1, 1_000), ...Array.from({ length: 200 }, (_, n) => event(`e${n}`, n + 2, 1_010 + n, { causationId: 'root', eventType: n % 2 === 0 ? 'data.Even' : 'data.Odd' }))],
    Array.from({ length: 200 }, (_, n) => job(`j${n}`, n + 1, `e${n}`, 1_300 + n, { attemptList: [attempt(`j${n}`, 1, 1_301 + n, 1_302 + n, n === 3 ? 'dead' : 'completed')], state: n === 3 ? 'dead' : 'completed' })),
  ), 2_000);

  it('is the tree itself while it can be looked at', () => {
    expect(graphBoxes(fan, new Set(), 1_000)).toMatchObject({ together: false, boxes: { length: 401 } });
  });

  it('puts siblings of one kind together, and what follows from them as well', () => {
    const { boxes, together } = graphBoxes(fan, new Set([0]));
    expect(together).toBe(true);
    expect(boxes.map(({ id, parent, count, broken }) => [id, parent, count, broken])).toEqual([
      ['event:root', null, 1, 0], ['event:e0', 'event:root', 100, 0], ['job:j0', 'event:e0', 100, 0], ['event:e1', 'event:root', 100, 0], ['job:j1', 'event:e1', 100, 1],
    ]);
  });
});
