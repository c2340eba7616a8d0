/** The inbox: which events have been routed, and what was set aside. The guard against routing twice. */
import type { SetAsideRow } from '../../shared/operator-api/index.ts';
import { prepared, type Sql } from '../database/database.ts';
import type { Write } from '../database/writes.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';

export interface RoutedEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly seq: number;
  readonly owed: number;
}

/** Enter events into the inbox as part of the caller's transaction. @returns the ids that were not there before. */
export async function enterInbox(sql: Sql, events: readonly RoutedEvent[]): Promise<Set<string>> {
  if (events.length === 0) return new Set();
  const { rows } = await sql.query<{ event_id: string }>(prepared(
    `INSERT INTO spine.inbox (event_id, event_type, stream_seq, owed)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::smallint[]) ON CONFLICT (event_id) DO NOTHING RETURNING event_id`,
    [events.map((e) => e.eventId), events.map((e) => e.eventType), events.map((e) => e.seq), events.map((e) => e.owed)],
  ));
  return new Set(rows.map(({ event_id }) => event_id));
}

/** What enters events none of which may have been there before; it fails with UNIQUE_VIOLATION otherwise. */
export function newEventsWrite(events: readonly RoutedEvent[]): Write {
  return {
    text: 'INSERT INTO spine.inbox (event_id, event_type, stream_seq, owed) SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::smallint[])',
    values: [events.map((e) => e.eventId), events.map((e) => e.eventType), events.map((e) => e.seq), events.map((e) => e.owed)],
  };
}
export const UNIQUE_VIOLATION = '23505';

export interface SetAside {
  readonly message: StoredMessage;
  readonly reason: SetAsideRow['reason'];
  readonly problem: string;
}

/** Keep messages that are no valid event, with their bytes. Setting the same one aside again changes nothing. */
export async function setAside(sql: Sql, refused: readonly SetAside[]): Promise<void> {
  if (refused.length === 0) return;
  await sql.query(
    `INSERT INTO spine.set_aside (stream_seq, stored_at, subject, headers, body, reason, problem)
     SELECT seq, to_timestamp(stored), subject, headers, body, reason, problem
     FROM unnest($1::bigint[], $2::float8[], $3::text[], $4::text[]::jsonb[], $5::bytea[], $6::text[], $7::text[])
       AS r (seq, stored, subject, headers, body, reason, problem)
     ON CONFLICT (stream_seq, stored_at) DO NOTHING`,
    [
      refused.map(({ message }) => message.seq),
      refused.map(({ message }) => message.storedMs / 1_000),
      refused.map(({ message }) => message.subject),
      refused.map(({ message }) => textForJsonb(JSON.stringify(message.headers))),
      refused.map(({ message }) => Buffer.from(message.body)),
      refused.map(({ reason }) => reason),
      refused.map(({ problem }) => problem.replaceAll('\u0000', '␀')),
    ],
  );
}

/** Postgres keeps no NUL in text or jsonb: show it as ␀. */
export function textForJsonb(json: string): string {
  return json.replaceAll(String.raw`\u0000`, '␀');
}
