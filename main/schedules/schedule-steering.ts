/**
 * What operators do to schedules. Each action writes its audit event into the outbox in the transaction that acts:
 * there is no action without its record, and no record without its action.
 */
import { createTyped, describeIssues, type DataOf } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { ConfigError, ConflictError, NotFoundError } from '../../shared/errors.ts';
import { type Phrase, words } from '../../shared/i18n/translate.ts';
import type { ScheduleDefinition } from '../../shared/operator-api/index.ts';
import { checkRule } from '../../shared/schedule-rule.ts';
import { inTransaction, type Sql } from '../database/database.ts';
import type { RequestContext } from '../operator-api/services.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { firedEvent, firingIds } from './fire-schedule.ts';
import { deleteSchedule, insertSchedule, lockSchedule, recordFiring, setPaused, type StoredSchedule, updateSchedule } from './schedule-store.ts';

type Named = ScheduleDefinition & { id: string; reason: string };

export async function createSchedule(context: RequestContext, input: Named): Promise<{ id: string }> {
  checkDefinition(context, input);
  await act(context, async (tx, nowMs) => {
    await insertSchedule(tx, { ...input, origin: 'operator' }, context.operator, nowMs);
    return [audit(context, 'system.ScheduleCreated', { ...ruleOf(input), reason: input.reason })];
  });
  return { id: input.id };
}

/** @throws ConflictError for one that the configuration file has. */
export async function changeSchedule(context: RequestContext, input: Named): Promise<{ id: string }> {
  checkDefinition(context, input);
  await act(context, async (tx, nowMs) => {
    const before = await lockSchedule(tx, input.id);
    madeByOperator(before, words('Change it there and restart.'));
    await updateSchedule(tx, before, { ...input, origin: 'operator' }, context.operator, nowMs);
    return [audit(context, 'system.ScheduleChanged', { ...ruleOf(input), before: ruleOf(before), reason: input.reason })];
  });
  return { id: input.id };
}

export async function removeSchedule(context: RequestContext, { id, reason }: { id: string; reason: string }): Promise<{ id: string }> {
  await act(context, async (tx) => {
    const before = await lockSchedule(tx, id);
    madeByOperator(before, words('Take it out there and restart, or pause it.'));
    await deleteSchedule(tx, id);
    return [audit(context, 'system.ScheduleRemoved', { ...ruleOf(before), reason })];
  });
  return { id };
}

export async function pauseSchedule(context: RequestContext, { id, reason }: { id: string; reason: string }): Promise<{ id: string }> {
  await act(context, async (tx, nowMs) => {
    if ((await lockSchedule(tx, id)).paused) throw new ConflictError(words('This schedule is paused already; nothing was done.'));
    await setPaused(tx, id, { by: context.operator, reason }, context.operator, nowMs);
    return [audit(context, 'system.SchedulePaused', { schedule: id, reason })];
  });
  return { id };
}

export async function resumeSchedule(context: RequestContext, { id, reason }: { id: string; reason: string }): Promise<{ id: string }> {
  await act(context, async (tx, nowMs) => {
    if (!(await lockSchedule(tx, id)).paused) throw new ConflictError(words('This schedule is not paused; nothing was done.'));
    await setPaused(tx, id, null, context.operator, nowMs);
    return [audit(context, 'system.ScheduleResumed', { schedule: id, reason })];
  });
  return { id };
}

/** Fire at once: a firing of its own beside the slots, caused by the audit event. */
export async function runScheduleNow(context: RequestContext, { id, reason }: { id: string; reason: string }): Promise<{ id: string; eventId: string; correlationId: string; jobId: string }> {
  let fired: { eventId: string; correlationId: string; jobId: string } | null = null;
  await act(context, async (tx, nowMs) => {
    const schedule = await lockSchedule(tx, id);
    knownJobType(context, schedule.jobType);
    const asked = audit(context, 'system.ScheduleRunRequested', { schedule: id, reason });
    // Two requests in one millisecond are two firings.
    let slotMs = nowMs;
    while (!(await recordFiring(tx, id, { slotMs, outcome: 'fired', cause: 'manual', ...firingIds(id, schedule.jobType, slotMs) }, nowMs))) slotMs += 1;
    fired = { ...firingIds(id, schedule.jobType, slotMs), correlationId: asked.correlationId };
    return [asked, firedEvent(schedule, slotMs, 'manual', context.services.source, asked)];
  });
  if (!fired) throw new NotFoundError('schedule', id);
  return { id, ...(fired as { eventId: string; correlationId: string; jobId: string }) };
}

async function act({ services }: RequestContext, work: (tx: Sql, nowMs: number) => Promise<readonly Envelope[]>): Promise<void> {
  await inTransaction(services.database.intake, async (tx) => {
    await putIntoOutbox(tx, await work(tx, Date.now()));
  });
  services.committed([]);
  services.schedules.changed();
}

type Audited = 'system.ScheduleCreated' | 'system.ScheduleChanged' | 'system.ScheduleRemoved' | 'system.SchedulePaused' | 'system.ScheduleResumed' | 'system.ScheduleRunRequested';

function audit<Type extends Audited>({ services, operator }: RequestContext, eventType: Type, data: Omit<DataOf<Type>, 'operator'>): Envelope {
  return createTyped({ eventType, source: services.source, data: { ...data, operator } as unknown as DataOf<Type> }) as Envelope;
}

function ruleOf({ id, cron, timeZone, jobType, input, overlap, missed }: ScheduleDefinition & { id: string }) {
  return { schedule: id, cron, timeZone, jobType, input, overlap, missed };
}

function madeByOperator({ id, origin }: StoredSchedule, remedy: Phrase): void {
  if (origin === 'config') throw new ConflictError(words('The schedule "{schedule}" comes from the site\'s configuration file. {remedy}', { schedule: id, remedy }));
}

function knownJobType({ services }: RequestContext, jobType: string): void {
  if (!services.jobs.get(jobType)) throw new NotFoundError('job type', jobType);
}

/** @throws ConfigError naming the field, NotFoundError for the job type. */
function checkDefinition(context: RequestContext, definition: ScheduleDefinition): void {
  checkRule(definition);
  knownJobType(context, definition.jobType);
  const input = context.services.jobs.get(definition.jobType)?.schema.safeParse(definition.input);
  if (input && !input.success) throw new ConfigError('input', describeIssues(input.error, 'data'), `an input of ${definition.jobType}`);
}
