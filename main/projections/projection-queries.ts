/** Reads of the read model. All run off the hot path, in a thread of their own. */
import type Database from 'better-sqlite3';
import { PACKED_FIELDS, packRows } from '../../shared/packed-trace.ts';
import type { AttemptRow, AuditRow, EventRow, FlowRates, JobRow, JobWithAttempts, SetAsideInTrace, TraceSummary } from '../../shared/operator-api/index.ts';
import type { Tier } from '../../shared/tiers.ts';
import { RATE_BUCKET_S } from './schema.ts';

export const EVENT_COLUMNS = `seq, event_id AS eventId, event_type AS eventType, event_version AS eventVersion, domain, source, timestamp_ms AS timestampMs,
  stored_ms AS storedMs, correlation_id AS correlationId, causation_id AS causationId, job_id AS jobId, verdict, summary`;
export const JOB_COLUMNS = `job_id AS jobId, job_type AS jobType, queue, tier, state, priority, correlation_id AS correlationId, triggering_event_id AS triggeringEventId,
  parent_job_id AS parentJobId, redrive_of AS redriveOf, replay_of AS replayOf, ledger_id AS ledgerId, published_ms AS publishedMs, enqueued_ms AS enqueuedMs, started_ms AS startedMs,
  finished_ms AS finishedMs, retry_at_ms AS retryAtMs, attempts, last_error AS lastError`;
const ATTEMPT_COLUMNS = `job_id AS jobId, attempt, outcome, started_ms AS startedMs, finished_ms AS finishedMs, worker, error_name AS errorName,
  error_message AS errorMessage, error_stack AS errorStack`;
export const TRACE_COLUMNS = `correlation_id AS correlationId, root_type AS rootType, source, started_ms AS startedMs, last_ms AS lastMs, events, jobs, open, dead, failures`;

const SET_ASIDE_COLUMNS = `seq, stored_ms AS storedMs, subject, reason, problem, event_id AS eventId, causation_id AS causationId, job_id AS jobId`;

/** Events, and jobs, of a trace that are read at most. */
const LARGEST_TRACE = 60_000;
/** Events without jobs whose routing is asked for, at most. */
const MOST_JOBLESS = 2_000;

const columnOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const listed = (names: readonly string[], table = ''): string => names.map((name) => table + columnOf(name)).join(', ');
/** Rows of a trace as arrays, in the order in which they are packed. */
const TRACE_ROWS = {
  events: `SELECT ${listed(PACKED_FIELDS.events)} FROM events WHERE correlation_id = @correlationId AND domain <> 'job' ORDER BY seq LIMIT @limit`,
  jobs: `SELECT ${listed(PACKED_FIELDS.jobs)} FROM jobs WHERE correlation_id = @correlationId ORDER BY ledger_id LIMIT @limit`,
  attempts: `SELECT ${listed(PACKED_FIELDS.attempts, 'a.')} FROM jobs j JOIN attempts a ON a.ledger_id = j.ledger_id WHERE j.correlation_id = @correlationId ORDER BY j.ledger_id, a.attempt LIMIT @limit * 4`,
} as const;
const [SEQ, EVENT_ID, TRIGGER] = [PACKED_FIELDS.events.indexOf('seq'), PACKED_FIELDS.events.indexOf('eventId'), PACKED_FIELDS.jobs.indexOf('triggeringEventId')];

export interface TraceParts {
  readonly events: EventRow[];
  readonly jobs: JobWithAttempts[];
  readonly setAside: SetAsideInTrace[];
  /** Events to which no job belongs; empty if there are too many of them. */
  readonly jobless: string[];
  readonly traceparent: string | null;
  readonly truncated: boolean;
}
/** The same with events and jobs packed. */
export type PackedParts = Omit<TraceParts, 'events' | 'jobs'> & { readonly lineage: string; readonly nodes: number };

export class ProjectionQueries {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  event(eventId: string): { row: EventRow; body: string } | null {
    const found = this.#get<EventRow & { body: string }>(`SELECT ${EVENT_COLUMNS}, body FROM events WHERE event_id = @eventId`, { eventId });
    if (!found) return null;
    const { body, ...row } = found;
    return { row, body };
  }

  /** What operators did: events of the site that name one, newest first. */
  audit(operator: string | null, beforeSeq: number | null, limit: number): AuditRow[] {
    const where = ["domain = 'system'", "json_extract(body, '$.data.operator') IS NOT NULL"];
    if (operator !== null) where.push("json_extract(body, '$.data.operator') = @operator");
    if (beforeSeq !== null) where.push('seq < @beforeSeq');
    const rows = this.#all<Omit<AuditRow, 'data'> & { data: string }>(
      `SELECT seq, stored_ms AS atMs, event_id AS eventId, event_type AS eventType, correlation_id AS correlationId, json_extract(body, '$.data.operator') AS operator,
        coalesce(json_extract(body, '$.data.reason'), '') AS reason, json_extract(body, '$.data') AS data
       FROM events WHERE ${where.join(' AND ')} ORDER BY seq DESC LIMIT @limit`,
      { operator, beforeSeq, limit },
    );
    return rows.map((row) => ({ ...row, data: JSON.parse(row.data) as Record<string, unknown> }));
  }

  /** The events by which these jobs told of the entity that they wrote. */
  entityEvents(jobIds: readonly string[]): EventRow[] {
    return this.#all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events WHERE job_id IN (SELECT value FROM json_each(@jobIds)) AND event_type IN ('data.EntityCreated', 'data.EntityUpdated') ORDER BY seq`, { jobIds: JSON.stringify(jobIds) });
  }

  /** What an event caused: the jobs it owed, and the events that name it as their cause without a job in between. */
  effectsOf(eventId: string): { jobs: JobRow[]; events: EventRow[] } {
    return {
      jobs: this.#all<JobRow>(`SELECT ${JOB_COLUMNS} FROM jobs WHERE triggering_event_id = @eventId AND parent_job_id IS NULL ORDER BY ledger_id LIMIT 200`, { eventId }),
      events: this.#all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events WHERE causation_id = @eventId AND domain <> 'job' ORDER BY seq LIMIT 200`, { eventId }),
    };
  }

  job(jobId: string): { job: JobWithAttempts; input: string } | null {
    const found = this.#get<JobRow & { input: string }>(`SELECT ${JOB_COLUMNS}, input FROM jobs WHERE job_id = @jobId`, { jobId });
    if (!found) return null;
    const { input, ...job } = found;
    return { job: { ...job, attemptList: this.#all<AttemptRow>(`SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE ledger_id = @ledgerId ORDER BY attempt`, { ledgerId: job.ledgerId }) }, input };
  }

  /** The same as `trace`, without an object for each row: a large one takes half the time. */
  packedTrace(correlationId: string): PackedParts {
    const values = { correlationId, limit: LARGEST_TRACE };
    const [events, jobs, attempts] = (['events', 'jobs', 'attempts'] as const).map((part) => this.#statement(TRACE_ROWS[part]).raw().all(values) as (string | number | null)[][]);
    if (!events || !jobs || !attempts) throw new Error('no rows');
    return {
      ...this.#besideTrace(correlationId, { firstSeq: events[0]?.[SEQ] as number | undefined, eventIds: events.map((row) => row[EVENT_ID] as string), triggers: jobs.map((row) => row[TRIGGER] as string) }),
      lineage: packRows(events, jobs, attempts), nodes: events.length + jobs.length, truncated: events.length === LARGEST_TRACE || jobs.length === LARGEST_TRACE,
    };
  }

  trace(correlationId: string): TraceParts {
    const values = { correlationId, limit: LARGEST_TRACE };
    const events = this.#all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events WHERE correlation_id = @correlationId AND domain <> 'job' ORDER BY seq LIMIT @limit`, values);
    const jobs = this.#all<JobRow>(`SELECT ${JOB_COLUMNS} FROM jobs WHERE correlation_id = @correlationId ORDER BY ledger_id LIMIT @limit`, values);
    const attempts = Map.groupBy(
      this.#all<AttemptRow>(`SELECT ${ATTEMPT_COLUMNS.replace('job_id', 'a.job_id').replace('started_ms', 'a.started_ms').replace('finished_ms', 'a.finished_ms')}
        FROM jobs j JOIN attempts a ON a.ledger_id = j.ledger_id WHERE j.correlation_id = @correlationId ORDER BY j.ledger_id, a.attempt LIMIT @limit * 4`, values),
      ({ jobId }) => jobId,
    );
    return {
      ...this.#besideTrace(correlationId, { firstSeq: events[0]?.seq, eventIds: events.map(({ eventId }) => eventId), triggers: jobs.map(({ triggeringEventId }) => triggeringEventId) }),
      events, jobs: jobs.map((job) => ({ ...job, attemptList: attempts.get(job.jobId) ?? [] })),
      truncated: events.length === LARGEST_TRACE || jobs.length === LARGEST_TRACE,
    };
  }

  #besideTrace(correlationId: string, { firstSeq, eventIds, triggers }: { firstSeq: number | undefined; eventIds: readonly string[]; triggers: readonly string[] }): Pick<TraceParts, 'setAside' | 'jobless' | 'traceparent'> {
    const withJobs = new Set(triggers);
    const jobless = eventIds.filter((eventId) => !withJobs.has(eventId));
    const traceparent = firstSeq === undefined ? null : this.#get<{ value: string | null }>("SELECT json_extract(body, '$.traceContext.traceparent') AS value FROM events WHERE seq = @firstSeq", { firstSeq })?.value;
    return {
      setAside: this.#all<SetAsideInTrace>(`SELECT ${SET_ASIDE_COLUMNS} FROM set_aside WHERE correlation_id = @correlationId ORDER BY seq LIMIT @limit`, { correlationId, limit: LARGEST_TRACE }),
      jobless: jobless.length > MOST_JOBLESS ? [] : jobless,
      traceparent: traceparent ?? null,
    };
  }

  /** Bodies of events of a correlation, of these types. */
  bodies(correlationId: string, types: readonly string[], limit: number): { eventId: string; body: string }[] {
    return this.#all(`SELECT event_id AS eventId, body FROM events WHERE correlation_id = @correlationId AND event_type IN (SELECT value FROM json_each(@types)) ORDER BY seq LIMIT @limit`, { correlationId, types: JSON.stringify(types), limit });
  }

  /** What became of a message that was set aside under this event id; null if none was. */
  setAsideOf(eventId: string): (SetAsideInTrace & { correlationId: string }) | null {
    return this.#get<SetAsideInTrace & { correlationId: string }>(`SELECT ${SET_ASIDE_COLUMNS}, correlation_id AS correlationId FROM set_aside WHERE event_id = @eventId ORDER BY seq DESC LIMIT 1`, { eventId }) ?? null;
  }

  recentTraces(show: 'all' | 'open' | 'failed', beforeMs: number | null, limit: number): TraceSummary[] {
    const condition = { all: '', open: 'open > 0 AND', failed: 'dead > 0 AND' }[show];
    return this.#all<TraceSummary>(`SELECT ${TRACE_COLUMNS} FROM traces WHERE ${condition} last_ms < @beforeMs ORDER BY last_ms DESC LIMIT @limit`, { beforeMs: beforeMs ?? Number.MAX_SAFE_INTEGER, limit });
  }

  traceSummary(correlationId: string): TraceSummary | null {
    return this.#get<TraceSummary>(`SELECT ${TRACE_COLUMNS} FROM traces WHERE correlation_id = @correlationId`, { correlationId }) ?? null;
  }

  rates(sinceMs: number, bucketMs: number): FlowRates['buckets'] {
    const rows = this.#all<{ at: number; domain: string; count: number }>(
      `SELECT (bucket_s * 1000 / CAST(@bucketMs AS INTEGER)) * CAST(@bucketMs AS INTEGER) AS at, domain, sum(count) AS count FROM event_rates WHERE bucket_s >= @since GROUP BY 1, 2 ORDER BY 1`,
      { since: Math.floor(sinceMs / 1_000), bucketMs: Math.max(bucketMs, RATE_BUCKET_S * 1_000) },
    );
    return [...Map.groupBy(rows, ({ at }) => at)].map(([at, ofBucket]) => ({ at, byDomain: Object.fromEntries(ofBucket.map(({ domain, count }) => [domain, count])) }));
  }

  jobCounts(): { queue: string; tier: Tier; state: string; count: number; oldestMs: number | null }[] {
    return this.#all(
      `SELECT queue, tier, state, count, CASE state WHEN 'waiting' THEN (SELECT min(enqueued_ms) FROM jobs j WHERE j.queue = c.queue AND j.state = 'waiting') END AS oldestMs FROM job_counts c`,
      {},
    );
  }

  totals(): { events: number; traces: number } {
    return this.#get<{ events: number; traces: number }>('SELECT (SELECT coalesce(sum(count), 0) FROM event_rates) AS events, (SELECT count(*) FROM traces) AS traces', {}) ?? { events: 0, traces: 0 };
  }

  names(): { sources: string[]; types: string[] } {
    // A loose index scan: one step per distinct value instead of one per row.
    const distinct = (column: 'source' | 'event_type'): string[] =>
      this.#all<{ value: string }>(
        `WITH RECURSIVE v(value) AS (SELECT min(${column}) FROM events UNION ALL SELECT (SELECT min(${column}) FROM events WHERE ${column} > v.value) FROM v WHERE v.value IS NOT NULL)
         SELECT value FROM v WHERE value IS NOT NULL LIMIT 500`,
        {},
      ).map(({ value }) => value);
    return { sources: distinct('source'), types: distinct('event_type') };
  }

  #statement(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
  #all<Row>(sql: string, values: object): Row[] {
    return this.#statement(sql).all(values) as Row[];
  }
  #get<Row>(sql: string, values: object): Row | undefined {
    return this.#statement(sql).get(values) as Row | undefined;
  }
}

/** GLOB reads * ? [ as patterns. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[*?[]/g, (character) => `[${character}]`);
}
