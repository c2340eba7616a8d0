/** Pages by any filter, held against all rows looked at one by one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillProjection } from '../../bench/fill-projection.ts';
import type { EventFilter, EventRow, JobFilter, JobRow } from '../../shared/operator-api/index.ts';
import { openForReading } from './projection-store.ts';
import type { FoundPage, RowSearch } from './row-search.ts';

const folder = mkdtempSync(join(tmpdir(), 'spine-rows-'));
let search: RowSearch;
let close: () => void;
let events: EventRow[];
let jobs: JobRow[];

beforeAll(() => {
  const file = join(folder, 'lineage.sqlite');
  fillProjection(file, { events: 3_000, endMs: Date.UTC(2026, 10, 24) });
  const opened = openForReading(file);
  ({ rows: search } = opened);
  close = opened.close;
  events = search.events({}, null, 100_000).rows;
  jobs = search.jobs({}, null, 100_000).rows;
});
afterAll(() => {
  close();
  rmSync(folder, { recursive: true, force: true });
});

/** All pages, one after the other. */
function paged<Row>(page: (before: number | null) => FoundPage<Row>): Row[] {
  const rows: Row[] = [];
  for (let before: number | null = null; ; ) {
    const found = page(before);
    rows.push(...found.rows);
    if (found.nextBefore === null) return rows;
    before = found.nextBefore;
  }
}
const of = <Value>(values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);

test('pages of events are what the filter says, each once, newest first', () => {
  const times = events.map(({ storedMs }) => storedMs);
  const filters: fc.Arbitrary<EventFilter> = fc.record(
    {
      domain: of(['rule', 'communication', 'job', 'none']), type: of(['rule.*', 'rule.Act*', 'communication.CallStarted', 'x*']), source: of(['pbx', 'spine.bench', 'nobody']),
      correlationId: of(events.slice(0, 40).map(({ correlationId }) => correlationId)), sinceMs: of(times), untilMs: of(times),
    },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(filters, fc.integer({ min: 1, max: 700 }), (filter, limit) => {
    const { domain, type, source, correlationId, sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER } = filter;
    const wanted = events.filter((row) =>
      (!domain || row.domain === domain) && (!type || new RegExp(`^${type.replace('.', '\\.').replace('*', '.*')}$`).test(row.eventType)) && (!source || row.source === source) &&
      (!correlationId || row.correlationId === correlationId) && row.storedMs >= sinceMs && row.storedMs < untilMs);
    expect(paged((before) => search.events(filter, before, limit)).map(({ seq }) => seq)).toEqual(wanted.map(({ seq }) => seq));
  }), { numRuns: 60 });
});

test('pages of jobs as well', () => {
  const filters: fc.Arbitrary<JobFilter> = fc.record(
    { state: of(['completed', 'dead', 'waiting'] as const), tier: of(['realtime', 'interactive', 'background'] as const), queue: of(['realtime', 'none']), jobType: of(['RunRuleEngineJob', 'SendOutgoingMessageJob']) },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(filters, fc.integer({ min: 1, max: 300 }), (filter, limit) => {
    const wanted = jobs.filter((row) => Object.entries(filter).every(([name, value]) => row[name as 'state'] === value));
    expect(paged((before) => search.jobs(filter, before, limit)).map(({ jobId }) => jobId)).toEqual(wanted.map(({ jobId }) => jobId));
  }), { numRuns: 40 });
});

test('an index that had more than it gave says where to go on', () => {
  const seqs = events.slice(0, 100).map(({ seq }) => seq);
  expect(search.eventsAmong(seqs, true, { text: ['nothing holds this'] }, 10)).toEqual({ rows: [], nextBefore: seqs.at(-1), complete: false });
  expect(search.eventsAmong(seqs, false, { text: ['nothing holds this'] }, 10)).toEqual({ rows: [], nextBefore: null, complete: true });
});
