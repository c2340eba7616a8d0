/**
 * The search for traces. One condition leads (the one that an index answers best), newest first; the others are looked at on
 * what it finds. It gives up after some time and says so: a search must never hold up the thread that answers everything else.
 */
import type Database from 'better-sqlite3';
import type { TraceSearchResult, TraceSummary } from '../../shared/operator-api/index.ts';
import { holdsPayload } from '../../shared/payload-query.ts';
import type { TraceQuery } from '../../shared/trace-query.ts';
import { escapeGlob, TRACE_COLUMNS } from './projection-queries.ts';

/** Longest that a search looks on, ms. */
const MOST_MS = 700;
/** The slowest are chosen among this many of the newest that fit, unless an index has them in order. */
const CHOSEN_AMONG = 2_000;
/** Traces of a window of time that are sorted rather than walked through by duration. */
const SORTED_AT_ONCE = 20_000;

export interface TraceSearchOptions {
  readonly order: 'recent' | 'slowest';
  readonly limit: number;
  /** Sequences of events, newest first, whose payload holds the words asked for; null if none were asked for. */
  readonly textSeqs: readonly number[] | null;
  /** Ids of failures, newest first, whose message holds the words of `error`. */
  readonly failureIds: readonly number[] | null;
}
export type FoundTraces = Pick<TraceSearchResult, 'traces' | 'matched' | 'complete'>;

type Values = Record<string, unknown>;

export class TraceSearch {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  find(query: TraceQuery, options: TraceSearchOptions): FoundTraces {
    const until = performance.now() + MOST_MS;
    const { leads, matched } = this.#leads(query, options);
    const fits = this.#conditions(query, options);
    const enough = options.order === 'recent' || leads.inOrder === 'slowest' ? options.limit : CHOSEN_AMONG;
    const seen = new Set<string>();
    const found: TraceSummary[] = [];
    let complete = true;
    for (const correlationId of leads.ids) {
      if (seen.has(correlationId)) continue;
      seen.add(correlationId);
      const trace = fits(correlationId);
      if (trace) found.push(trace);
      if (found.length >= enough || performance.now() > until) {
        complete = false;
        break;
      }
    }
    if (options.order === 'slowest') found.sort((a, b) => b.lastMs - b.startedMs - (a.lastMs - a.startedMs));
    else if (leads.inOrder !== 'recent') found.sort((a, b) => b.lastMs - a.lastMs);
    return { traces: found.slice(0, options.limit), matched: found.length === 0 ? 'none' : matched, complete };
  }

  /** Correlation ids that may fit, by the condition that narrows most. */
  #leads(query: TraceQuery, options: TraceSearchOptions): { leads: { ids: Iterable<string>; inOrder: 'recent' | 'slowest' | 'none' }; matched: TraceSearchResult['matched'] } {
    const { id, replay, error, job, type, source } = query;
    const by = (sql: string, values: Values): { ids: Iterable<string>; inOrder: 'none' } => ({ ids: this.#ids(sql, values), inOrder: 'none' });
    if (id !== undefined) {
      const range = { from: id, to: `${id}g` };
      for (const [matched, table, column] of [['correlation', 'traces', 'correlation_id'], ['event', 'events', 'event_id'], ['job', 'jobs', 'job_id'], ['event', 'set_aside', 'event_id']] as const) {
        const ids = [...this.#ids(`SELECT DISTINCT correlation_id AS id FROM ${table} WHERE ${column} >= @from AND ${column} < @to LIMIT 200`, range)];
        if (ids.length > 0) return { leads: { ids, inOrder: 'none' }, matched };
      }
      return { leads: { ids: [], inOrder: 'none' }, matched: 'none' };
    }
    const leads = ((): { ids: Iterable<string>; inOrder: 'recent' | 'slowest' | 'none' } => {
      if (replay !== undefined) return by('SELECT DISTINCT correlation_id AS id FROM jobs WHERE replay_of = @replay', { replay });
      if (options.failureIds !== null) return by('SELECT f.correlation_id AS id FROM json_each(@ids) e CROSS JOIN failures f ON f.id = e.value', { ids: JSON.stringify(options.failureIds) });
      if (options.textSeqs !== null) return { ids: this.#holding(query, options.textSeqs), inOrder: 'none' };
      if (error !== undefined) return by('SELECT correlation_id AS id FROM failures WHERE error_name = @error ORDER BY id DESC', { error });
      // Few traces are open, dead or failed: that narrows more than a type or a source does.
      if (query.state !== undefined && query.state !== 'done') return this.#byTrace(query, options.order);
      if (job !== undefined) return { ids: this.#ofTypes('jobs', 'job_type', 'ledger_id', job), inOrder: 'none' };
      if (type !== undefined) return { ids: this.#ofTypes('events', 'event_type', 'seq', type), inOrder: 'none' };
      if (source !== undefined) return by('SELECT correlation_id AS id FROM events WHERE source = @source ORDER BY seq DESC', { source });
      return this.#byTrace(query, options.order);
    })();
    return { leads, matched: 'query' };
  }

  /** By what stands in the summary alone: time, duration, state. */
  #byTrace(query: TraceQuery, order: 'recent' | 'slowest'): { ids: Iterable<string>; inOrder: 'recent' | 'slowest' } {
    const { where, values } = summaryConditions(query);
    const all = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
    if (order === 'recent') {
      // A length of time asked for with nothing else is rare among the newest: its own index leads to it.
      if (query.minMs !== undefined && query.state === undefined && this.#count('SELECT count(*) AS n FROM (SELECT 1 FROM traces WHERE took_ms >= @minMs LIMIT @most)', { minMs: query.minMs, most: SORTED_AT_ONCE }) < SORTED_AT_ONCE) {
        return { ids: this.#ids(`SELECT correlation_id AS id FROM traces INDEXED BY traces_by_took ${all} ORDER BY last_ms DESC`, values), inOrder: 'recent' };
      }
      return { ids: this.#ids(`SELECT correlation_id AS id FROM traces ${all} ORDER BY last_ms DESC`, values), inOrder: 'recent' };
    }
    // In a short window it is quicker to sort what is there than to walk through all durations.
    const narrow = query.sinceMs === undefined ? false : this.#count('SELECT count(*) AS n FROM (SELECT 1 FROM traces WHERE last_ms >= @sinceMs LIMIT @most)', { sinceMs: query.sinceMs, most: SORTED_AT_ONCE }) < SORTED_AT_ONCE;
    const index = narrow ? 'traces_by_last' : query.state === 'open' ? 'traces_open' : query.state === 'dead' ? 'traces_dead' : query.state === 'failed' ? 'traces_failed' : 'traces_by_took';
    return { ids: this.#ids(`SELECT correlation_id AS id FROM traces INDEXED BY ${index} ${all} ORDER BY took_ms DESC`, values), inOrder: 'slowest' };
  }

  /** Correlations of events that really hold what was asked for: the text index knows no order of words and no fields. */
  *#holding(query: TraceQuery, seqs: readonly number[]): Generator<string> {
    for (const seq of seqs) {
      const row = this.#statement("SELECT correlation_id AS id, json_extract(body, '$.data') AS data FROM events WHERE seq = ?").get(seq) as { id: string; data: string } | undefined;
      if (row && holdsPayload(JSON.parse(row.data), query)) yield row.id;
    }
  }

  /** The other conditions, looked at on one trace. @returns its summary if all hold. */
  #conditions(query: TraceQuery, options: TraceSearchOptions): (correlationId: string) => TraceSummary | null {
    const { where, values } = summaryConditions(query);
    const add = (condition: string, more: Values): void => {
      where.push(condition);
      Object.assign(values, more);
    };
    if (query.type !== undefined) add(`EXISTS (SELECT 1 FROM events e WHERE e.correlation_id = t.correlation_id AND +e.event_type ${pattern(query.type, 'type')})`, { type: globOf(query.type) });
    if (query.source !== undefined) add('EXISTS (SELECT 1 FROM events e WHERE e.correlation_id = t.correlation_id AND +e.source = @source)', { source: query.source });
    if (query.job !== undefined) add(`EXISTS (SELECT 1 FROM jobs j WHERE j.correlation_id = t.correlation_id AND +j.job_type ${pattern(query.job, 'job')})`, { job: globOf(query.job) });
    if (query.error !== undefined && options.failureIds === null) add('EXISTS (SELECT 1 FROM jobs j JOIN failures f ON f.job_id = j.job_id WHERE j.correlation_id = t.correlation_id AND +f.error_name = @error)', { error: query.error });
    if (query.replay !== undefined) add('EXISTS (SELECT 1 FROM jobs j WHERE j.correlation_id = t.correlation_id AND +j.replay_of = @replay)', { replay: query.replay });
    const statement = this.#statement(`SELECT ${TRACE_COLUMNS} FROM traces t WHERE t.correlation_id = @correlationId ${where.map((condition) => `AND ${condition}`).join(' ')}`);
    return (correlationId) => (statement.get({ ...values, correlationId }) as TraceSummary | undefined) ?? null;
  }

  /** Rows of all types that fit a pattern, newest first: each type's index is in order, so theirs are merged. */
  *#ofTypes(table: 'events' | 'jobs', column: 'event_type' | 'job_type', order: 'seq' | 'ledger_id', wanted: string): Generator<string> {
    const prefix = wanted.slice(0, -1);
    const types = wanted.endsWith('*') ? this.#distinct(table, column, prefix) : [wanted];
    const walks = types.map((type) => this.#db.prepare(`SELECT correlation_id AS id, ${order} AS place FROM ${table} WHERE ${column} = ? ORDER BY ${order} DESC`).iterate(type) as IterableIterator<{ id: string; place: number }>);
    const heads = walks.map((walk) => ({ walk, row: walk.next() }));
    try {
      for (;;) {
        let newest: (typeof heads)[number] | undefined;
        for (const head of heads) if (head.row.done !== true && (newest?.row.done !== false || head.row.value.place > newest.row.value.place)) newest = head;
        if (newest?.row.done !== false) return;
        yield newest.row.value.id;
        newest.row = newest.walk.next();
      }
    } finally {
      for (const walk of walks) walk.return?.();
    }
  }

  /** Distinct values that begin with `prefix`, by one step of the index each. */
  #distinct(table: string, column: string, prefix: string): string[] {
    const next = this.#statement(`SELECT min(${column}) AS value FROM ${table} WHERE ${column} > @after AND ${column} >= @prefix`);
    const found: string[] = [];
    for (let after = ''; found.length < 200; after = found.at(-1) ?? '') {
      const { value } = next.get({ after, prefix }) as { value: string | null };
      if (value === null || !value.startsWith(prefix)) break;
      found.push(value);
    }
    return found;
  }

  *#ids(sql: string, values: Values): Generator<string> {
    // A statement that is being walked through can't be used a second time: each walk has its own.
    for (const row of this.#db.prepare(sql).iterate(values)) yield (row as { id: string }).id;
  }
  #count(sql: string, values: Values): number {
    return (this.#statement(sql).get(values) as { n: number }).n;
  }
  #statement(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function summaryConditions({ minMs, maxMs, sinceMs, untilMs, state }: TraceQuery): { where: string[]; values: Values } {
  const where: string[] = [];
  const values: Values = {};
  const add = (condition: string, name?: string, value?: number): void => {
    where.push(condition);
    if (name !== undefined) values[name] = value;
  };
  if (minMs !== undefined) add('took_ms >= @minMs', 'minMs', minMs);
  if (maxMs !== undefined) add('took_ms <= @maxMs', 'maxMs', maxMs);
  if (sinceMs !== undefined) add('last_ms >= @sinceMs', 'sinceMs', sinceMs);
  if (untilMs !== undefined) add('started_ms <= @untilMs', 'untilMs', untilMs);
  if (state !== undefined) add({ open: 'open > 0', dead: 'dead > 0', failed: 'failures > 0', done: 'open = 0 AND dead = 0' }[state]);
  return { where, values };
}

const pattern = (value: string, name: string): string => (value.endsWith('*') ? `GLOB @${name}` : `= @${name}`);
const globOf = (value: string): string => (value.endsWith('*') ? `${escapeGlob(value.slice(0, -1))}*` : value);
