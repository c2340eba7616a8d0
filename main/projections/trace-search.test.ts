/** The search and the text index on a read model that the projection's own writer filled. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Filled, fillProjection } from '../../bench/fill-projection.ts';
import { packLineage } from '../../shared/packed-trace.ts';
import { asksForPayload, payloadTokens, tokensOf } from '../../shared/payload-query.ts';
import { parseTraceQuery } from '../../shared/trace-query.ts';
import type { ProjectionQueries } from './projection-queries.ts';
import { openForReading } from './projection-store.ts';
import { TextIndex } from './text-index.ts';
import type { FoundTraces, TraceSearch } from './trace-search.ts';

const folder = mkdtempSync(join(tmpdir(), 'spine-search-'));
const file = join(folder, 'lineage.sqlite');
let filled: Filled;
let queries: ProjectionQueries;
let search: TraceSearch;
let index: TextIndex;
const closing: (() => void)[] = [];

beforeAll(() => {
  filled = fillProjection(file, { events: 12_000, large: [400], endMs: Date.UTC(2026, 10, 24) });
  const opened = openForReading(file);
  ({ queries, search } = opened);
  index = new TextIndex(file, `${file}.text`);
  while (index.advance(500));
  closing.push(opened.close, () => index.close());
});
afterAll(() => {
  for (const close of closing) close();
  rmSync(folder, { recursive: true, force: true });
});

function find(line: string, order: 'recent' | 'slowest' = 'recent', limit = 10_000): FoundTraces {
  const { query, problem } = parseTraceQuery(line, Date.UTC(2026, 10, 24));
  if (!query) throw new Error(problem);
  const tokens = asksForPayload(query) ? payloadTokens(query) : null;
  const byName = query.error === undefined || search.find({ error: query.error }, { order, limit: 1, textSeqs: null, failureIds: null }).traces.length > 0;
  return search.find(query, { order, limit, textSeqs: tokens === null ? null : index.events(tokens, 100_000).ids, failureIds: byName ? null : index.failures(tokensOf(query.error ?? ''), 100_000) });
}
/** All traces that hold, found by reading every one of them. */
function expected(fits: (trace: ReturnType<ProjectionQueries['trace']>, bodies: () => string[]) => boolean): string[] {
  const all = queries.recentTraces('all', null, 100_000);
  return all.flatMap(({ correlationId }) => (fits(queries.trace(correlationId), () => queries.bodies(correlationId, ['communication.CallStarted', 'connector.DataReceived', 'connector.SyncRequested'], 1_000).map(({ body }) => body)) ? [correlationId] : [])).toSorted();
}
const ids = (line: string): string[] => find(line).traces.map(({ correlationId }) => correlationId).toSorted();

describe('finds what reading everything finds', () => {
  test.each<[string, (trace: ReturnType<ProjectionQueries['trace']>, bodies: () => string[]) => boolean]>([
    ['type:rule.*', ({ events }) => events.some(({ eventType }) => eventType.startsWith('rule.'))],
    ['type:data.EntityUpdated', ({ events }) => events.some(({ eventType }) => eventType === 'data.EntityUpdated')],
    ['job:Send*', ({ jobs }) => jobs.some(({ jobType }) => jobType.startsWith('Send'))],
    ['source:connector.crm job:IndexDocumentJob', ({ events, jobs }) => events.some(({ source }) => source === 'connector.crm') && jobs.some(({ jobType }) => jobType === 'IndexDocumentJob')],
    ['error:TypeError', ({ jobs }) => jobs.some(({ attemptList }) => attemptList.some(({ errorName }) => errorName === 'TypeError'))],
    ['error:"being restarted"', ({ jobs }) => jobs.some(({ attemptList }) => attemptList.some(({ errorMessage }) => errorMessage?.includes('is being restarted')))],
    ['state:dead', ({ jobs }) => jobs.some(({ state }) => state === 'dead')],
    ['state:failed source:pbx', ({ jobs, events }) => jobs.some(({ attemptList }) => attemptList.some(({ errorName }) => errorName !== null)) && events.some(({ source }) => source === 'pbx')],
    ['data.customer.tier:vip', (_, bodies) => bodies().some((body) => (JSON.parse(body) as { data: { customer?: { tier?: string } } }).data.customer?.tier === 'vip')],
    ['"Ada Lovelace" data.record.city:Berlin', (_, bodies) => bodies().some((body) => body.includes('Ada Lovelace') && (JSON.parse(body) as { data: { record?: { city?: string } } }).data.record?.city === 'Berlin')],
    ['took:>5s', ({ events, jobs }) => Math.max(...events.map(({ storedMs }) => storedMs), ...jobs.map(({ finishedMs }) => finishedMs ?? 0)) - Math.min(...events.map(({ storedMs }) => storedMs)) >= 5_000],
  ])('%s', (line, fits) => {
    const wanted = expected(fits);
    expect(wanted.length).toBeGreaterThan(0);
    expect(ids(line)).toEqual(wanted);
    expect(find(line).complete).toBe(true);
  });
});

test('by any id, whole or its beginning; words out of order are not the text that was asked for', () => {
  const [known = ''] = filled.small;
  const trace = queries.trace(known);
  for (const [id, matched] of [[known, 'correlation'], [known.slice(0, 8), 'correlation'], [trace.events.at(-1)?.eventId ?? '', trace.events.length > 1 ? 'event' : 'correlation'], [trace.jobs[0]?.jobId ?? '', 'job'], [trace.jobs[0]?.jobId.slice(0, 13) ?? '', 'job']] as const) {
    expect(find(id)).toMatchObject({ matched, traces: [{ correlationId: known }] });
  }
  expect(find('"Lovelace Ada"').traces).toEqual([]);
  expect(find(filled.rareWord).traces).toHaveLength(1);
  expect(find('00000000-0000-4000-8000-000000000000').matched).toBe('none');
});

test('the latest first, or the slowest; a limit says that there is more', () => {
  const took = ({ lastMs, startedMs }: FoundTraces['traces'][number]): number => lastMs - startedMs;
  const all = queries.recentTraces('all', null, 100_000);
  expect(find('', 'slowest', 5).traces.map(took)).toEqual(all.map(took).toSorted((a, b) => b - a).slice(0, 5));
  expect(find('', 'recent', 5).traces.map(({ lastMs }) => lastMs)).toEqual(all.slice(0, 5).map(({ lastMs }) => lastMs));
  expect(find('source:pbx', 'recent', 5)).toMatchObject({ complete: false, traces: { length: 5 } });
  expect(find('state:dead', 'slowest').traces.map(took)).toEqual(find('state:dead').traces.map(took).toSorted((a, b) => b - a));
});

test('a large trace is read whole, and packed it is the same', () => {
  const { events, jobs } = queries.trace(filled.large[0] ?? '');
  expect(events.length + jobs.length).toBeGreaterThanOrEqual(400);
  for (const id of [filled.large[0] ?? '', ...filled.small]) {
    const [whole, packed] = [queries.trace(id), queries.packedTrace(id)];
    expect(packed.lineage).toBe(packLineage(whole));
    expect(packed).toMatchObject({ nodes: whole.events.length + whole.jobs.length, jobless: whole.jobless, traceparent: whole.traceparent, truncated: false });
  }
});

test('an index of another read model is begun anew', () => {
  index.close();
  const other = join(folder, 'other.sqlite');
  fillProjection(other, { events: 50, seed: 9 });
  const anew = new TextIndex(other, `${file}.text`);
  expect(anew.upToSeq).toBe(0);
  anew.close();
  index = new TextIndex(file, `${file}.text`);
  expect(index.upToSeq).toBe(0);
});
