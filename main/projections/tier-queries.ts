/** Reads of the read model that add up: latencies, budgets, rates, and who causes what. In the reading thread, as all reads. */
import type Database from 'better-sqlite3';
import { bucketUpperMs, percentile } from '../../shared/latency-histogram.ts';
import type { FlowMap, LatencyHistogram, LatencyMeasure, LatencyPoint } from '../../shared/operator-api/index.ts';
import type { Tier } from '../../shared/tiers.ts';
import { LATENCY_BUCKET_S } from './schema.ts';

export interface TierWindow {
  readonly started: number;
  readonly late: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}
/** Jobs of a queue over some minutes. */
export interface QueueRates {
  readonly queue: string;
  readonly enqueued: number;
  readonly completed: number;
  readonly failed: number;
  readonly dead: number;
}
interface LatencyRow {
  readonly latency_bucket: number;
  readonly count: number;
  readonly late: number;
}

const MEASURES: readonly LatencyMeasure[] = ['start', 'bus', 'wait', 'run'];

export class TierQueries {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  /** Published → handler started, of first attempts since then. */
  window(tier: Tier, sinceMs: number): TierWindow {
    return windowOf(this.#latencies(tier, 'start', sinceMs));
  }

  /** One point per bucket in which something started. */
  series(tier: Tier, sinceMs: number, bucketMs: number): LatencyPoint[] {
    const rows = this.#all<LatencyRow & { at: number }>(
      `SELECT (bucket_s * 1000 / CAST(@bucketMs AS INTEGER)) * CAST(@bucketMs AS INTEGER) AS at, latency_bucket, sum(count) AS count, sum(late) AS late
       FROM latencies WHERE tier = @tier AND measure = 'start' AND bucket_s >= @since GROUP BY 1, 2 ORDER BY 1`,
      { tier, since: Math.floor(sinceMs / 1_000), bucketMs: Math.max(bucketMs, LATENCY_BUCKET_S * 1_000) },
    );
    return [...Map.groupBy(rows, ({ at }) => at)].map(([at, ofBucket]) => ({ at, ...windowOf(ofBucket) }));
  }

  /** Where the time went: the whole, the bus, the queue, the run. Buckets in ascending order, those without samples left out. */
  histogram(tier: Tier, sinceMs: number): LatencyHistogram['measures'] {
    return MEASURES.map((measure) => {
      const rows = this.#latencies(tier, measure, sinceMs);
      const { started: samples, p50Ms, p95Ms, p99Ms } = windowOf(rows);
      return {
        measure, samples, p50Ms, p95Ms, p99Ms,
        buckets: rows.map(({ latency_bucket, count }) => ({ fromMs: latency_bucket === 0 ? 0 : bucketUpperMs(latency_bucket - 1), toMs: bucketUpperMs(latency_bucket), count })),
      };
    });
  }

  /** Starts since then, and how many of them were late. By the minute: the first may be counted in part. */
  budgetUse(tier: Tier, sinceMs: number): { started: number; late: number } {
    return this.#all<{ started: number; late: number }>('SELECT coalesce(sum(started), 0) AS started, coalesce(sum(late), 0) AS late FROM starts WHERE tier = @tier AND minute_s >= @since', { tier, since: Math.floor(sinceMs / 60_000) * 60 })[0] ?? { started: 0, late: 0 };
  }

  /** What became of jobs since then, by queue. */
  queueRates(sinceMs: number): QueueRates[] {
    const rows = this.#all<{ queue: string; what: string; count: number }>('SELECT queue, what, sum(count) AS count FROM job_rates WHERE minute_s >= @since GROUP BY 1, 2', { since: Math.floor(sinceMs / 60_000) * 60 });
    return [...Map.groupBy(rows, ({ queue }) => queue)].map(([queue, ofQueue]) => {
      const of = (what: string): number => ofQueue.find((row) => row.what === what)?.count ?? 0;
      return { queue, enqueued: of('enqueued'), completed: of('completed'), failed: of('failed'), dead: of('dead') };
    });
  }

  /** Who causes what, over the newest events: sources, event types and job types as nodes. @param maxEvents that are looked at. */
  flowMap(maxEvents: number): Omit<FlowMap, 'measuredMs'> {
    const [bounds] = this.#all<{ last: number | null; first: number | null }>('SELECT max(seq) AS last, (SELECT min(seq) FROM events) AS first FROM events', {});
    if (!bounds || bounds.last === null || bounds.first === null) return { sinceMs: null, untilMs: null, events: 0, edges: [] };
    const from = Math.max(bounds.first, bounds.last - maxEvents + 1);
    const values = { from };
    const [span] = this.#all<{ since: number; until: number; events: number }>('SELECT min(stored_ms) AS since, max(stored_ms) AS until, count(*) AS events FROM events WHERE seq >= @from', values);
    const edges = [
      ...this.#all<Edge>(`SELECT 'publishes' AS kind, source AS "from", event_type AS "to", count(*) AS count, 0 AS failed, NULL AS ms FROM events WHERE seq >= @from AND domain <> 'job' AND job_id IS NULL GROUP BY source, event_type`, values),
      ...this.#all<Edge>(
        `SELECT 'triggers' AS kind, e.event_type AS "from", j.job_type AS "to", count(*) AS count, sum(j.state IN ('dead', 'discarded', 'redriven')) AS failed, avg(j.started_ms - j.published_ms) AS ms
         FROM events e JOIN jobs j ON j.triggering_event_id = e.event_id AND j.parent_job_id IS NULL WHERE e.seq >= @from AND e.domain <> 'job' GROUP BY e.event_type, j.job_type`,
        values,
      ),
      ...this.#all<Edge>(
        `SELECT 'hands-on' AS kind, p.job_type AS "from", j.job_type AS "to", count(*) AS count, sum(j.state IN ('dead', 'discarded', 'redriven')) AS failed, avg(j.started_ms - j.enqueued_ms) AS ms
         FROM events e JOIN jobs j ON j.triggering_event_id = e.event_id JOIN jobs p ON p.job_id = j.parent_job_id WHERE e.seq >= @from AND e.domain <> 'job' GROUP BY p.job_type, j.job_type`,
        values,
      ),
      ...this.#all<Edge>(
        `SELECT 'emits' AS kind, j.job_type AS "from", e.event_type AS "to", count(*) AS count, 0 AS failed, avg(e.stored_ms - coalesce(j.finished_ms, e.stored_ms)) AS ms
         FROM events e JOIN jobs j ON j.job_id = e.job_id WHERE e.seq >= @from AND e.domain <> 'job' GROUP BY j.job_type, e.event_type`,
        values,
      ),
    ];
    return { sinceMs: span?.since ?? null, untilMs: span?.until ?? null, events: span?.events ?? 0, edges };
  }

  #latencies(tier: Tier, measure: LatencyMeasure, sinceMs: number): LatencyRow[] {
    return this.#all<LatencyRow>(
      'SELECT latency_bucket, sum(count) AS count, sum(late) AS late FROM latencies WHERE tier = @tier AND measure = @measure AND bucket_s >= @since GROUP BY latency_bucket ORDER BY latency_bucket',
      { tier, measure, since: Math.floor(sinceMs / 1_000) },
    );
  }

  #all<Row>(sql: string, values: object): Row[] {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement.all(values) as Row[];
  }
}

type Edge = FlowMap['edges'][number];

function windowOf(rows: readonly LatencyRow[]): TierWindow {
  const counts = new Map(rows.map(({ latency_bucket, count }) => [latency_bucket, count]));
  const sum = (of: 'count' | 'late'): number => rows.reduce((total, row) => total + row[of], 0);
  return { started: sum('count'), late: sum('late'), p50Ms: percentile(counts, 0.5), p95Ms: percentile(counts, 0.95), p99Ms: percentile(counts, 0.99) };
}
