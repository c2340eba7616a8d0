import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventRow, JobWithAttempts } from './operator-api/index.ts';
import { buildTraceTree, flattenTraceTree, type TraceNode } from './trace-tree.ts';

const event = (seq: number, id: string, links: Partial<EventRow> = {}): EventRow => ({
  seq, eventId: id, eventType: 'data.Thing', eventVersion: '1.0', domain: 'data', source: 's', timestampMs: 0, storedMs: 0, correlationId: 'c', causationId: null, jobId: null, verdict: 'valid', summary: '', ...links,
});
const job = (ledgerId: number, id: string, trigger: string, links: Partial<JobWithAttempts> = {}): JobWithAttempts => ({
  jobId: id, jobType: 'J', queue: 'realtime', tier: 'realtime', state: 'completed', priority: 0, correlationId: 'c', triggeringEventId: trigger, parentJobId: null, redriveOf: null, replayOf: null, ledgerId,
  publishedMs: 0, enqueuedMs: 0, startedMs: null, finishedMs: null, retryAtMs: null, attempts: 0, lastError: null, attemptList: [], ...links,
});
const shape = (nodes: readonly TraceNode[]): unknown[] => nodes.map((node) => (node.children.length > 0 ? [`${node.kind} ${node.id}`, ...shape(node.children)] : `${node.kind} ${node.id}`));

describe('trace tree', () => {
  test('event → job → events → job → event, whatever order the rows come in', () => {
    const events = [event(1, 'call'), event(2, 'matched', { causationId: 'call', jobId: 'rules' }), event(3, 'action', { causationId: 'call', jobId: 'rules' }), event(4, 'sent', { causationId: 'action', jobId: 'send' })];
    const jobs = [job(1, 'rules', 'call'), job(2, 'send', 'action')];
    const expected = [['event call', ['job rules', 'event matched', ['event action', ['job send', 'event sent']]]]];
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: 4 }), fc.shuffledSubarray(jobs, { minLength: 2 }), (someEvents, someJobs) => {
        expect(shape(buildTraceTree(someEvents, someJobs))).toEqual(expected);
      }),
    );
  });

  test('a job handed on hangs under the job, a redrive under its dead letter', () => {
    const tree = buildTraceTree([event(1, 'data')], [job(1, 'map', 'data'), job(2, 'write', 'data', { parentJobId: 'map' }), job(3, 'again', 'data', { redriveOf: 'map' })]);
    expect(shape(tree)).toEqual([['event data', ['job map', 'job write', 'job again']]]);
  });

  test('a parent that is not known is a gap; when it arrives the tree is mended', () => {
    const late = event(5, 'late', { causationId: 'lost', jobId: 'worker' });
    expect(shape(buildTraceTree([late], []))).toEqual([['gap worker', 'event late']]);
    expect(shape(buildTraceTree([late, event(1, 'lost')], [job(1, 'worker', 'lost')]))).toEqual([['event lost', ['job worker', 'event late']]]);
  });

  test('a cycle is cut and marked, and nothing is lost', () => {
    const tree = buildTraceTree([event(1, 'a', { causationId: 'b' }), event(2, 'b', { causationId: 'a' })], []);
    const rows = flattenTraceTree(tree);
    expect(rows.map(({ node }) => node.id).sort()).toEqual(['a', 'b']);
    expect(rows.some(({ node }) => node.cycle)).toBe(true);
  });

  test('every row given appears exactly once, for any links at all', () => {
    const id = fc.integer({ min: 0, max: 12 }).map(String);
    const link = fc.option(id, { nil: null });
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(id, link, link), { selector: ([own]) => own }), fc.uniqueArray(fc.tuple(id, id, link, link), { selector: ([own]) => own }), (someEvents, someJobs) => {
        const events = someEvents.map(([own, causationId, jobId], seq) => event(seq, own, { causationId, jobId }));
        const jobs = someJobs.map(([own, trigger, parentJobId, redriveOf], ledgerId) => job(ledgerId, own, trigger, { parentJobId, redriveOf }));
        const rows = flattenTraceTree(buildTraceTree(events, jobs)).map(({ node }) => node).filter(({ kind }) => kind !== 'gap');
        const seen = rows.map(({ kind, id: own }) => `${kind} ${own}`).sort();
        expect(seen).toEqual([...events.map((row) => `event ${row.eventId}`), ...jobs.map((row) => `job ${row.jobId}`)].sort());
      }),
      { numRuns: 500 },
    );
  });

  test('a chain of 50,000 does not overflow', () => {
    const events = Array.from({ length: 50_000 }, (_, i) => event(i, `e${i}`, { causationId: i === 0 ? null : `e${i - 1}` }));
    expect(flattenTraceTree(buildTraceTree(events, [])).at(-1)).toMatchObject({ depth: 49_999 });
  });
});
