/** Schedules and their firings in Postgres. Every function is part of the caller's transaction. */
import { ConflictError, NotFoundError } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import type { ScheduleDefinition, ScheduleFiring } from '../../shared/operator-api/index.ts';
import type { MissedSlots } from '../../shared/schedule-rule.ts';
import type { Sql } from '../database/database.ts';

export interface StoredSchedule extends ScheduleDefinition {
  readonly id: string;
  readonly paused: boolean;
  readonly pauseReason: string | null;
  readonly origin: 'config' | 'operator';
  readonly updatedBy: string;
  readonly updatedMs: number;
  /** Every slot up to here has been decided, epoch ms. */
  readonly cursorMs: number;
}

const MS = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)::float8`;
const COLUMNS = `id, cron, time_zone AS "timeZone", job_type AS "jobType", input, overlap, missed, paused, pause_reason AS "pauseReason", origin,
  updated_by AS "updatedBy", ${MS('updated_at')} AS "updatedMs", ${MS('decided_until')} AS "cursorMs"`;
const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;

export async function allSchedules(sql: Sql): Promise<StoredSchedule[]> {
  return (await sql.query<StoredSchedule & Record<string, unknown>>(`SELECT ${COLUMNS} FROM spine.schedule ORDER BY id`)).rows;
}

/** Lock a schedule: who decides about its slots is alone with it. @throws NotFoundError. */
export async function lockSchedule(tx: Sql, id: string): Promise<StoredSchedule> {
  const { rows } = await tx.query<StoredSchedule & Record<string, unknown>>(`SELECT ${COLUMNS} FROM spine.schedule WHERE id = $1 FOR UPDATE`, [id]);
  const [found] = rows;
  if (!found) throw new NotFoundError('schedule', id);
  return found;
}

/** @throws ConflictError if the id is taken. */
export async function insertSchedule(tx: Sql, schedule: ScheduleDefinition & { id: string; origin: StoredSchedule['origin'] }, by: string, nowMs: number): Promise<void> {
  const { rowCount } = await tx.query(
    `INSERT INTO spine.schedule (id, cron, time_zone, job_type, input, overlap, missed, origin, updated_by, updated_at, decided_until)
     VALUES ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8, $9, ${at('$10')}, ${at('$10')}) ON CONFLICT (id) DO NOTHING`,
    [schedule.id, schedule.cron, schedule.timeZone, schedule.jobType, JSON.stringify(schedule.input), schedule.overlap, schedule.missed, schedule.origin, by, nowMs],
  );
  if (rowCount === 0) throw new ConflictError(words('There is a schedule named "{name}" already. Choose another name, or change that one.', { name: schedule.id }));
}

/** A changed rule counts from now on; one that stays the same keeps what was decided. */
export async function updateSchedule(tx: Sql, before: StoredSchedule, schedule: ScheduleDefinition & { origin: StoredSchedule['origin'] }, by: string, nowMs: number): Promise<void> {
  const sameRule = before.cron === schedule.cron && before.timeZone === schedule.timeZone;
  await tx.query(
    `UPDATE spine.schedule SET cron = $2, time_zone = $3, job_type = $4, input = $5::text::jsonb, overlap = $6, missed = $7, origin = $8, updated_by = $9, updated_at = ${at('$10')},
       decided_until = CASE WHEN $11 THEN decided_until ELSE ${at('$10')} END
     WHERE id = $1`,
    [before.id, schedule.cron, schedule.timeZone, schedule.jobType, JSON.stringify(schedule.input), schedule.overlap, schedule.missed, schedule.origin, by, nowMs, sameRule],
  );
}

export async function deleteSchedule(tx: Sql, id: string): Promise<void> {
  await tx.query('DELETE FROM spine.schedule WHERE id = $1', [id]);
}

/** Pausing leaves out the slots until it is resumed; what waited for its turn is left out too. */
export async function setPaused(tx: Sql, id: string, paused: { by: string; reason: string } | null, by: string, nowMs: number): Promise<void> {
  await tx.query(`UPDATE spine.schedule SET paused = $2, pause_reason = $3, updated_by = $4, updated_at = ${at('$5')}, decided_until = ${at('$5')} WHERE id = $1`, [id, paused !== null, paused?.reason ?? null, by, nowMs]);
  if (paused) await tx.query(`UPDATE spine.schedule_firing SET outcome = 'skipped-overlap' WHERE schedule_id = $1 AND outcome = 'waiting'`, [id]);
}

export async function setCursor(tx: Sql, id: string, cursorMs: number): Promise<void> {
  await tx.query(`UPDATE spine.schedule SET decided_until = ${at('$2')} WHERE id = $1`, [id, cursorMs]);
}

export interface NewFiring {
  readonly slotMs: number;
  readonly outcome: ScheduleFiring['outcome'];
  readonly cause: ScheduleFiring['cause'];
  readonly eventId: string | null;
  readonly jobId: string | null;
}

/** Record a slot. @returns false if it is on record already: then nothing may be fired. */
export async function recordFiring(tx: Sql, scheduleId: string, firing: NewFiring, nowMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO spine.schedule_firing (schedule_id, slot, outcome, cause, decided_at, fired_at, event_id, job_id)
     VALUES ($1, ${at('$2')}, $3, $4, ${at('$5')}, CASE WHEN $3 = 'fired' THEN ${at('$5')} END, $6, $7) ON CONFLICT DO NOTHING`,
    [scheduleId, firing.slotMs, firing.outcome, firing.cause, nowMs, firing.eventId, firing.jobId],
  );
  return rowCount === 1;
}

/** One row for all slots that were missed together. */
export async function recordMissed(tx: Sql, scheduleId: string, missed: MissedSlots, nowMs: number): Promise<void> {
  await tx.query(
    `INSERT INTO spine.schedule_firing (schedule_id, slot, outcome, cause, slots, decided_at) VALUES ($1, ${at('$2')}, 'skipped-missed', 'missed', $3, ${at('$4')}) ON CONFLICT DO NOTHING`,
    [scheduleId, missed.lastMs, missed.count, nowMs],
  );
}

/** A firing that waited for its turn has been fired. */
export async function markFired(tx: Sql, scheduleId: string, slotMs: number, ids: { eventId: string; jobId: string }, nowMs: number): Promise<void> {
  await tx.query(`UPDATE spine.schedule_firing SET outcome = 'fired', fired_at = ${at('$3')}, event_id = $4, job_id = $5 WHERE schedule_id = $1 AND slot = ${at('$2')}`, [scheduleId, slotMs, nowMs, ids.eventId, ids.jobId]);
}

const FIRING = `${MS('f.slot')} AS "slotMs", f.outcome, f.cause, f.slots, ${MS('f.fired_at')} AS "firedMs", f.event_id AS "eventId", f.job_id AS "jobId"`;

/** Firings that wait for the one before to end, oldest first. */
export async function waitingFirings(tx: Sql, scheduleId: string): Promise<ScheduleFiring[]> {
  return (await tx.query<ScheduleFiring>(`SELECT ${FIRING} FROM spine.schedule_firing f WHERE schedule_id = $1 AND outcome = 'waiting' ORDER BY slot`, [scheduleId])).rows;
}

/**
 * A job that has neither been completed nor become a dead letter. One whose event is not routed yet counts too; one whose
 * event was routed and owed nothing (its type was taken away in between) does not.
 */
const NOT_ENDED = `NOT EXISTS (SELECT 1 FROM spine.job_ledger l WHERE l.job_id = f.job_id AND l.kind IN ('completed', 'dead'))
  AND (EXISTS (SELECT 1 FROM spine.job_ledger l WHERE l.job_id = f.job_id) OR NOT EXISTS (SELECT 1 FROM spine.inbox i WHERE i.event_id = f.event_id))`;
/** Of a schedule's fired slots, these many are looked at for one whose job has not ended. */
const LOOK_BACK = 20;

/** Jobs of recent firings that have not ended, by schedule; the oldest of each. */
export async function unendedFirings(sql: Sql, scheduleIds: readonly string[]): Promise<Map<string, { jobId: string; sinceMs: number }>> {
  const { rows } = await sql.query<{ id: string; jobId: string; sinceMs: number }>(
    `SELECT s.id, u.job_id AS "jobId", ${MS('u.fired_at')} AS "sinceMs" FROM unnest($1::text[]) AS s (id)
     CROSS JOIN LATERAL (
       SELECT f.job_id, f.fired_at FROM (SELECT * FROM spine.schedule_firing WHERE schedule_id = s.id AND outcome = 'fired' ORDER BY slot DESC LIMIT ${LOOK_BACK}) f WHERE ${NOT_ENDED} ORDER BY f.fired_at LIMIT 1
     ) u`,
    [scheduleIds],
  );
  return new Map(rows.map(({ id, ...rest }) => [id, rest]));
}

/** The newest firing of each schedule. */
export async function lastFirings(sql: Sql): Promise<Map<string, ScheduleFiring>> {
  const { rows } = await sql.query<ScheduleFiring & { id: string }>(
    `SELECT s.id, l.* FROM spine.schedule s CROSS JOIN LATERAL (SELECT ${FIRING} FROM spine.schedule_firing f WHERE f.schedule_id = s.id ORDER BY f.slot DESC LIMIT 1) l`,
  );
  return new Map(rows.map(({ id, ...firing }) => [id, firing]));
}

/** A page of the history, newest first. */
export async function firingsOf(sql: Sql, scheduleId: string, beforeMs: number | null, limit: number): Promise<ScheduleFiring[]> {
  const { rows } = await sql.query<ScheduleFiring>(
    `SELECT ${FIRING} FROM spine.schedule_firing f WHERE f.schedule_id = $1 AND ($2::float8 IS NULL OR f.slot < ${at('$2')}) ORDER BY f.slot DESC LIMIT $3`,
    [scheduleId, beforeMs, limit],
  );
  return rows;
}

/** Forget all but the newest `keep` firings of a schedule. */
export async function pruneFirings(tx: Sql, scheduleId: string, keep: number): Promise<void> {
  await tx.query(`DELETE FROM spine.schedule_firing WHERE schedule_id = $1 AND outcome <> 'waiting' AND slot < (SELECT slot FROM spine.schedule_firing WHERE schedule_id = $1 ORDER BY slot DESC OFFSET $2 LIMIT 1)`, [scheduleId, keep]);
}
