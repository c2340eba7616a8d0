/** Replays in Postgres: what was asked for, how far it is, and what it did. */
import { ConflictError, NotFoundError } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import { ReplayCounts, ReplayFilter, type ReplayJob, type ReplayRow } from '../../shared/operator-api/index.ts';
import type { JobFate } from '../../shared/replay-rule.ts';
import type { Sql } from '../database/database.ts';

/** Jobs that are shown of a replay. */
const SHOWN_JOBS = 200;

const COLUMNS = `id AS "replayId", dry_run AS "dryRun", mode, filter, jobs_per_second AS "jobsPerSecond", unsafe_confirmed AS "unsafeConfirmed", status, operator, reason,
  from_seq::float8 AS "fromSeq", to_seq::float8 AS "toSeq", position::float8 AS position, counts, problem,
  round(extract(epoch FROM started_at) * 1000)::float8 AS "startedMs", round(extract(epoch FROM ended_at) * 1000)::float8 AS "endedMs", correlation_id AS "correlationId"`;

const rowOf = (raw: ReplayRow): ReplayRow => ({ ...raw, filter: ReplayFilter.parse(raw.filter), counts: ReplayCounts.parse(raw.counts) });

export const NO_COUNTS: ReplayCounts = { read: 0, matched: 0, inInbox: 0, oweNothing: 0, unreadable: 0, jobs: {} };

export type NewReplay = Pick<ReplayRow, 'replayId' | 'dryRun' | 'mode' | 'filter' | 'jobsPerSecond' | 'unsafeConfirmed' | 'operator' | 'reason' | 'fromSeq' | 'toSeq' | 'correlationId'>;

export async function insertReplay(tx: Sql, replay: NewReplay): Promise<void> {
  await tx.query(
    `INSERT INTO spine.replay (id, dry_run, mode, filter, jobs_per_second, unsafe_confirmed, operator, reason, from_seq, to_seq, position, counts, event_id, correlation_id)
     VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7, $8, $9, $10, $11, $12::text::jsonb, $13, $13)`,
    [
      replay.replayId, replay.dryRun, replay.mode, JSON.stringify(replay.filter), replay.jobsPerSecond, replay.unsafeConfirmed, replay.operator, replay.reason,
      replay.fromSeq, replay.toSeq, replay.fromSeq - 1, JSON.stringify(NO_COUNTS), replay.correlationId,
    ],
  );
}

export async function listReplays(sql: Sql, limit: number): Promise<ReplayRow[]> {
  return (await sql.query<ReplayRow>(`SELECT ${COLUMNS} FROM spine.replay ORDER BY started_at DESC, id LIMIT $1`, [limit])).rows.map(rowOf);
}

/** Replays that were under way when a site went down, or are now. */
export async function runningReplays(sql: Sql): Promise<string[]> {
  return (await sql.query<{ id: string }>(`SELECT id FROM spine.replay WHERE status = 'running' ORDER BY started_at`)).rows.map(({ id }) => id);
}

/** @throws NotFoundError. */
export async function readReplay(sql: Sql, replayId: string, lock: '' | 'FOR UPDATE' = ''): Promise<ReplayRow> {
  const [raw] = (await sql.query<ReplayRow>(`SELECT ${COLUMNS} FROM spine.replay WHERE id = $1 ${lock}`, [replayId])).rows;
  if (!raw) throw new NotFoundError('replay', replayId);
  return rowOf(raw);
}

/** @throws NotFoundError, ConflictError if it has ended. */
export async function lockRunning(tx: Sql, replayId: string): Promise<ReplayRow> {
  const row = await readReplay(tx, replayId, 'FOR UPDATE');
  if (row.status !== 'running') throw new ConflictError(words('This replay has already been {state}; nothing was done.', { state: words(row.status) }));
  return row;
}

export async function saveProgress(tx: Sql, replayId: string, position: number, counts: ReplayCounts): Promise<void> {
  await tx.query('UPDATE spine.replay SET position = $2, counts = $3::text::jsonb WHERE id = $1', [replayId, position, JSON.stringify(counts)]);
}

export async function endReplay(tx: Sql, replayId: string, status: 'completed' | 'cancelled' | 'failed', problem: string | null): Promise<void> {
  await tx.query('UPDATE spine.replay SET status = $2, problem = $3, ended_at = now() WHERE id = $1', [replayId, status, problem]);
}

export async function recordReplayJobs(tx: Sql, replayId: string, jobs: readonly ReplayJob[]): Promise<void> {
  if (jobs.length === 0) return;
  await tx.query(
    `INSERT INTO spine.replay_job (replay_id, job_id, job_type, verdict, seq, event_id, event_type, correlation_id)
     SELECT $1, j.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::uuid[], $7::text[], $8::uuid[]) AS j ON CONFLICT DO NOTHING`,
    [
      replayId, jobs.map(({ jobId }) => jobId), jobs.map(({ jobType }) => jobType), jobs.map(({ verdict }) => verdict), jobs.map(({ seq }) => seq),
      jobs.map(({ eventId }) => eventId), jobs.map(({ eventType }) => eventType), jobs.map(({ correlationId }) => correlationId),
    ],
  );
}

/** The first jobs of a replay, in the order of the stream. */
export async function jobsOfReplay(sql: Sql, replayId: string): Promise<ReplayJob[]> {
  const { rows } = await sql.query<ReplayJob>(
    `SELECT job_id AS "jobId", job_type AS "jobType", verdict, seq::float8 AS seq, event_id AS "eventId", event_type AS "eventType", correlation_id AS "correlationId"
     FROM spine.replay_job WHERE replay_id = $1 ORDER BY seq, job_type LIMIT ${SHOWN_JOBS}`,
    [replayId],
  );
  return rows;
}

/** Which of these events have been routed. */
export async function inInbox(sql: Sql, eventIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql.query<{ event_id: string }>('SELECT event_id FROM spine.inbox WHERE event_id = ANY($1::uuid[])', [eventIds]);
  return new Set(rows.map(({ event_id }) => event_id));
}

/** How far these jobs have come. What is not in the answer is missing. */
export async function fatesOf(sql: Sql, jobIds: readonly string[]): Promise<Map<string, JobFate>> {
  const { rows } = await sql.query<{ id: string; done: boolean; dead: boolean; known: boolean }>(
    `SELECT j.id,
       EXISTS (SELECT 1 FROM spine.effect e WHERE e.idempotency_key = j.id AND e.effect = '') AS done,
       EXISTS (SELECT 1 FROM spine.dead_letter d WHERE d.id = j.id) AS dead,
       EXISTS (SELECT 1 FROM spine.job_ledger l WHERE l.job_id = j.id) AS known
     FROM unnest($1::uuid[]) AS j (id)`,
    [jobIds],
  );
  return new Map(rows.flatMap(({ id, done, dead, known }): [string, JobFate][] => (done ? [[id, 'done']] : dead ? [[id, 'dead']] : known ? [[id, 'under-way']] : [])));
}
