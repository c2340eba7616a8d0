/** The site's health, measured when somebody looks and every few seconds, and said in words. */
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { message, type Words, words } from '../../shared/i18n/translate.ts';
import type { Alert, Component, Health, SiteStatus, TierSummary } from '../../shared/operator-api/index.ts';
import { budgetBurnt, judgePromise, TIER_PROMISES, TIERS, type Tier } from '../../shared/tiers.ts';
import type { Database } from '../database/database.ts';
import type { EventBus, StreamReport } from '../event-bus/event-bus.ts';
import { type OutboxStatus, outboxStatus } from '../outbox/outbox.ts';
import type { Relay } from '../outbox/relay.ts';
import type { ExportCounts } from '../telemetry/span-export.ts';
import type { Projection } from '../projections/projection.ts';
import type { Routing } from '../routing/route-events.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { waitingLetters } from '../dead-letters/families.ts';
import { attentionOf } from './attention.ts';

/** The window over which promises are judged, ms. */
export const PROMISE_WINDOW_MS = 900_000;
const SPARKLINE_BUCKET_MS = 60_000;
/** A status younger than this is given again instead of measured, ms. */
const FRESH_MS = 800;
const BUDGETS_EVERY_MS = 5_000;
const HEALTH_EVERY_MS = 5_000;
/** A loss of spans is shown this long, ms. */
const LOST_LATELY_MS = 60_000;

export interface MonitoredParts {
  readonly bus: EventBus;
  readonly database: Database;
  readonly routing: Routing;
  readonly workers: WorkerPool | null;
  readonly relay: Relay;
  readonly projection: Projection;
  readonly demo: { readonly running: boolean; readonly published: number };
  /** Alerts that last. */
  readonly alerts: () => readonly Alert[];
  /** What became of spans; null if they are sent nowhere. */
  readonly spans: () => ExportCounts | null;
}
export interface SiteFacts {
  readonly site: string;
  readonly version: string;
  readonly mode: SiteStatus['mode'];
  readonly host: SiteStatus['host'];
  readonly startedMs: number;
  readonly source: string;
  readonly natsEmbedded: boolean;
  readonly postgresEmbedded: boolean;
  readonly traceUrl: string | null;
}

interface DatabaseMeasure {
  readonly outbox: OutboxStatus;
  readonly deadLetters: SiteStatus['deadLetters'];
  readonly setAside: SiteStatus['setAside'];
}

export class SiteMonitor {
  readonly #parts: MonitoredParts;
  readonly #facts: SiteFacts;
  #latest: SiteStatus | null = null;
  /** By the monotonic clock: the time of day may jump back, and the status must not stand still until it has caught up. */
  #latestAt = 0;
  #measuring: Promise<SiteStatus> | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** When each part went down, by the monotonic clock, ms. */
  readonly #downSince = new Map<string, number>();

  #spansLost = { count: 0, at: 0 };
  readonly #budgets = new Map<Tier, { hour: number; day: number; at: number }>();

  constructor(facts: SiteFacts, parts: MonitoredParts) {
    this.#facts = facts;
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#watchHealth(), HEALTH_EVERY_MS);
    this.#timer.unref();
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  /** The status now; askers at the same time share one measurement. Never throws: what can't be measured says so. */
  async status(): Promise<SiteStatus> {
    if (this.#latest && performance.now() - this.#latestAt < FRESH_MS) return this.#latest;
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = null;
    });
    return this.#measuring;
  }

  async tierSummary(tier: Tier, rangeMs: number): Promise<TierSummary> {
    const counts = await this.#parts.projection.read.jobCounts();
    return this.#summarize(tier, counts, rangeMs);
  }

  async #measure(): Promise<SiteStatus> {
    const { bus, projection, demo, workers } = this.#parts;
    const measuredMs = Date.now();
    const measuredAt = performance.now();
    const [streams, database, view] = await Promise.all([
      withinTime(bus.streams()),
      withinTime(this.#measureDatabase()),
      withinTime(this.#measureView()),
    ]);
    const origin = streams.ok ? streams.value[0] : undefined;
    const behind = origin ? Math.max(0, origin.lastSeq - projection.lastSeq) : 0;
    const outbox = database.ok ? database.value.outbox : { backlog: 0, oldestMs: null, stuck: 0 };
    const components = this.#components({ natsOk: streams.ok, databaseOk: database.ok, viewOk: view.ok, behind, outbox });
    const tiers = view.ok ? view.value.tiers : [];
    const { site, version, mode, host, startedMs } = this.#facts;
    const partial = {
      measuredMs, site, version, mode, host, startedMs, components, tiers,
      streams: streams.ok ? streams.value.map(withoutCreation) : [],
      deadLetters: database.ok ? database.value.deadLetters : { waiting: 0, ignored: 0, newestMs: null },
      setAside: database.ok ? database.value.setAside : { total: 0, newestMs: null },
      outbox: { backlog: outbox.backlog, oldestMs: outbox.oldestMs },
      projection: { lastSeq: projection.lastSeq, behind },
      alerts: [...this.#parts.alerts()],
      demo: { running: demo.running, published: demo.published },
      telemetry: { traceUrl: this.#facts.traceUrl, export: this.#parts.spans() },
      totals: view.ok ? view.value.totals : { events: 0, jobs: 0, completed: 0 },
    };
    this.#latestAt = measuredAt;
    this.#latest = { ...partial, attention: attentionOf(partial, { stuck: outbox.stuck, observer: workers === null }) };
    return this.#latest;
  }

  async #measureDatabase(): Promise<DatabaseMeasure> {
    const sql = this.#parts.database.intake;
    const [outbox, dead, aside] = await Promise.all([
      outboxStatus(sql),
      waitingLetters(sql),
      sql.query<{ n: string; newest: Date | null }>('SELECT count(*) AS n, max(stored_at) AS newest FROM spine.set_aside'),
    ]);
    return {
      outbox,
      deadLetters: dead,
      setAside: { total: Number(aside.rows[0]?.n ?? 0), newestMs: aside.rows[0]?.newest?.getTime() ?? null },
    };
  }

  async #measureView(): Promise<{ tiers: TierSummary[]; totals: SiteStatus['totals'] }> {
    const { read } = this.#parts.projection;
    const [counts, totals] = await Promise.all([read.jobCounts(), read.totals()]);
    const tiers = await Promise.all(TIERS.map((tier) => this.#summarize(tier, counts, PROMISE_WINDOW_MS)));
    const sum = (wanted: (state: string) => boolean): number => counts.reduce((total, { state, count }) => total + (wanted(state) ? count : 0), 0);
    return { tiers, totals: { events: totals.events, jobs: sum(() => true), completed: sum((state) => state === 'completed') } };
  }

  async #summarize(tier: Tier, counts: Awaited<ReturnType<Projection['read']['jobCounts']>>, rangeMs: number): Promise<TierSummary> {
    const { read } = this.#parts.projection;
    const now = Date.now();
    const sinceMs = now - rangeMs;
    const [window, minutes] = await Promise.all([read.tierWindow(tier, sinceMs), read.tierSeries(tier, now - PROMISE_WINDOW_MS, SPARKLINE_BUCKET_MS)]);
    const lately = await this.#budgetsLately(tier);
    const ofTier = counts.filter((row) => row.tier === tier);
    const sum = (state: string): number => ofTier.filter((row) => row.state === state).reduce((total, { count }) => total + count, 0);
    const oldest = ofTier.flatMap(({ oldestMs }) => (oldestMs === null ? [] : [oldestMs]));
    const oldestMs = oldest.length > 0 ? Math.max(0, now - Math.min(...oldest)) : null;
    const p99ByMinute = new Map(minutes.map(({ at, p99Ms }) => [at, p99Ms]));
    const firstMinute = Math.floor((now - PROMISE_WINDOW_MS) / SPARKLINE_BUCKET_MS + 1) * SPARKLINE_BUCKET_MS;
    return {
      tier,
      targetMs: TIER_PROMISES[tier].targetMs,
      verdict: judgePromise(tier, { ...window, oldestWaitingMs: oldestMs }),
      budgetBurnt: budgetBurnt(tier, window),
      budgetBurntHour: lately?.hour ?? null,
      budgetBurntDay: lately?.day ?? null,
      ...window,
      waiting: sum('waiting'),
      running: sum('running'),
      retrying: sum('retrying'),
      oldestMs,
      sparkline: Array.from({ length: PROMISE_WINDOW_MS / SPARKLINE_BUCKET_MS }, (_, i) => p99ByMinute.get(firstMinute + i * SPARKLINE_BUCKET_MS) ?? null),
    };
  }

  /** Budgets of longer windows move slowly: they are measured now and then. */
  async #budgetsLately(tier: Tier): Promise<{ hour: number; day: number }> {
    const known = this.#budgets.get(tier);
    if (known && performance.now() - known.at < BUDGETS_EVERY_MS) return known;
    const { read } = this.#parts.projection;
    const now = Date.now();
    const [hour, day] = await Promise.all([read.budgetUse(tier, now - 3_600_000), read.budgetUse(tier, now - 86_400_000)]);
    const measured = { hour: budgetBurnt(tier, hour), day: budgetBurnt(tier, day), at: performance.now() };
    this.#budgets.set(tier, measured);
    return measured;
  }

  #components(measured: { natsOk: boolean; databaseOk: boolean; viewOk: boolean; behind: number; outbox: OutboxStatus }): Component[] {
    const { bus, database, routing, workers, relay, projection } = this.#parts;
    const { natsEmbedded, postgresEmbedded } = this.#facts;
    const where = (embedded: boolean): Words => (embedded ? words('embedded') : words('connected to an outside server'));
    const part = (id: Component['id'], name: string, health: Health, detail: Words, version: string | null = null): Component => ({ id, name, health, detail, version });
    const spans = this.#parts.spans();
    const busy = workers?.status().reduce((sum, { running }) => sum + running, 0) ?? 0;
    const slots = workers?.status().reduce((sum, { concurrency }) => sum + concurrency, 0) ?? 0;
    return [
      measured.natsOk
        ? part('nats', message('NATS JetStream'), 'ok', where(natsEmbedded), bus.serverVersion)
        : part('nats', message('NATS JetStream'), bus.state() === 'reconnecting' ? 'degraded' : 'down', words('does not answer; publishing waits, nothing that was acknowledged is lost'), bus.serverVersion),
      measured.databaseOk
        ? part('postgres', message('PostgreSQL'), 'ok', where(postgresEmbedded), database.version)
        : part('postgres', message('PostgreSQL'), 'down', words('does not answer; events wait on the bus until it is back'), database.version),
      routing.lastError
        ? part('routing', message('Routing'), 'down', words('waits and tries again: {problem}', { problem: routing.lastError }))
        : routing.held
          ? part('routing', message('Routing'), 'degraded', words('takes no events: {why}. They wait in the stream; it goes on by itself once fewer wait', { why: routing.held.why }))
          : part('routing', message('Routing'), 'ok', routing.backlog > 0 ? words('{n, number} events in hand', { n: routing.backlog }) : words('no backlog')),
      workers === null ? part('workers', message('Workers'), 'unknown', words('observer: this site runs no jobs')) : part('workers', message('Workers'), 'ok', words('{busy, number} of {slots, number} slots busy', { busy, slots })),
      relay.lastError
        ? part('relay', message('Relay'), 'down', words('waits and tries again: {problem}', { problem: relay.lastError }))
        : part('relay', message('Relay'), measured.outbox.stuck > 0 ? 'degraded' : 'ok', measured.outbox.stuck > 0 ? words('{n, number} events can\'t be published', { n: measured.outbox.stuck }) : words('{n, number} events wait', { n: measured.outbox.backlog })),
      part(
        'projection', message('Projection'),
        projection.rebuilding ? 'starting' : !measured.viewOk ? 'down' : measured.behind > 5_000 ? 'degraded' : 'ok',
        projection.rebuilding ? words('is being rebuilt') : measured.behind > 0 ? words('{n, number} events behind', { n: measured.behind }) : words('up to date'),
      ),
      ...(spans === null ? [] : [part('telemetry', message('OpenTelemetry'), this.#judgeExport(spans), exportWords(spans))]),
    ];
  }

  /** Losing spans harms no job: it is worth a word while it goes on, and no more than that. */
  #judgeExport({ failed, dropped }: ExportCounts): Health {
    const now = performance.now();
    if (failed + dropped > this.#spansLost.count) this.#spansLost = { count: failed + dropped, at: now };
    return this.#spansLost.count > 0 && now - this.#spansLost.at < LOST_LATELY_MS ? 'degraded' : 'ok';
  }

  /** Publish a change of health, by the bus itself: Postgres may be what is down. */
  async #watchHealth(): Promise<void> {
    const { components } = await this.status();
    for (const { id, health, detail } of components) {
      const down = health === 'down';
      const since = this.#downSince.get(id);
      if (down === (since !== undefined)) continue;
      const { source } = this.#facts;
      const event = down
        ? createTyped({ eventType: 'system.HealthCheckFailed', source, data: { component: id, problem: detail.text } })
        : createTyped({ eventType: 'system.HealthCheckRecovered', source, data: { component: id, downMs: performance.now() - (since ?? performance.now()) } });
      try {
        await this.#parts.bus.publish(event as Envelope);
      } catch {
        // The bus itself is away: say it again at the next look.
        continue;
      }
      if (down) this.#downSince.set(id, performance.now());
      else this.#downSince.delete(id);
    }
  }
}

function exportWords({ sent, failed, dropped, queued, endpoint }: ExportCounts): Words {
  return words('{sent} spans sent to {endpoint}, {queued} queued, {dropped, plural, =0 {0 dropped} other {# dropped, the queue was full}}{failed, plural, =0 {} other {, # not taken by the endpoint}}', { sent, endpoint, queued, dropped, failed });
}

type Measured<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false };

/** A part that does not answer in time counts as away; the page must not wait for it. */
async function withinTime<Value>(measurement: Promise<Value>): Promise<Measured<Value>> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const value = await Promise.race([
      measurement,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('no answer in time')), 2_000);
      }),
    ]);
    return { ok: true, value };
  } catch {
    return { ok: false };
  } finally {
    clearTimeout(timer);
    measurement.catch(() => {});
  }
}

function withoutCreation({ createdMs: _createdMs, ...report }: StreamReport): SiteStatus['streams'][number] {
  return report;
}
