/** The outbox: events that leave with the transaction that caused them. The relay publishes them. */
import type { Sql } from '../database/database.ts';
import { writeRecords } from '../job-queue/records.ts';
import type { Envelope } from '../../shared/envelope.ts';

/** Put events into the outbox, in order, as part of the caller's transaction. */
export async function putIntoOutbox(sql: Sql, events: readonly Envelope[]): Promise<void> {
  if (events.length === 0) return;
  await writeRecords(sql, { outbox: events });
}

export interface OutboxStatus {
  readonly backlog: number;
  /** Age of the oldest event that waits, ms; null if none does. */
  readonly oldestMs: number | null;
  /** Events that can't be published as they are. */
  readonly stuck: number;
}

export async function outboxStatus(sql: Sql): Promise<OutboxStatus> {
  const { rows } = await sql.query<{ backlog: string; oldest: string | null; stuck: string }>(
    `SELECT count(*) FILTER (WHERE problem IS NULL) AS backlog, count(*) FILTER (WHERE problem IS NOT NULL) AS stuck,
            extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE problem IS NULL)) * 1000 AS oldest
     FROM spine.outbox`,
  );
  const [row] = rows;
  return { backlog: Number(row?.backlog ?? 0), stuck: Number(row?.stuck ?? 0), oldestMs: row?.oldest == null ? null : Number(row.oldest) };
}
