/**
 * Headers of a message: CloudEvents 1.0 in binary mode (NATS binding: prefix `ce-`), W3C trace context for this hop,
 * and the id by which JetStream drops duplicates.
 */
import type { Envelope } from '../../shared/envelope.ts';

export function headersOf(event: Envelope): [string, string][] {
  const headers: [string, string][] = [
    ['Nats-Msg-Id', event.eventId],
    ['ce-specversion', '1.0'],
    ['ce-id', event.eventId],
    ['ce-type', event.eventType],
    ['ce-source', encodeURI(event.source)],
    ['ce-time', event.timestamp],
    ['ce-datacontenttype', 'application/json'],
    ['ce-correlationid', event.correlationId],
  ];
  if (event.causationId !== undefined) headers.push(['ce-causationid', event.causationId]);
  if (event.traceContext) {
    headers.push(['traceparent', event.traceContext.traceparent]);
    if (event.traceContext.tracestate) headers.push(['tracestate', event.traceContext.tracestate]);
  }
  return headers;
}
