/**
 * Many dead letters at once, as if their jobs had died: rows, ledger and families, in a few statements. What takes minutes of
 * failing attempts otherwise.
 */
import { familyOf } from '../../shared/failure-family.ts';
import { ensureFamilies } from '../../main/job-queue/dead-letters.ts';
import type { Sql } from '../../main/database/database.ts';

export interface Planting {
  readonly count: number;
  readonly jobType: string;
  readonly queue: string;
  readonly tier: 'realtime' | 'interactive' | 'background';
  /** `$n` in a text is the number of the dead letter, from 1. */
  readonly input: Record<string, unknown>;
  readonly errorName?: string;
  readonly message: string;
  /** They died so long ago, one after the other up to now, ms. */
  readonly overMs?: number;
  /** Left as before the families, for the backfill. */
  readonly unsorted?: boolean;
}

/** @returns the family. */
export async function plantDeadLetters(sql: Sql, planting: Planting): Promise<string> {
  const { count, jobType, queue, tier, input, errorName = 'NotRetryableError', message, overMs = 3_600_000, unsorted = false } = planting;
  const family = familyOf({ jobType, errorName, message: message.replaceAll('$n', '1') });
  if (!unsorted) await ensureFamilies(sql, [family]);
  await sql.query(
    `WITH planned AS (
       SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS correlation, gen_random_uuid() AS event, clock_timestamp() - ($9::float8 * (($1 - n)::float8 / $1)) * interval '1 ms' - interval '1 second' AS died,
              replace($5::text, '$n', n::text)::jsonb AS input, replace($7::text, '$n', n::text) AS message
       FROM generate_series(1, $1::int) AS g (n)
     ), letters AS (
       INSERT INTO spine.dead_letter (id, job_type, queue, tier, reason, error_name, error_message, attempts, correlation_id, triggering_event_id, died_at, payload, family, idempotency_key)
       SELECT id, $2, $3, $4, 'not-retryable', $6, message, 1, correlation, event, died,
              jsonb_build_object('jobType', $2::text, 'triggeringEventId', event, 'correlationId', correlation, 'input', input, 'idempotencyKey', id,
                                 'publishedMs', floor(extract(epoch FROM died) * 1000), 'enqueuedMs', floor(extract(epoch FROM died) * 1000)),
              $8::uuid, CASE WHEN $8::uuid IS NULL THEN NULL ELSE id END
       FROM planned
     )
     INSERT INTO spine.job_ledger (kind, job_id, attempt, detail)
     SELECT e.kind, p.id, e.attempt, e.detail FROM planned p CROSS JOIN LATERAL (VALUES
       ('enqueued', NULL::int, jsonb_build_object('jobType', $2::text, 'queue', $3::text, 'tier', $4::text, 'priority', 0, 'correlationId', p.correlation, 'triggeringEventId', p.event,
         'parentJobId', NULL, 'redriveOf', NULL, 'publishedMs', floor(extract(epoch FROM p.died) * 1000), 'enqueuedMs', floor(extract(epoch FROM p.died) * 1000), 'input', p.input)),
       ('dead', 1, jsonb_build_object('startedMs', floor(extract(epoch FROM p.died) * 1000), 'finishedMs', floor(extract(epoch FROM p.died) * 1000), 'worker', 'planted', 'reason', 'not-retryable',
         'error', jsonb_build_object('name', $6::text, 'message', p.message)))) AS e (kind, attempt, detail) ORDER BY p.n`,
    [count, jobType, queue, tier, JSON.stringify(input), errorName, message, unsorted ? null : family.id, overMs],
  );
  return family.id;
}
