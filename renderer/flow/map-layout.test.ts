import { expect, test } from 'vitest';
import type { FlowMap } from '../../shared/operator-api/index.ts';
import { arrowsOf, placeNodes, shapeOf } from './map-layout.ts';

type Edge = FlowMap['edges'][number];
const edge = (kind: Edge['kind'], from: string, to: string, count = 1, failed = 0): Edge => ({ kind, from, to, count, failed, ms: null });
const STORY = [edge('publishes', 'pbx', 'communication.CallStarted', 5), edge('triggers', 'communication.CallStarted', 'RunRuleEngineJob', 5, 1), edge('emits', 'RunRuleEngineJob', 'rule.ActionTriggered', 2)];

test('boxes stand from cause to effect', () => {
  const arrows = arrowsOf(STORY);
  expect(arrows.map(({ id }) => id)).toEqual(['source:pbx>event:communication.CallStarted', 'event:communication.CallStarted>job:RunRuleEngineJob', 'job:RunRuleEngineJob>event:rule.ActionTriggered']);
  const xs = new Map(placeNodes(arrows).nodes.map(({ id, x }) => [id, x]));
  expect(arrows.every(({ source, target }) => (xs.get(source) ?? 0) < (xs.get(target) ?? 0))).toBe(true);
});

test('many sources stand together, and none of their events is lost', () => {
  const arrows = arrowsOf(Array.from({ length: 40 }, (_, i) => edge('publishes', `s${i}`, 'a.B', i + 1)));
  expect(arrows).toHaveLength(12);
  expect(arrows.reduce((sum, { count }) => sum + count, 0)).toBe(820);
  expect(arrows.some(({ source }) => source === 'source:…')).toBe(true);
});

test('other counts do not move anything', () => {
  expect(shapeOf(arrowsOf(STORY))).toBe(shapeOf(arrowsOf(STORY.map((each) => ({ ...each, count: each.count * 7 })))));
});
test('a circle is drawn as well', () => {
  expect(placeNodes(arrowsOf([...STORY, edge('triggers', 'rule.ActionTriggered', 'RunRuleEngineJob')])).nodes).toHaveLength(4);
});
