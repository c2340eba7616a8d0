import { describe, expect, test } from 'vitest';
import { compareTraces } from '../../shared/compare-traces.ts';
import { timeTrace } from '../../shared/timed-trace.ts';
import { buildTraceTree } from '../../shared/trace-tree.ts';
import { attempt, event, job } from '../../tests/support/trace-arbitraries.ts';
import { backendUrl } from './backend-url.ts';
import { differenceWords } from './compare-words.ts';
import { suggestTraceQueries } from './suggest-queries.ts';
import { tracePicture } from './trace-svg.ts';
import { shownRows, timeScale } from './waterfall.ts';

const traced = (runMs: number, more: ReturnType<typeof event>[] = []) => timeTrace(buildTraceTree([event('e1', 1, 1_000), ...more], [job('j1', 1, 'e1', 1_000, { attemptList: [attempt('j1', 1, 1_001, 1_001 + runMs)] })]), 9_000);

describe('the difference of two traces in words', () => {
  const extra = event('e2', 2, 1_005, { causationId: 'e1', eventType: 'rule.Matched' });
  test.each([
    [traced(10), traced(10), 'Both took the same time. Both have the same nodes.'],
    [traced(10), traced(2_010), 'B took 2 s longer, mostly SomeJob (+2 s). Both have the same nodes.'],
    [traced(2_010), traced(10), 'B took 2 s less, mostly SomeJob (−2 s). Both have the same nodes.'],
    [traced(10, [extra]), traced(10), 'Both took the same time. It lacks 1 node.'],
    [traced(10), traced(10, [extra]), 'Both took the same time. It has 1 node more.'],
  ])('%#', (a, b, words) => expect(differenceWords(compareTraces(a, b))).toBe(words));
});

test('offers for the word that is being written', () => {
  const known = { types: ['communication.CallStarted', 'rule.ConditionMatched'], sources: ['pbx'], jobTypes: ['SendOutgoingMessageJob'] };
  expect(suggestTraceQueries('source:pbx call', known)).toEqual(['source:pbx type:communication.CallStarted']);
  expect(suggestTraceQueries('took', known)).toEqual(['took:', 'took:>1s', 'took:>10s']);
  expect(suggestTraceQueries('"call', known)).toEqual([]);
  expect(suggestTraceQueries('', known)).toEqual([]);
});

test('the address in the tracing tool; none without a template, or without the trace id that it asks for', () => {
  const trace = { correlationId: '7f3a12bc-1111-4222-8333-444455556666', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
  expect(backendUrl('https://jaeger.example/trace/{traceId}', trace)).toBe('https://jaeger.example/trace/0af7651916cd43dd8448eb211c80319c');
  expect(backendUrl('https://x.example/?q={correlationId}', { ...trace, traceparent: null })).toBe('https://x.example/?q=7f3a12bc-1111-4222-8333-444455556666');
  expect(backendUrl('https://jaeger.example/trace/{traceId}', { ...trace, traceparent: null })).toBeNull();
  expect(backendUrl(null, trace)).toBeNull();
});

test('a picture is well-formed whatever the names are', () => {
  const trace = timeTrace(buildTraceTree([event('e1', 1, 1_000, { eventType: 'data.<b>&"x"' })], [job('j1', 1, 'e1', 1_000, { attemptList: [attempt('j1', 1, 1_001, 1_002, 'failed'), attempt('j1', 2, 61_001, 61_020)] })]), 99_000);
  const colours = { surface: '#fff', text: '#000', quiet: '#666', border: '#ddd', waiting: '#ccc', running: '#00f', failed: '#f00', retrying: '#fa0', critical: '#c40' };
  const { svg, height } = tracePicture(shownRows(trace, new Set(), { text: '', trouble: false, critical: null }).rows, timeScale(trace, true), new Set([0, 1]), 'A & B', colours);
  expect(svg).toContain('data.&lt;b&gt;&amp;&quot;x&quot;');
  expect(svg).toContain('╱╱ 60 s ╱╱'.replace('60 s', '1 min'));
  expect(height).toBe(64 + 2 * 24 + 16);
  // Every element is closed, in its turn.
  const open: string[] = [];
  for (const [, closing, name = '', selfClosed] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (closing) expect(open.pop()).toBe(name);
    else if (!selfClosed) open.push(name);
  }
  expect(open).toEqual([]);
});
