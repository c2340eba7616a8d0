/**
 * Sending spans away, by the standard OTEL_* variables: a bounded queue, and counts of what was sent, failed and dropped.
 * The exporter reads endpoint, headers, compression and timeout from OTEL_EXPORTER_OTLP_* itself.
 */
import { createNoopMeter, type Attributes, type Counter, type Meter, type MeterProvider, type ObservableCallback, type ObservableUpDownCounter } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, type Sampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { ConfigError } from '../../shared/errors.ts';

export interface ExportCounts {
  /** Where spans are sent. */
  readonly endpoint: string;
  readonly sent: number;
  /** Refused by the endpoint, or it did not answer. */
  readonly failed: number;
  /** Left out because the queue was full. */
  readonly dropped: number;
  readonly queued: number;
  readonly capacity: number;
}

export interface SpanExport {
  readonly processor: BatchSpanProcessor;
  counts(): ExportCounts;
}

/** @returns null unless an endpoint is named and OTEL_TRACES_EXPORTER is not "none". */
export function openSpanExport(env: NodeJS.ProcessEnv): SpanExport | null {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined || endpoint === '' || env.OTEL_TRACES_EXPORTER === 'none') return null;
  const meter = new CountingMeter();
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    maxQueueSize: whole(env, 'OTEL_BSP_MAX_QUEUE_SIZE', 2_048),
    maxExportBatchSize: whole(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    scheduledDelayMillis: whole(env, 'OTEL_BSP_SCHEDULE_DELAY', 5_000),
    exportTimeoutMillis: whole(env, 'OTEL_BSP_EXPORT_TIMEOUT', 30_000),
    selfObsMeterProvider: meter.provider,
  });
  return { processor, counts: () => ({ endpoint: withoutSecrets(endpoint), ...meter.counts() }) };
}

/** The sampler of OTEL_TRACES_SAMPLER. @throws ConfigError for one that there is not. */
export function samplerOf(env: NodeJS.ProcessEnv): Sampler {
  const name = env.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on';
  const ratio = (): number => {
    const share = Number(env.OTEL_TRACES_SAMPLER_ARG ?? 1);
    if (!(share >= 0 && share <= 1)) throw new ConfigError('OTEL_TRACES_SAMPLER_ARG', `"${env.OTEL_TRACES_SAMPLER_ARG ?? ''}" is no share`, 'a number from 0 to 1');
    return share;
  };
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio());
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio()) });
    default:
      throw new ConfigError('OTEL_TRACES_SAMPLER', `there is no sampler "${name}"`, 'always_on, always_off, traceidratio, or one of them with parentbased_ before it');
  }
}

/** OTEL_RESOURCE_ATTRIBUTES: `key=value,key=value`, percent-encoded. */
export function resourceAttributesOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of (env.OTEL_RESOURCE_ATTRIBUTES ?? '').split(',')) {
    const equals = pair.indexOf('=');
    if (equals <= 0) continue;
    try {
      found[pair.slice(0, equals).trim()] = decodeURIComponent(pair.slice(equals + 1).trim());
    } catch {
      // Not percent-encoded as it should be: as the specification says, it is left out.
    }
  }
  return found;
}

function whole(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const value = env[name];
  if (value === undefined || value === '') return otherwise;
  if (!/^[1-9]\d*$/.test(value)) throw new ConfigError(name, `"${value}" is no whole number`, 'a whole number from 1');
  return Number(value);
}

/** An address for people to see: without user, password and query. */
function withoutSecrets(endpoint: string): string {
  try {
    const { protocol, host, pathname } = new URL(endpoint);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'not an address';
  }
}

/** Takes up what OpenTelemetry's batch processor tells of itself (otel.sdk.processor.span.*). */
class CountingMeter {
  #sent = 0;
  #failed = 0;
  #dropped = 0;
  #capacity = 0;
  #queued: ObservableCallback | null = null;

  readonly provider: MeterProvider = { getMeter: () => this.#meter() };

  counts(): Omit<ExportCounts, 'endpoint'> {
    let queued = 0;
    void this.#queued?.({ observe: (size) => (queued = size) });
    return { sent: this.#sent, failed: this.#failed, dropped: this.#dropped, queued, capacity: this.#capacity };
  }

  #meter(): Meter {
    const noop = createNoopMeter();
    const processed: Counter = { add: (count: number, attributes?: Attributes) => this.#count(count, attributes?.['error.type']) };
    return Object.assign(Object.create(noop) as Meter, {
      createCounter: (name: string) => (name.endsWith('span.processed') ? processed : noop.createCounter(name)),
      createUpDownCounter: (name: string) => (name.endsWith('queue.capacity') ? { add: (count: number) => (this.#capacity += count) } : noop.createUpDownCounter(name)),
      createObservableUpDownCounter: (name: string): ObservableUpDownCounter => ({
        addCallback: (callback) => {
          if (name.endsWith('queue.size')) this.#queued = callback;
        },
        removeCallback: () => (this.#queued = null),
      }),
    });
  }

  #count(count: number, error: unknown): void {
    if (error === undefined) this.#sent += count;
    else if (error === 'queue_full') this.#dropped += count;
    else this.#failed += count;
  }
}
