/** From an event on the bus to its row in the console. */
import { domainOf, type Envelope } from '../../shared/envelope.ts';
import type { EventRow } from '../../shared/operator-api/index.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';

const LONGEST_SUMMARY = 160;

export function eventRowOf(event: Envelope, message: Pick<StoredMessage, 'seq' | 'storedMs'>, verdict: EventRow['verdict']): EventRow {
  return {
    seq: message.seq,
    eventId: event.eventId,
    eventType: event.eventType,
    eventVersion: event.eventVersion,
    domain: domainOf(event.eventType),
    source: event.source,
    timestampMs: Date.parse(event.timestamp),
    storedMs: message.storedMs,
    correlationId: event.correlationId,
    causationId: event.causationId ?? null,
    jobId: event.jobId ?? null,
    verdict,
    summary: summarize(event.data),
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The payload on one line: `key value · key value`. Ids come last: they say nothing to the eye. */
export function summarize(data: Record<string, unknown>): string {
  const telling: string[] = [];
  const ids: string[] = [];
  let length = 0;
  for (const [key, value] of Object.entries(data)) {
    if (length > LONGEST_SUMMARY) break;
    const words = `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
    if (typeof value === 'string' && UUID.test(value)) ids.push(words);
    else telling.push(words);
    length += words.length + 3;
  }
  const line = [...telling, ...ids].join(' · ').replaceAll(/\s+/g, ' ');
  return line.length > LONGEST_SUMMARY ? `${line.slice(0, LONGEST_SUMMARY - 1)}…` : line;
}
