/**
 * Pages of events and of jobs by any filter, newest first. One condition leads: its index has the rows in order; the others are looked
 * at on each row. So a page is bounded by time, whatever is asked for: a search that finds little says how far back it has come.
 */
import type Database from 'better-sqlite3';
import type { EventFilter, EventRow, JobFilter, JobRow } from '../../shared/operator-api/index.ts';
import { holdsPayload } from '../../shared/payload-query.ts';
import { EVENT_COLUMNS, JOB_COLUMNS } from './projection-queries.ts';

/** Longest that a page is looked for, ms. */
const MOST_MS = 400;

export interface FoundPage<Row> {
  readonly rows: Row[];
  /** Where the next page begins: only rows before this key. Null: there is nothing older. */
  readonly nextBefore: number | null;
  /** False: it took too long; there may be more between the last row and `nextBefore`. */
  readonly complete: boolean;
}

interface Lead {
  readonly where: string;
  readonly values: Record<string, unknown>;
}

export class RowSearch {
  readonly #db: Database.Database;

  constructor(db: Database.Database) {
    this.#db = db;
  }

  /** Without conditions on payloads: those are looked at in `eventsAmong`. */
  events(filter: EventFilter, beforeSeq: number | null, limit: number): FoundPage<EventRow> {
    const { where, values } = eventLead(filter);
    const bounds = [
      ...(beforeSeq === null ? [] : ['seq < @before']),
      ...(filter.sinceMs === undefined ? [] : ['seq >= @from']),
      ...(filter.untilMs === undefined ? [] : ['seq < @to']),
    ];
    const sql = `SELECT ${EVENT_COLUMNS} FROM events ${conditions([where, ...bounds])} ORDER BY seq DESC`;
    const given = { ...values, before: beforeSeq, from: filter.sinceMs === undefined ? null : this.#seqAt(filter.sinceMs), to: filter.untilMs === undefined ? null : this.#seqAt(filter.untilMs) };
    return this.#page(this.#db.prepare(sql).iterate(given) as IterableIterator<EventRow>, eventFits(filter), ({ seq }) => seq, limit);
  }

  /** Those of these events that fit all of a filter. @param seqs newest first, found by their payloads; `more`: the index had more. */
  eventsAmong(seqs: readonly number[], more: boolean, filter: EventFilter, limit: number): FoundPage<EventRow> {
    const fits = eventFits(filter);
    const read = this.#db.prepare(`SELECT ${EVENT_COLUMNS}, json_extract(body, '$.data') AS data FROM events WHERE seq = ?`);
    return this.#among(seqs, more, limit, (seq) => {
      const found = read.get(seq) as (EventRow & { data: string }) | undefined;
      if (!found || !fits(found)) return null;
      const { data, ...row } = found;
      return holdsPayload(JSON.parse(data), filter) ? row : null;
    });
  }

  /** Without conditions on the input. */
  jobs(filter: JobFilter, beforeLedgerId: number | null, limit: number): FoundPage<JobRow> {
    const { where, values } = jobLead(filter);
    const sql = `SELECT ${JOB_COLUMNS}, late FROM jobs ${conditions([where, ...(beforeLedgerId === null ? [] : ['ledger_id < @before'])])} ORDER BY ledger_id DESC`;
    const page = this.#page(this.#db.prepare(sql).iterate({ ...values, before: beforeLedgerId }) as IterableIterator<JobRow & { late: number }>, jobFits(filter), ({ ledgerId }) => ledgerId, limit);
    return { ...page, rows: page.rows.map(({ late: _late, ...row }) => row) };
  }

  /** Those of these jobs (by ledger id, newest first) that fit all of a filter. */
  jobsAmong(ledgerIds: readonly number[], more: boolean, filter: JobFilter, limit: number): FoundPage<JobRow> {
    const fits = jobFits(filter);
    const read = this.#db.prepare(`SELECT ${JOB_COLUMNS}, late, input FROM jobs WHERE ledger_id = ?`);
    return this.#among(ledgerIds, more, limit, (ledgerId) => {
      const found = read.get(ledgerId) as (JobRow & { late: number; input: string }) | undefined;
      if (!found || !fits(found)) return null;
      const { late: _late, input, ...row } = found;
      return holdsPayload(JSON.parse(input), filter) ? row : null;
    });
  }

  #page<Row>(walk: Iterable<Row>, fits: (row: Row) => boolean, keyOf: (row: Row) => number, limit: number): FoundPage<Row> {
    const until = performance.now() + MOST_MS;
    const rows: Row[] = [];
    for (const row of walk) {
      // One more than asked for tells that there is more.
      if (rows.length === limit) return { rows, nextBefore: keyOf(rows.at(-1) ?? row), complete: true };
      if (fits(row)) rows.push(row);
      else if (performance.now() > until) return { rows, nextBefore: keyOf(row), complete: false };
    }
    return { rows, nextBefore: null, complete: true };
  }

  #among<Row>(ids: readonly number[], more: boolean, limit: number, fitting: (id: number) => Row | null): FoundPage<Row> {
    const until = performance.now() + MOST_MS;
    const rows: Row[] = [];
    for (const [index, id] of ids.entries()) {
      const row = fitting(id);
      if (row !== null) rows.push(row);
      const isLast = index === ids.length - 1;
      if (rows.length === limit) return { rows, nextBefore: isLast && !more ? null : id, complete: true };
      if (performance.now() > until && !isLast) return { rows, nextBefore: id, complete: false };
    }
    return more ? { rows, nextBefore: ids.at(-1) ?? null, complete: false } : { rows, nextBefore: null, complete: true };
  }

  /**
   * The first sequence that was stored at that time or later: sequences go with time, so halving finds it. (After a clock was set back
   * they do not for a while; what lies outside the time is still left out by `eventFits`.)
   */
  #seqAt(ms: number): number {
    const bounds = this.#db.prepare('SELECT (SELECT min(seq) FROM events) AS low, (SELECT max(seq) FROM events) AS high').get() as { low: number | null; high: number | null };
    const at = this.#db.prepare('SELECT seq, stored_ms AS storedMs FROM events WHERE seq >= ? ORDER BY seq LIMIT 1');
    let [low, high] = [bounds.low ?? 0, (bounds.high ?? 0) + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const found = at.get(middle) as { seq: number; storedMs: number } | undefined;
      if (!found || found.storedMs >= ms) high = middle;
      else low = found.seq + 1;
    }
    return low;
  }
}

const conditions = (all: readonly string[]): string => {
  const given = all.filter((condition) => condition !== '');
  return given.length > 0 ? `WHERE ${given.join(' AND ')}` : '';
};

/** The condition that narrows most and has an index in the order of sequences. */
function eventLead({ correlationId, type, source, domain }: EventFilter): Lead {
  if (correlationId) return { where: 'correlation_id = @correlationId', values: { correlationId } };
  if (type && !type.endsWith('*')) return { where: 'event_type = @type', values: { type } };
  if (source) return { where: 'source = @source', values: { source } };
  const ofType = type?.includes('.') === true ? type.slice(0, type.indexOf('.')) : undefined;
  const wanted = domain ?? ofType;
  return wanted ? { where: 'domain = @domain', values: { domain: wanted } } : { where: '', values: {} };
}

function eventFits({ domain, source, correlationId, type, sinceMs, untilMs }: EventFilter): (row: EventRow) => boolean {
  const prefix = type?.endsWith('*') === true ? type.slice(0, -1) : null;
  return (row) =>
    (!domain || row.domain === domain) && (!source || row.source === source) && (!correlationId || row.correlationId === correlationId) &&
    (!type || (prefix === null ? row.eventType === type : row.eventType.startsWith(prefix))) &&
    (sinceMs === undefined || row.storedMs >= sinceMs) && (untilMs === undefined || row.storedMs < untilMs);
}

function jobLead({ late, tier, state, jobType, queue }: JobFilter): Lead {
  if (late === true) return { where: tier ? 'late = 1 AND tier = @tier' : 'late = 1', values: { tier } };
  if (state !== undefined && state !== 'completed') return { where: "state = @state AND state <> 'completed'", values: { state } };
  if (jobType) return { where: 'job_type = @jobType', values: { jobType } };
  if (queue) return { where: 'queue = @queue', values: { queue } };
  return tier ? { where: 'tier = @tier', values: { tier } } : { where: '', values: {} };
}

function jobFits({ late, tier, state, jobType, queue }: JobFilter): (row: JobRow & { late: number }) => boolean {
  return (row) => (late !== true || row.late === 1) && (!tier || row.tier === tier) && (!state || row.state === state) && (!jobType || row.jobType === jobType) && (!queue || row.queue === queue);
}
