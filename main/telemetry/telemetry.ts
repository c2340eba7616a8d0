/**
 * OpenTelemetry for the site. Spans are always made, so that trace context is carried through envelope, headers and
 * payload; they leave the process only if the standard OTEL_* variables name an endpoint.
 */
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

export interface Telemetry {
  /** True if spans are sent to an endpoint. */
  readonly exporting: boolean;
  stop(): Promise<void>;
}

/** Set up once a process. OTEL_SDK_DISABLED=true switches spans off altogether. */
export function startTelemetry(env: NodeJS.ProcessEnv, service: { site: string; version: string }): Telemetry {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (env.OTEL_SDK_DISABLED === 'true') return { exporting: false, stop: async () => {} };
  const exporting = endpoint !== undefined && env.OTEL_TRACES_EXPORTER !== 'none';
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': env.OTEL_SERVICE_NAME ?? 'spine-console',
      'service.version': service.version,
      'service.instance.id': service.site,
    }),
    // The exporter reads endpoint, headers and timeouts from the OTEL_* variables itself. The queue is bounded: when the
    // endpoint is away, spans are dropped, never jobs.
    spanProcessors: exporting ? [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })] : [],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    exporting,
    async stop() {
      await provider.shutdown().catch(() => {});
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
