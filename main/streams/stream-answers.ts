/** What the console shows of the streams. */
import type { BusConsumer, BusStream, Retention, RetentionPreview, StreamMessage, StreamMessageRow, StreamName } from '../../shared/operator-api/index.ts';
import { NotFoundError } from '../../shared/errors.ts';
import { type Words, words } from '../../shared/i18n/translate.ts';
import type { StoredMessage, StreamInspection } from '../event-bus/event-bus.ts';
import { summarize } from '../projections/event-row.ts';
import type { OperatorServices } from '../operator-api/services.ts';
import { missingIn } from './stream-meter.ts';

/** A copy that is behind by more has a problem. */
const FAR_BEHIND = 10_000;
const LONGEST_SUMMARY = 160;
const MINUTE_MS = 60_000;
const decoder = new TextDecoder();

export async function listStreams({ bus, meter, retention }: OperatorServices): Promise<{ measuredMs: number; streams: BusStream[] }> {
  const measuredMs = Date.now();
  const found = await bus.keeper.inspect();
  const [origin] = found;
  const streams = await Promise.all(
    found.map(async (stream): Promise<BusStream> => {
      const name = stream.name as StreamName;
      const missing = stream.copyOf === null || !origin ? null : await missingIn(stream, origin, bus.keeper);
      const override = retention.override(name);
      const { name: _, maxAgeMs, maxBytes, deletionDenied: __, createdMs: ___, subjects, ...facts } = stream;
      return {
        ...facts, name, missing,
        subjects: [...subjects],
        rate: await meter.rate(stream),
        retention: { maxAgeMs, maxBytes },
        configured: retention.configured(name),
        origins: retention.origins(name, maxBytes),
        override: override && { operator: override.operator, reason: override.reason, setMs: override.setMs },
        locked: lockOf(stream),
        drift: driftOf(stream, origin, missing, retention.maxAgeMs(name)),
      };
    }),
  );
  return { measuredMs, streams };
}

/** Why the retention of a stream can't be changed from here; null if it can. */
function lockOf({ name }: Pick<StreamInspection, 'name'>): Words | null {
  if (name !== 'audit-log') return null;
  return words('The audit log can’t be changed from here. The stream itself denies delete and purge, and the user by which the site works is denied every update, purge and delete of streams. Its retention is the setting streams.auditLog, which can be made longer, never shorter.');
}

function driftOf(stream: StreamInspection, origin: StreamInspection | undefined, missing: number | null, wantedAgeMs: number | null): Words[] {
  const drift: Words[] = [];
  if (stream.maxAgeMs !== wantedAgeMs) drift.push(words('It keeps for another time than it should: somebody has changed it on the server. The next start of the site puts it right.'));
  if (stream.name === 'audit-log' && !stream.deletionDenied) drift.push(words('Delete or purge is allowed, which must not be. Make the stream anew with deny_delete and deny_purge.'));
  if (stream.storage !== 'file') drift.push(words('It is kept in memory only: a restart of NATS empties it.'));
  if (origin && stream.copyOf !== null && stream.lastSeq > origin.lastSeq) drift.push(words('It is ahead of its origin, which was made anew or rolled back: what comes now is not copied. Restore the origin from a backup, or make this copy anew.'));
  if ((stream.lag ?? 0) > FAR_BEHIND) drift.push(words('It is {n, plural, one {# message} other {# messages}} behind its origin. If it does not catch up, see the log of NATS.', { n: stream.lag ?? 0 }));
  if ((missing ?? 0) > 0) drift.push(words('{n, plural, one {# message of its origin is} other {# messages of its origin are}} missing here.', { n: missing ?? 0 }));
  return drift;
}

export async function consumersOf({ bus }: OperatorServices, stream: StreamName): Promise<{ measuredMs: number; consumers: BusConsumer[] }> {
  const consumers = await bus.keeper.consumers(stream);
  return { measuredMs: Date.now(), consumers: consumers.map((consumer) => ({ ...consumer, subjects: [...consumer.subjects] })) };
}

/**
 * Why a retention can't be set; null if it can.
 * @param asked whether our user may at all is asked of the server.
 */
export async function retentionProblem({ bus }: Pick<OperatorServices, 'bus'>, stream: StreamInspection, after: Retention): Promise<Words | null> {
  const locked = lockOf(stream);
  if (locked) return locked;
  const { duplicateWindowMs: window } = stream;
  if (after.maxAgeMs !== null && window !== null && after.maxAgeMs < window) {
    return words('max_age of {age} is shorter than duplicate_window, which is {window}: an event could be published twice. Choose {window} or more, or shorten streams.duplicateWindow in the configuration first.', { age: lengthOf(after.maxAgeMs), window: lengthOf(window) });
  }
  const refusal = await bus.keeper.refusal(stream.name);
  return refusal === null ? null : words('The site’s NATS user may not update streams ({refusal}). Allow it to publish to $JS.API.STREAM.UPDATE.{stream}, or let whoever runs the server change it there.', { refusal, stream: stream.name });
}

/** In the unit in which a person would write it: both sides of a comparison stay comparable. */
function lengthOf(ms: number): string {
  return ms % 86_400_000 === 0 ? `${ms / 86_400_000} d` : ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : ms % MINUTE_MS === 0 ? `${ms / MINUTE_MS} min` : `${ms / 1_000} s`;
}

export async function inspectStream({ bus }: Pick<OperatorServices, 'bus'>, name: StreamName): Promise<StreamInspection> {
  const found = (await bus.keeper.inspect()).find((stream) => stream.name === name);
  if (!found) throw new NotFoundError('stream', name);
  return found;
}

/** What another retention would take away: by age counted on the server, by size reckoned from the average message. */
export async function previewRetention(services: OperatorServices, name: StreamName, after: Retention): Promise<RetentionPreview> {
  const { keeper } = services.bus;
  const stream = await inspectStream(services, name);
  const measuredMs = Date.now();
  const { messages, bytes } = stream;
  const byAge = after.maxAgeMs === null || messages === 0 ? 0 : Math.max(0, messages - (await keeper.count(name, { storedMs: measuredMs - after.maxAgeMs })));
  const tooMany = after.maxBytes === null ? 0 : Math.max(0, bytes - after.maxBytes);
  const byBytes = messages === 0 ? 0 : Math.min(messages, Math.ceil(tooMany / (bytes / messages)));
  const goes = Math.max(byAge, byBytes);
  // What goes by size is reckoned, so the place is, too: a gap or two would not change what a person decides.
  const [kept] = goes === 0 || goes >= messages || byAge >= byBytes ? [] : await keeper.after(name, stream.firstSeq + goes, 1);
  const cutoffMs = goes === 0 ? null : byAge >= byBytes ? measuredMs - (after.maxAgeMs ?? 0) : (kept?.storedMs ?? null);
  return {
    measuredMs, after, messages,
    before: { maxAgeMs: stream.maxAgeMs, maxBytes: stream.maxBytes },
    goes: { messages: goes, exact: byAge >= byBytes, byAge, byBytes },
    cutoffMs,
    problem: await retentionProblem(services, stream, after),
  };
}

export interface MessageQuery {
  readonly stream: StreamName;
  readonly beforeSeq?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly afterSeq?: number | undefined;
  readonly subject?: string | undefined;
  readonly limit: number;
}

/** A page of a stream, newest first. One message more is asked for, to know whether there are any. */
export async function listMessages({ bus: { keeper } }: OperatorServices, { stream, beforeSeq, untilMs, afterSeq, subject, limit }: MessageQuery): Promise<{ messages: StreamMessageRow[]; older: boolean; newer: boolean }> {
  if (afterSeq !== undefined) {
    const read = await keeper.after(stream, afterSeq + 1, limit + 1, subject);
    return { messages: read.slice(0, limit).map(rowOf).reverse(), older: true, newer: read.length > limit };
  }
  const place = beforeSeq !== undefined ? { seq: beforeSeq } : untilMs !== undefined ? { storedMs: untilMs + 1 } : { seq: Number.MAX_SAFE_INTEGER };
  const read = await keeper.before(stream, place, limit + 1, subject);
  return { messages: read.slice(-limit).map(rowOf).reverse(), older: read.length > limit, newer: beforeSeq !== undefined || untilMs !== undefined };
}

export async function getMessage({ bus, projection }: OperatorServices, stream: StreamName, seq: number): Promise<StreamMessage> {
  const message = await bus.keeper.message(stream, seq);
  if (!message) throw new NotFoundError('message', `${stream} ${seq}`);
  const row = rowOf(message);
  const envelope = jsonOf(message);
  return {
    ...row, envelope,
    headers: message.headers.map(([name, value]) => ({ name, value })),
    text: envelope === null ? decoder.decode(message.body) : null,
    inView: row.eventId !== null && (await projection.read.event(row.eventId)) !== null,
  };
}

function rowOf(message: StoredMessage): StreamMessageRow {
  const envelope = jsonOf(message);
  const text = (name: string): string | null => (typeof envelope?.[name] === 'string' ? (envelope[name] as string) : null);
  const header = (name: string): string | null => message.headers.find(([known]) => known.toLowerCase() === name)?.[1] ?? null;
  const data = envelope?.data;
  return {
    seq: message.seq, storedMs: message.storedMs, subject: message.subject, bytes: message.body.length,
    eventId: text('eventId') ?? header('ce-id'),
    correlationId: text('correlationId') ?? header('ce-correlationid'),
    source: text('source') ?? header('ce-source'),
    summary: typeof data === 'object' && data !== null && !Array.isArray(data) ? summarize(data as Record<string, unknown>) : decoder.decode(message.body.subarray(0, LONGEST_SUMMARY)),
  };
}

function jsonOf({ body }: Pick<StoredMessage, 'body'>): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(decoder.decode(body));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
