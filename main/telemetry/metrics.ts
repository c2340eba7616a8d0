/**
 * Metrics for Prometheus, served by the headless host. Counted where things happen, or measured when they are asked for; labels
 * are types, queues and tiers only, so that their number stays small and no payload leaves the site.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Envelope } from '../../shared/envelope.ts';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import type { Tier } from '../../shared/tiers.ts';
import type { AttemptOutcome } from '../workers/attempt-outcome.ts';
import type { ExportCounts } from './span-export.ts';

/** Seconds; the promises of the tiers (0.1, 5, 300) are among them. */
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800];
const RELAY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300];

export interface MeasuredQueue {
  readonly queue: string;
  readonly tier: Tier;
  readonly state: string;
  readonly count: number;
  readonly oldestMs: number | null;
}

/** What is measured when somebody asks. */
export interface MetricSources {
  readonly status: () => Promise<SiteStatus>;
  readonly jobCounts: () => Promise<readonly MeasuredQueue[]>;
  readonly slots: () => readonly { queue: string; concurrency: number; running: number }[];
  readonly spans: () => ExportCounts | null;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #latency: Histogram<'tier'>;
  readonly #runTime: Histogram<'tier'>;
  readonly #attempts: Counter<'job_type' | 'outcome'>;
  readonly #deadLetters: Counter<'job_type'>;
  readonly #events: Counter<'domain'>;
  readonly #relayLag: Histogram;
  readonly #gauges: ReturnType<typeof makeGauges>;
  #sources: MetricSources | null = null;

  constructor() {
    const registers = [this.#registry];
    this.#latency = new Histogram({ name: 'spine_handler_start_latency_seconds', help: 'From an event stored on the bus to the start of its handler: the promise of the tier.', labelNames: ['tier'], buckets: LATENCY_BUCKETS, registers });
    this.#runTime = new Histogram({ name: 'spine_attempt_duration_seconds', help: 'How long attempts ran.', labelNames: ['tier'], buckets: LATENCY_BUCKETS, registers });
    this.#attempts = new Counter({ name: 'spine_attempts_total', help: 'Attempts that ended, by outcome: completed, failed (tried again) or dead.', labelNames: ['job_type', 'outcome'], registers });
    this.#deadLetters = new Counter({ name: 'spine_dead_letters_total', help: 'Jobs that became dead letters.', labelNames: ['job_type'], registers });
    this.#events = new Counter({ name: 'spine_events_total', help: 'Valid events seen on the bus by this process.', labelNames: ['domain'], registers });
    this.#relayLag = new Histogram({ name: 'spine_relay_lag_seconds', help: 'From an event made to its acknowledgement by the bus, for events that leave by the outbox.', buckets: RELAY_BUCKETS, registers });
    this.#gauges = makeGauges(this.#registry);
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Until this is called, only what is counted is told. */
  measure(sources: MetricSources): void {
    this.#sources = sources;
  }

  attemptEnded(outcome: AttemptOutcome, tier: Tier): void {
    const { job, payload, definition, startedMs, finishedMs } = outcome;
    const jobType = definition?.type ?? 'unknown';
    if (job.attempt === 1 && payload) this.#latency.observe({ tier }, Math.max(0, startedMs - payload.publishedMs) / 1_000);
    this.#runTime.observe({ tier }, Math.max(0, finishedMs - startedMs) / 1_000);
    const dead = outcome.outcome === 'failed' && outcome.verdict.next === 'dead';
    this.#attempts.inc({ job_type: jobType, outcome: dead ? 'dead' : outcome.outcome });
    if (dead) this.#deadLetters.inc({ job_type: jobType });
  }

  eventsSeen(byDomain: Readonly<Record<string, number>>): void {
    for (const [domain, count] of Object.entries(byDomain)) this.#events.inc({ domain }, count);
  }

  relayed(event: Pick<Envelope, 'timestamp'>): void {
    this.#relayLag.observe(Math.max(0, Date.now() - Date.parse(event.timestamp)) / 1_000);
  }

  /** All of them in Prometheus' text format. */
  async text(): Promise<string> {
    if (this.#sources) await this.#take(this.#sources);
    return this.#registry.metrics();
  }

  async #take({ status, jobCounts, slots, spans }: MetricSources): Promise<void> {
    const gauges = this.#gauges;
    const [now, counts] = await Promise.all([status(), jobCounts().catch(() => [])]);
    for (const gauge of [gauges.jobs, gauges.oldest, gauges.streamMessages, gauges.streamBytes, gauges.streamLag]) gauge.reset();
    for (const { queue, tier, state, count, oldestMs } of counts) {
      gauges.jobs.set({ queue, tier, state }, count);
      if (state === 'waiting') gauges.oldest.set({ queue, tier }, oldestMs === null ? 0 : Math.max(0, now.measuredMs - oldestMs) / 1_000);
    }
    for (const { queue, concurrency, running } of slots()) {
      gauges.slots.set({ queue }, concurrency);
      gauges.busy.set({ queue }, running);
    }
    for (const { id, health } of now.components) gauges.up.set({ component: id }, health === 'ok' ? 1 : health === 'degraded' ? 0.5 : 0);
    for (const { name, messages, bytes, lag } of now.streams) {
      gauges.streamMessages.set({ stream: name }, messages);
      gauges.streamBytes.set({ stream: name }, bytes);
      if (lag !== null) gauges.streamLag.set({ stream: name }, lag);
    }
    gauges.deadWaiting.set(now.deadLetters.waiting);
    gauges.setAside.set(now.setAside.total);
    gauges.outbox.set(now.outbox.backlog);
    gauges.outboxAge.set((now.outbox.oldestMs ?? 0) / 1_000);
    gauges.behind.set(now.projection.behind);
    const sent = spans();
    if (!sent) return;
    for (const result of ['sent', 'failed', 'dropped', 'queued'] as const) gauges.spans.set({ result }, sent[result]);
  }
}

function makeGauges(registry: Registry) {
  const gauge = <const Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Gauge<Label> => new Gauge({ name, help, labelNames, registers: [registry] });
  return {
    jobs: gauge('spine_jobs', 'Jobs by queue and state, as the view counts them.', ['queue', 'tier', 'state']),
    oldest: gauge('spine_oldest_waiting_job_seconds', 'Age of the oldest job that could run now; 0 if none waits.', ['queue', 'tier']),
    slots: gauge('spine_worker_slots', 'Jobs of a queue that this process runs at the same time at most.', ['queue']),
    busy: gauge('spine_worker_slots_busy', 'Jobs of a queue that this process runs now.', ['queue']),
    deadWaiting: gauge('spine_dead_letters_waiting', 'Dead letters that wait for a decision.'),
    setAside: gauge('spine_set_aside_messages', 'Messages that are no valid event.'),
    outbox: gauge('spine_outbox_events', 'Events that wait in the outbox.'),
    outboxAge: gauge('spine_outbox_oldest_seconds', 'Age of the oldest event in the outbox; 0 if none waits.'),
    behind: gauge('spine_projection_behind_events', 'Events that the console’s view has not taken up yet.'),
    up: gauge('spine_component_up', '1 ok, 0.5 degraded, 0 down or unknown.', ['component']),
    streamMessages: gauge('spine_stream_messages', 'Messages in a stream.', ['stream']),
    streamBytes: gauge('spine_stream_bytes', 'Bytes of a stream.', ['stream']),
    streamLag: gauge('spine_stream_lag_events', 'Events by which a copy is behind its origin.', ['stream']),
    spans: gauge('spine_otel_spans', 'Spans since the start: sent, failed, dropped because the queue was full, or queued now.', ['result']),
  };
}
