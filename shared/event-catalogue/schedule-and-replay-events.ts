/** Audit of what operators do to schedules and replays: each is written in the transaction that acts, or before it. */
import * as z from 'zod';
import { message } from '../i18n/translate.ts';
import { defineEvent, jsonObject, text } from './define-event.ts';

/** Who acted, and why. */
const audit = { operator: text, reason: z.string().optional() };
const rule = { schedule: text, cron: text, timeZone: text, jobType: text, input: jsonObject, overlap: z.enum(['skip', 'queue']), missed: z.enum(['once', 'skip']) };
const nightly = { schedule: 'crm-nightly', cron: '30 2 * * *', timeZone: 'Europe/Berlin', jobType: 'SyncConnectorDataJob', input: { connectorId: 'crm-export' }, overlap: 'skip', missed: 'once' } as const;

export const ScheduleCreated = defineEvent({
  type: 'system.ScheduleCreated',
  description: message('Audit: an operator makes a schedule.'),
  schema: z.looseObject({ ...rule, ...audit }),
  example: { ...nightly, operator: 'local' },
});
export const ScheduleChanged = defineEvent({
  type: 'system.ScheduleChanged',
  description: message('Audit: an operator changes a schedule; `before` is what it was.'),
  schema: z.looseObject({ ...rule, before: z.looseObject(rule), ...audit }),
  example: { ...nightly, cron: '0 3 * * *', before: nightly, operator: 'local', reason: 'the export ends later now' },
});
export const ScheduleRemoved = defineEvent({
  type: 'system.ScheduleRemoved',
  description: message('Audit: an operator removes a schedule, with its history.'),
  schema: z.looseObject({ ...rule, ...audit }),
  example: { ...nightly, operator: 'local', reason: 'no longer needed' },
});
export const SchedulePaused = defineEvent({
  type: 'system.SchedulePaused',
  description: message('Audit: an operator stops a schedule from firing.'),
  schema: z.looseObject({ schedule: text, ...audit }),
  example: { schedule: 'crm-nightly', operator: 'local', reason: 'maintenance' },
});
export const ScheduleResumed = defineEvent({
  type: 'system.ScheduleResumed',
  description: message('Audit: an operator lets a schedule fire again.'),
  schema: z.looseObject({ schedule: text, ...audit }),
  example: { schedule: 'crm-nightly', operator: 'local' },
});
export const ScheduleRunRequested = defineEvent({
  type: 'system.ScheduleRunRequested',
  description: message('Audit: an operator fires a schedule by hand.'),
  schema: z.looseObject({ schedule: text, ...audit }),
  example: { schedule: 'crm-nightly', operator: 'local' },
});

const scope = { replayId: z.uuid(), mode: z.enum(['missing', 'force']), filter: jsonObject, fromSeq: z.number(), toSeq: z.number() };
const yesterday = {
  replayId: '0b7c1c0e-8d3f-4f4b-9d0a-3a5b1f6c2e11', mode: 'missing', filter: { fromMs: 1_795_996_800_000, toMs: 1_796_083_200_000, type: 'communication.*' }, fromSeq: 18_204, toSeq: 22_510,
} as const;

export const ReplayStarted = defineEvent({
  type: 'system.ReplayStarted',
  description: message('Audit: an operator lets past events be routed again.'),
  schema: z.looseObject({ ...scope, unsafeConfirmed: z.boolean(), jobsPerSecond: z.number(), ...audit }),
  example: { ...yesterday, unsafeConfirmed: false, jobsPerSecond: 100, operator: 'local', reason: 'the plugin was missing yesterday' },
});
export const ReplayCancelled = defineEvent({
  type: 'system.ReplayCancelled',
  description: message('Audit: an operator stops a replay; what it has put on the queues stays there.'),
  schema: z.looseObject({ replayId: z.uuid(), ...audit }),
  example: { replayId: yesterday.replayId, operator: 'local', reason: 'wrong filter' },
});
export const ReplayEnded = defineEvent({
  type: 'system.ReplayEnded',
  description: message('A replay has come to its end, or failed.'),
  schema: z.looseObject({ ...scope, outcome: z.enum(['completed', 'failed']), events: z.int(), enqueued: z.int(), problem: z.string().optional() }),
  example: { ...yesterday, outcome: 'completed', events: 412, enqueued: 37 },
});

export const steeringEvents = [
  ScheduleCreated, ScheduleChanged, ScheduleRemoved, SchedulePaused, ScheduleResumed, ScheduleRunRequested, ReplayStarted, ReplayCancelled, ReplayEnded,
] as const;
