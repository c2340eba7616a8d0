/** Schedules: list, create, edit, pause, run now, and what became of each slot. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Words } from '../i18n/translate.ts';
import { MissedPolicy, OverlapPolicy } from '../schedule-rule.ts';

export const FiringOutcome = z.enum(['fired', 'waiting', 'skipped-overlap', 'skipped-missed', 'skipped-unknown-job']);
export type FiringOutcome = z.infer<typeof FiringOutcome>;

export const ScheduleFiring = z.object({
  /** The nominal time, epoch ms; of a firing by hand, the time of the request. */
  slotMs: z.number(),
  outcome: FiringOutcome,
  cause: z.enum(['time', 'missed', 'manual']),
  /** Slots that a skipped-missed row stands for: this one and those before it. */
  slots: z.int(),
  /** When it was fired, epoch ms; null if it was not. */
  firedMs: z.number().nullable(),
  eventId: z.string().nullable(),
  jobId: z.string().nullable(),
});
export type ScheduleFiring = z.infer<typeof ScheduleFiring>;

export const ScheduleRow = z.object({
  id: z.string(),
  cron: z.string(),
  /** The cron expression as a person says it: "At 02:30, Monday through Friday". */
  words: z.string(),
  timeZone: z.string(),
  jobType: z.string(),
  input: z.record(z.string(), z.unknown()),
  overlap: OverlapPolicy,
  missed: MissedPolicy,
  paused: z.object({ operator: z.string(), reason: z.string(), sinceMs: z.number() }).nullable(),
  /** `config`: from the site's configuration; its rule can be changed there only. */
  origin: z.enum(['config', 'operator']),
  updatedBy: z.string(),
  updatedMs: z.number(),
  /** The next five slots, epoch ms; empty while paused. */
  nextMs: z.array(z.number()),
  /** The newest slot that was decided. */
  last: ScheduleFiring.nullable(),
  /** The job of a firing that has not ended. */
  running: z.object({ jobId: z.string(), sinceMs: z.number() }).nullable(),
  /** Why it can't fire, and what to do; null if it can. */
  problem: Words.nullable(),
});
export type ScheduleRow = z.infer<typeof ScheduleRow>;

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/, 'lower-case letters, digits and dashes, at most 80');
const reason = z.string().max(500).default('');

export const ScheduleDefinition = z.object({
  cron: z.string().trim().min(1).max(200),
  timeZone: z.string().min(1).max(100).default('UTC'),
  jobType: z.string().min(1),
  input: z.record(z.string(), z.unknown()).default({}),
  overlap: OverlapPolicy.default('skip'),
  missed: MissedPolicy.default('once'),
});
export type ScheduleDefinition = z.infer<typeof ScheduleDefinition>;

const named = z.object({ id });
const done = z.object({ id: z.string() });

export const schedulesContract = {
  list: oc.route({ method: 'GET', path: '/schedules', summary: 'All schedules with their next five times' }).output(z.object({ measuredMs: z.number(), schedules: z.array(ScheduleRow) })),
  history: oc
    .route({ method: 'GET', path: '/schedules/{id}/firings', summary: 'What became of the slots of a schedule, newest first' })
    .input(named.extend({ beforeMs: z.coerce.number().optional(), limit: z.coerce.number().int().min(1).max(500).default(50) }))
    .output(z.object({ firings: z.array(ScheduleFiring), more: z.boolean() })),
  /** What a rule means, before it is saved. */
  preview: oc
    .route({ method: 'GET', path: '/schedules/preview', summary: 'A cron expression in words, and its next five times' })
    .input(z.object({ cron: z.string().max(200), timeZone: z.string().max(100) }))
    .output(z.object({ words: z.string(), nextMs: z.array(z.number()), problem: z.string().nullable() })),
  create: oc
    .route({ method: 'POST', path: '/schedules', summary: 'Make a schedule' })
    .input(ScheduleDefinition.extend({ id, reason }))
    .output(done),
  /** Slots between the old and the new rule are not made up for: it counts from now. */
  change: oc
    .route({ method: 'POST', path: '/schedules/{id}/change', summary: 'Change a schedule that an operator made' })
    .input(ScheduleDefinition.extend({ id, reason }))
    .output(done),
  remove: oc
    .route({ method: 'POST', path: '/schedules/{id}/remove', summary: 'Remove a schedule that an operator made, with its history' })
    .input(named.extend({ reason: z.string().min(1).max(500) }))
    .output(done),
  pause: oc
    .route({ method: 'POST', path: '/schedules/{id}/pause', summary: 'Fire no more until resumed; slots in between are not made up for' })
    .input(named.extend({ reason: z.string().min(1).max(500) }))
    .output(done),
  resume: oc.route({ method: 'POST', path: '/schedules/{id}/resume', summary: 'Fire again from the next slot on' }).input(named.extend({ reason })).output(done),
  /** Fires at once, paused or not, and whatever the overlap policy says. */
  runNow: oc
    .route({ method: 'POST', path: '/schedules/{id}/run', summary: 'Fire now, beside the slots' })
    .input(named.extend({ reason }))
    .output(z.object({ id: z.string(), eventId: z.string(), correlationId: z.string(), jobId: z.string() })),
};
