/** Firing a schedule: the record of the slot and the event that owes the job, in one transaction. */
import { v5 as uuidv5 } from 'uuid';
import { createTyped, deriveTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope, EventCause } from '../../shared/envelope.ts';
import { owedJobId } from '../../shared/job-catalogue/index.ts';
import { decideDue } from '../../shared/schedule-rule.ts';
import type { Sql } from '../database/database.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { traceFiring } from '../telemetry/spans.ts';
import { lockSchedule, markFired, pruneFirings, recordFiring, recordMissed, setCursor, type StoredSchedule, unendedFirings, waitingFirings } from './schedule-store.ts';

/** Namespace of the events of firings: any fixed uuid does. */
const FIRING_NAMESPACE = '0f6d8c55-8e0d-5d4e-9a4e-1c8b9f3f7b22';
/** With the overlap policy `queue`, no more than these wait for their turn; further slots are left out. */
const MOST_WAITING = 100;
/** Firings that are kept of each schedule. */
const HISTORY = 2_000;

export interface FiringContext {
  readonly source: string;
  readonly nowMs: number;
  /** Is the job type in the catalogue? An event that owes nothing would look like a firing that worked. */
  readonly knows: (jobType: string) => boolean;
}

interface FiringIds {
  readonly eventId: string;
  readonly jobId: string;
}

/** The ids of what a slot brings about: the same, however often it is tried. */
export function firingIds(scheduleId: string, jobType: string, slotMs: number): FiringIds {
  const eventId = uuidv5(`${scheduleId}@${slotMs}`, FIRING_NAMESPACE);
  return { eventId, jobId: owedJobId(jobType, eventId) };
}

/** The event of a slot. `cause` is what asked for it; without one it starts a correlation of its own. */
export function firedEvent(schedule: StoredSchedule, slotMs: number, because: 'time' | 'missed' | 'manual', source: string, cause?: EventCause): Envelope {
  const { eventId } = firingIds(schedule.id, schedule.jobType, slotMs);
  const event = { eventType: 'system.ScheduleFired' as const, eventId, source, data: { schedule: schedule.id, jobType: schedule.jobType, input: schedule.input, dueAt: new Date(slotMs).toISOString(), because } };
  return traceFiring((cause ? deriveTyped(cause, event) : createTyped(event)) as Envelope, schedule.id, cause);
}

/**
 * Decide about a schedule's due slots. Alone with the schedule until the transaction ends, and each slot at most once:
 * a second process, or the same one after its clock went back, finds the record and fires nothing.
 * @returns events that were put into the outbox.
 */
export async function fireDue(tx: Sql, scheduleId: string, context: FiringContext): Promise<number> {
  const schedule = await lockSchedule(tx, scheduleId);
  if (schedule.paused) return 0;
  const { nowMs, source } = context;
  const decision = decideDue(schedule, schedule.cursorMs, nowMs);
  const events: Envelope[] = [];
  if (decision.missed) await recordMissed(tx, scheduleId, decision.missed, nowMs);
  let busy = (await unendedFirings(tx, [scheduleId])).has(scheduleId);
  const waiting = await waitingFirings(tx, scheduleId);

  // Those that have waited come first, one at a time.
  const [first] = waiting;
  if (first && !busy) {
    const ids = firingIds(scheduleId, schedule.jobType, first.slotMs);
    await markFired(tx, scheduleId, first.slotMs, ids, nowMs);
    events.push(firedEvent(schedule, first.slotMs, first.cause, source));
    waiting.shift();
    busy = true;
  }
  for (const { slotMs, because } of decision.fire) {
    const outcome = !context.knows(schedule.jobType) ? 'skipped-unknown-job' : !busy ? 'fired' : schedule.overlap === 'queue' && waiting.length < MOST_WAITING ? 'waiting' : 'skipped-overlap';
    const ids = outcome === 'fired' ? firingIds(scheduleId, schedule.jobType, slotMs) : { eventId: null, jobId: null };
    const fresh = await recordFiring(tx, scheduleId, { slotMs, outcome, cause: because, ...ids }, nowMs);
    if (!fresh || outcome !== 'fired') continue;
    events.push(firedEvent(schedule, slotMs, because, source));
    busy = true;
  }
  await setCursor(tx, scheduleId, decision.cursorMs);
  if (decision.fire.length > 0) await pruneFirings(tx, scheduleId, HISTORY);
  await putIntoOutbox(tx, events);
  return events.length;
}
