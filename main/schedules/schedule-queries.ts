/** Schedules as the console shows them. */
import { toString as cronInWords } from 'cronstrue';
import { messageOf } from '../../shared/errors.ts';
import { verbatim, words } from '../../shared/i18n/translate.ts';
import type { ScheduleFiring, ScheduleRow } from '../../shared/operator-api/index.ts';
import { checkRule, nextSlots } from '../../shared/schedule-rule.ts';
import type { OperatorServices } from '../operator-api/services.ts';
import { allSchedules, firingsOf, lastFirings, type StoredSchedule, unendedFirings } from './schedule-store.ts';

/** Slots that are shown ahead. */
const SHOWN_AHEAD = 5;

export async function listSchedules({ database, jobs }: Pick<OperatorServices, 'database' | 'jobs'>): Promise<{ measuredMs: number; schedules: ScheduleRow[] }> {
  const sql = database.intake;
  const [stored, last] = await Promise.all([allSchedules(sql), lastFirings(sql)]);
  const running = await unendedFirings(sql, stored.map(({ id }) => id));
  const measuredMs = Date.now();
  const row = (schedule: StoredSchedule): ScheduleRow => {
    const { id, cron, timeZone, jobType, input, overlap, missed, origin, updatedBy, updatedMs } = schedule;
    const ahead = previewRule({ cron, timeZone }, measuredMs);
    return {
      id, cron, timeZone, jobType, input, overlap, missed, origin, updatedBy, updatedMs,
      words: ahead.words,
      nextMs: schedule.paused ? [] : ahead.nextMs,
      paused: schedule.paused ? { operator: updatedBy, reason: schedule.pauseReason ?? '', sinceMs: updatedMs } : null,
      last: last.get(id) ?? null,
      running: running.get(id) ?? null,
      problem: ahead.problem !== null ? verbatim(ahead.problem) : jobs.get(jobType) ? null : words('No job type {jobType} is in the catalogue, so its slots are left out. Add the plugin that brings it, and restart.', { jobType }),
    };
  };
  return { measuredMs, schedules: stored.map(row) };
}

/** What a rule means. Never throws: what is wrong with it is `problem`. */
export function previewRule(rule: { cron: string; timeZone: string }, nowMs: number): { words: string; nextMs: number[]; problem: string | null } {
  try {
    checkRule(rule);
    return { words: cronInWords(rule.cron, { use24HourTimeFormat: true, verbose: false }), nextMs: nextSlots(rule, nowMs, SHOWN_AHEAD), problem: null };
  } catch (error) {
    return { words: '', nextMs: [], problem: messageOf(error) };
  }
}

export async function scheduleHistory({ database }: Pick<OperatorServices, 'database'>, input: { id: string; beforeMs?: number | undefined; limit: number }): Promise<{ firings: ScheduleFiring[]; more: boolean }> {
  const firings = await firingsOf(database.intake, input.id, input.beforeMs ?? null, input.limit + 1);
  return { firings: firings.slice(0, input.limit), more: firings.length > input.limit };
}
