/**
 * Writes the read model: batches of events and of ledger entries, each batch one transaction together with the position
 * that it reaches. Dying in between repeats the batch, and a repeated row changes nothing.
 */
import type Database from 'better-sqlite3';
import { bucketOf } from '../../shared/latency-histogram.ts';
import type { EventRow, LatencyMeasure, SetAsideInTrace } from '../../shared/operator-api/index.ts';
import { TIER_PROMISES, type Tier } from '../../shared/tiers.ts';
import { type Tally, TALLY_BUCKET_S } from './tallies.ts';
import type { LedgerPosition, ReadLedgerEntry } from '../job-queue/ledger.ts';
import { LATENCY_BUCKET_S, RATE_BUCKET_S } from './schema.ts';

export interface ProjectedEvent {
  readonly row: EventRow;
  /** The envelope as JSON. */
  readonly body: string;
}
/** A message set aside of which at least the correlation could be read. */
export type ProjectedSetAside = SetAsideInTrace & { readonly correlationId: string };
export interface ProjectionPosition {
  readonly lastSeq: number;
  readonly ledger: LedgerPosition;
}

/** What an attempt of which nothing more was heard died of. */
const LOST = { name: 'WorkerLost', message: 'The worker vanished while it ran this attempt.' };

const OPEN_STATES = new Set(['waiting', 'running', 'retrying']);

interface JobForUpdate {
  queue: string;
  tier: Tier;
  state: string;
  correlation_id: string;
  published_ms: number;
  enqueued_ms: number;
}

export class ProjectionWriter {
  readonly #db: Database.Database;
  readonly #sql: ReturnType<typeof prepare>;
  /** Of the last job that the view has heard of. */
  #arrival: number;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#sql = prepare(db);
    this.#arrival = (db.prepare('SELECT coalesce(max(arrival), 0) AS last FROM jobs').get() as { last: number }).last;
  }

  position(): ProjectionPosition {
    const get = (key: string): string | undefined => (this.#sql.getMeta.get(key) as { value: string } | undefined)?.value;
    return { lastSeq: Number(get('last_seq') ?? 0), ledger: { txid: get('ledger_txid') ?? '0', id: Number(get('ledger_id') ?? 0) } };
  }

  /** @param lastSeq sequence that the batch reaches, messages that were no events included. @param tallies what the batch counts. */
  applyEvents(events: readonly ProjectedEvent[], setAside: readonly ProjectedSetAside[], lastSeq: number, tallies: readonly Tally[] = []): void {
    this.#db.transaction(() => {
      const rates = new Map<string, number>();
      for (const { row, body } of events) this.#applyEvent(row, body, rates);
      for (const [key, count] of rates) {
        const [bucket = '0', domain = ''] = key.split(' ');
        this.#sql.addRate.run(Number(bucket), domain, count);
      }
      for (const tally of tallies) this.#sql.addTally.run(tally);
      for (const message of setAside) this.#sql.insertSetAside.run(message);
      this.#sql.setMeta.run('last_seq', String(lastSeq));
    })();
  }

  applyLedger(entries: readonly ReadLedgerEntry[]): void {
    const last = entries.at(-1);
    if (!last) return;
    this.#db.transaction(() => {
      for (const entry of entries) this.#applyEntry(entry);
      this.#sql.setMeta.run('ledger_txid', last.txid);
      this.#sql.setMeta.run('ledger_id', String(last.id));
    })();
  }

  /** Delete what is older than `beforeMs`, at most `max` rows of each kind. @returns true if more is left. */
  prune(beforeMs: number, max: number): boolean {
    return this.#db.transaction(() => {
      const deleted = [
        ...([['events', 'seq', 'stored_ms'], ['set_aside', 'seq', 'stored_ms'], ['failures', 'id', 'at_ms']] as const).map(([table, key, at]) => this.#pruneOldest(table, key, at, beforeMs, max)),
        this.#db.prepare(`DELETE FROM attempts WHERE ledger_id IN (SELECT j.ledger_id FROM traces t JOIN jobs j USING (correlation_id) WHERE t.last_ms < ? AND t.open = 0 AND t.dead = 0 ORDER BY t.last_ms, j.ledger_id LIMIT ?)`).run(beforeMs, max).changes,
        this.#db.prepare(`DELETE FROM jobs WHERE ledger_id IN (SELECT j.ledger_id FROM traces t JOIN jobs j USING (correlation_id) WHERE t.last_ms < ? AND t.open = 0 AND t.dead = 0 ORDER BY t.last_ms, j.ledger_id LIMIT ?)`).run(beforeMs, max).changes,
        // A trace goes after its jobs: without it they would be found no more, and stay for good.
        this.#db.prepare(`DELETE FROM traces WHERE correlation_id IN (SELECT correlation_id FROM traces t WHERE last_ms < ? AND open = 0 AND dead = 0
          AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.correlation_id = t.correlation_id) ORDER BY last_ms LIMIT ?)`).run(beforeMs, max).changes,
      ];
      this.#db.prepare('DELETE FROM event_rates WHERE bucket_s < ?').run(beforeMs / 1_000);
      this.#db.prepare('DELETE FROM latencies WHERE bucket_s < ?').run(beforeMs / 1_000);
      this.#db.prepare('DELETE FROM tallies WHERE bucket_s < ?').run(beforeMs / 1_000 - TALLY_BUCKET_S);
      this.#db.prepare('DELETE FROM starts WHERE minute_s < ?').run(beforeMs / 1_000);
      this.#db.prepare('DELETE FROM job_rates WHERE minute_s < ?').run(beforeMs / 1_000);
      return deleted.some((count) => count >= max);
    })();
  }

  /** Their keys are in the order of time, so the oldest stand first: no more than those are looked at. */
  #pruneOldest(table: string, key: string, at: string, beforeMs: number, max: number): number {
    return this.#db.prepare(`DELETE FROM ${table} WHERE ${key} <= (SELECT max(${key}) FROM (SELECT ${key}, ${at} FROM ${table} ORDER BY ${key} LIMIT ?) WHERE ${at} < ?)`).run(max, beforeMs).changes;
  }

  /** @param rates counts what is new, by bucket and domain: one statement a batch for each. */
  #applyEvent(row: EventRow, body: string, rates: Map<string, number>): void {
    const { changes } = this.#sql.insertEvent.run(
      row.seq, row.eventId, row.eventType, row.eventVersion, row.domain, row.source, row.timestampMs, row.storedMs,
      row.correlationId, row.causationId, row.jobId, row.verdict, row.summary, body,
    );
    if (changes === 0) return;
    const rate = `${Math.floor(row.storedMs / 1_000 / RATE_BUCKET_S) * RATE_BUCKET_S} ${row.domain}`;
    rates.set(rate, (rates.get(rate) ?? 0) + 1);
    // job.* events tell of jobs, which the trace shows as themselves.
    if (row.domain !== 'job') this.#sql.addTraceEvent.run({ ...row });
  }

  #applyEntry(entry: ReadLedgerEntry): void {
    switch (entry.kind) {
      case 'enqueued': {
        const { detail } = entry;
        const { changes } = this.#sql.insertJob.run({ ...detail, replayOf: detail.replayOf ?? null, jobId: entry.jobId, ledgerId: entry.id, arrival: this.#arrival + 1, input: JSON.stringify(detail.input ?? null) });
        if (changes === 0) return;
        this.#arrival += 1;
        this.#countRate(detail.queue, detail.enqueuedMs, 'enqueued');
        this.#addLatency(detail.tier, 'bus', detail.enqueuedMs, detail.enqueuedMs - detail.publishedMs);
        this.#sql.countJob.run(detail.queue, detail.tier, 'waiting', 1);
        this.#sql.addTraceJob.run({ correlationId: detail.correlationId, jobType: detail.jobType, enqueuedMs: detail.enqueuedMs });
        return;
      }
      case 'started':
        this.#attemptStarted(entry.jobId, entry.attempt, entry.detail.startedMs, entry.detail.worker);
        return;
      case 'completed':
        this.#attemptEnded(entry, 'completed', 'completed', null);
        return;
      case 'failed':
        this.#attemptEnded(entry, 'failed', 'retrying', entry.detail.retryAtMs);
        return;
      case 'dead':
        this.#attemptEnded(entry, entry.detail.reason === 'cancelled' ? 'cancelled' : 'dead', 'dead', null);
        return;
      case 'lost': {
        const { changes } = this.#sql.loseAttempt.run({ jobId: entry.jobId, attempt: entry.attempt, noticedMs: entry.detail.noticedMs, errorName: LOST.name, errorMessage: LOST.message });
        if (changes > 0) this.#addFailure(entry.jobId, entry.attempt, entry.detail.noticedMs, LOST);
        return;
      }
      case 'redriven':
      case 'discarded':
        this.#setState(entry.jobId, entry.kind, null);
        return;
      case 'hastened':
        this.#sql.hasten.run({ jobId: entry.jobId, atMs: entry.detail.atMs });
        return;
      case 'moved':
        this.#sql.move.run({ jobId: entry.jobId, priority: entry.detail.priority });
        return;
      case 'restored':
        this.#setState(entry.jobId, 'dead', null);
    }
  }

  #attemptStarted(jobId: string, attempt: number, startedMs: number, worker: string): void {
    const { changes } = this.#sql.insertAttempt.run({ jobId, attempt, startedMs, worker });
    if (changes === 0) return;
    const job = this.#sql.getJob.get(jobId) as JobForUpdate | undefined;
    if (!job) return;
    this.#sql.noteStart.run({ jobId, attempt, startedMs });
    if (OPEN_STATES.has(job.state)) this.#setState(jobId, 'running', startedMs);
    if (attempt !== 1) return;
    const late = this.#addLatency(job.tier, 'start', startedMs, startedMs - job.published_ms);
    this.#addLatency(job.tier, 'wait', startedMs, startedMs - job.enqueued_ms);
    this.#sql.addStart.run(job.tier, minuteOf(startedMs), late);
    if (late === 1) this.#sql.noteLate.run(jobId);
  }

  #attemptEnded(
    entry: Extract<ReadLedgerEntry, { kind: 'completed' | 'failed' | 'dead' }>,
    outcome: string,
    state: string,
    retryAtMs: number | null,
  ): void {
    const { jobId, attempt, detail } = entry;
    const error = 'error' in detail ? detail.error : null;
    // Cancelled while it waited: there is no attempt to end.
    if (detail.startedMs !== null && detail.worker !== null) {
      if (error) this.#addFailure(jobId, attempt, detail.finishedMs, error);
      this.#attemptStarted(jobId, attempt, detail.startedMs, detail.worker);
      this.#sql.endAttempt.run({
        jobId, attempt, outcome, finishedMs: detail.finishedMs,
        errorName: error?.name ?? null, errorMessage: error?.message ?? null, errorStack: error?.stack ?? null,
      });
    }
    this.#sql.noteEnd.run({ jobId, finishedMs: state === 'retrying' ? null : detail.finishedMs, retryAtMs, lastError: error ? `${error.name}: ${error.message}` : null });
    const job = this.#setState(jobId, state, detail.finishedMs);
    if (!job) return;
    if (detail.startedMs !== null) this.#addLatency(job.tier, 'run', detail.finishedMs, detail.finishedMs - detail.startedMs);
    this.#countRate(job.queue, detail.finishedMs, state === 'retrying' ? 'failed' : state);
  }

  #countRate(queue: string, atMs: number, what: string): void {
    this.#sql.addJobRate.run(queue, minuteOf(atMs), what);
  }

  #addFailure(jobId: string, attempt: number, atMs: number, { name, message }: { name: string; message: string }): void {
    const job = this.#sql.getJob.get(jobId) as JobForUpdate | undefined;
    if (!job) return;
    const { changes } = this.#sql.insertFailure.run({ jobId, attempt, correlationId: job.correlation_id, atMs, name, message });
    if (changes > 0) this.#sql.countFailure.run(job.correlation_id);
  }

  /** Move a job to another state, and keep the counts of its queue and its trace in step. @returns what it was before; null if nothing changed. */
  #setState(jobId: string, state: string, atMs: number | null): JobForUpdate | null {
    const job = this.#sql.getJob.get(jobId) as JobForUpdate | undefined;
    if (!job || job.state === state) return null;
    this.#sql.setState.run(state, jobId);
    this.#sql.countJob.run(job.queue, job.tier, job.state, -1);
    this.#sql.countJob.run(job.queue, job.tier, state, 1);
    const open = Number(OPEN_STATES.has(state)) - Number(OPEN_STATES.has(job.state));
    const dead = Number(state === 'dead') - Number(job.state === 'dead');
    this.#sql.touchTrace.run({ correlationId: job.correlation_id, open, dead, atMs });
    return job;
  }

  /** @returns 1 if it is later than the tier promises, for `start`. */
  #addLatency(tier: Tier, measure: LatencyMeasure, atMs: number, latencyMs: number): number {
    const late = measure === 'start' && latencyMs > TIER_PROMISES[tier].targetMs ? 1 : 0;
    this.#sql.addLatency.run(tier, measure, Math.floor(atMs / 1_000 / LATENCY_BUCKET_S) * LATENCY_BUCKET_S, bucketOf(latencyMs), late);
    return late;
  }
}

const minuteOf = (ms: number): number => Math.floor(ms / 60_000) * 60;

function prepare(db: Database.Database) {
  return {
    getMeta: db.prepare('SELECT value FROM meta WHERE key = ?'),
    setMeta: db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'),
    insertEvent: db.prepare('INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    addRate: db.prepare('INSERT INTO event_rates VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count'),
    addTally: db.prepare(`INSERT INTO tallies VALUES (@kind, @name, @bucketS, @count, @lastSeq, @lastMs)
      ON CONFLICT DO UPDATE SET count = count + excluded.count, last_seq = excluded.last_seq, last_ms = excluded.last_ms`),
    addTraceEvent: db.prepare(`
      INSERT INTO traces (correlation_id, root_seq, root_type, source, started_ms, last_ms, events)
      VALUES (@correlationId, @seq, @eventType, @source, @storedMs, @storedMs, 1)
      ON CONFLICT (correlation_id) DO UPDATE SET events = events + 1, last_ms = max(last_ms, excluded.last_ms),
        root_type = CASE WHEN root_seq IS NULL OR excluded.root_seq < root_seq THEN excluded.root_type ELSE root_type END,
        source    = CASE WHEN root_seq IS NULL OR excluded.root_seq < root_seq THEN excluded.source ELSE source END,
        started_ms = min(started_ms, excluded.started_ms),
        root_seq  = min(coalesce(root_seq, excluded.root_seq), excluded.root_seq)`),
    addTraceJob: db.prepare(`
      INSERT INTO traces (correlation_id, root_seq, root_type, source, started_ms, last_ms, jobs, open)
      VALUES (@correlationId, NULL, @jobType, '', @enqueuedMs, @enqueuedMs, 1, 1)
      ON CONFLICT (correlation_id) DO UPDATE SET jobs = jobs + 1, open = open + 1, last_ms = max(last_ms, excluded.last_ms)`),
    touchTrace: db.prepare('UPDATE traces SET open = open + @open, dead = dead + @dead, last_ms = max(last_ms, coalesce(@atMs, last_ms)) WHERE correlation_id = @correlationId'),
    insertJob: db.prepare(`
      INSERT OR IGNORE INTO jobs (job_id, job_type, queue, tier, state, priority, correlation_id, triggering_event_id, parent_job_id, redrive_of, replay_of, ledger_id, published_ms, enqueued_ms, arrival, input)
      VALUES (@jobId, @jobType, @queue, @tier, 'waiting', @priority, @correlationId, @triggeringEventId, @parentJobId, @redriveOf, @replayOf, @ledgerId, @publishedMs, @enqueuedMs, @arrival, @input)`),
    getJob: db.prepare('SELECT queue, tier, state, correlation_id, published_ms, enqueued_ms FROM jobs WHERE job_id = ?'),
    setState: db.prepare('UPDATE jobs SET state = ? WHERE job_id = ?'),
    noteStart: db.prepare('UPDATE jobs SET attempts = max(attempts, @attempt), started_ms = coalesce(started_ms, @startedMs), retry_at_ms = NULL WHERE job_id = @jobId'),
    noteEnd: db.prepare('UPDATE jobs SET finished_ms = @finishedMs, retry_at_ms = @retryAtMs, last_error = coalesce(@lastError, last_error) WHERE job_id = @jobId'),
    insertAttempt: db.prepare(`INSERT OR IGNORE INTO attempts (ledger_id, job_id, attempt, outcome, started_ms, worker) SELECT ledger_id, job_id, @attempt, 'running', @startedMs, @worker FROM jobs WHERE job_id = @jobId`),
    endAttempt: db.prepare(`UPDATE attempts SET outcome = @outcome, finished_ms = @finishedMs, error_name = @errorName, error_message = @errorMessage, error_stack = @errorStack WHERE ledger_id = (SELECT ledger_id FROM jobs WHERE job_id = @jobId) AND attempt = @attempt`),
    loseAttempt: db.prepare(`UPDATE attempts SET outcome = 'lost', finished_ms = @noticedMs, error_name = @errorName, error_message = @errorMessage WHERE ledger_id = (SELECT ledger_id FROM jobs WHERE job_id = @jobId) AND attempt = @attempt AND outcome = 'running'`),
    insertSetAside: db.prepare(`INSERT OR IGNORE INTO set_aside (seq, stored_ms, subject, reason, problem, event_id, correlation_id, causation_id, job_id)
      VALUES (@seq, @storedMs, @subject, @reason, @problem, @eventId, @correlationId, @causationId, @jobId)`),
    insertFailure: db.prepare('INSERT OR IGNORE INTO failures (job_id, attempt, correlation_id, at_ms, error_name, message) VALUES (@jobId, @attempt, @correlationId, @atMs, @name, @message)'),
    countFailure: db.prepare('UPDATE traces SET failures = failures + 1 WHERE correlation_id = ?'),
    countJob: db.prepare('INSERT INTO job_counts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count'),
    addLatency: db.prepare('INSERT INTO latencies VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT DO UPDATE SET count = count + 1, late = late + excluded.late'),
    addStart: db.prepare('INSERT INTO starts VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET started = started + 1, late = late + excluded.late'),
    noteLate: db.prepare('UPDATE jobs SET late = 1 WHERE job_id = ?'),
    addJobRate: db.prepare('INSERT INTO job_rates VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1'),
    hasten: db.prepare("UPDATE jobs SET retry_at_ms = @atMs WHERE job_id = @jobId AND state = 'retrying'"),
    move: db.prepare('UPDATE jobs SET priority = @priority WHERE job_id = @jobId'),
  };
}
