/** The address of a trace in the site's tracing tool, made of the configured template. Pure. */
import type { PackedTrace } from '../../shared/operator-api/index.ts';

/** @returns null without a template, or where it asks for a trace id and the first event carries none. */
export function backendUrl(template: string | null, trace: Pick<PackedTrace, 'correlationId' | 'traceparent'>): string | null {
  if (template === null) return null;
  const traceId = trace.traceparent?.split('-')[1];
  if (traceId === undefined && template.includes('{traceId}')) return null;
  return template.replaceAll('{traceId}', traceId ?? '').replaceAll('{correlationId}', encodeURIComponent(trace.correlationId));
}
