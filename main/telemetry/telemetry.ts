/**
 * OpenTelemetry for the site. Spans are always made, so that trace context is carried through envelope, headers and
 * payload; they leave the process only if the standard OTEL_* variables name an endpoint.
 */
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { type ExportCounts, openSpanExport, resourceAttributesOf, samplerOf } from './span-export.ts';

export interface Telemetry {
  /** What became of the spans; null if none are sent anywhere. */
  counts(): ExportCounts | null;
  stop(): Promise<void>;
}

/** Set up once a process. OTEL_SDK_DISABLED=true switches spans off altogether. @throws ConfigError naming the variable. */
export function startTelemetry(env: NodeJS.ProcessEnv, service: { site: string; version: string }): Telemetry {
  if (env.OTEL_SDK_DISABLED === 'true') return { counts: () => null, stop: async () => {} };
  const sending = openSpanExport(env);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.instance.id': service.site,
      ...resourceAttributesOf(env),
      'service.name': env.OTEL_SERVICE_NAME ?? resourceAttributesOf(env)['service.name'] ?? 'spine-console',
      'service.version': service.version,
    }),
    sampler: samplerOf(env),
    // The queue is bounded: when the endpoint is away, spans are dropped, never jobs.
    spanProcessors: sending ? [sending.processor] : [],
  });
  trace.setGlobalTracerProvider(provider);
  // So that what handlers ask of outside systems carries the context along.
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    counts: () => sending?.counts() ?? null,
    async stop() {
      await provider.shutdown().catch(() => {});
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
