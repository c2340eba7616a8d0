/**
 * Steering: every action an operator takes. Each writes its audit event into the outbox in the transaction that acts,
 * so there is no action without its record and no record without its action.
 */
import { createEvent, deriveEvent, domainOf, type Envelope } from '../../shared/envelope.ts';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import { ConfigError, ConflictError, NotFoundError } from '../../shared/errors.ts';
import type { PublishInput } from '../../shared/operator-api/index.ts';
import type * as z from 'zod';
import { inTransaction } from '../database/database.ts';
import { discardDeadLetter, redriveDeadLetter } from '../job-queue/dead-letters.ts';
import { pauseQueue, resumeQueue } from '../job-queue/queue-control.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import type { Sql } from '../database/database.ts';
import type { RequestContext } from './services.ts';

/** Publish one event. A payload that breaks its schema is refused here, where the person can still mend it. */
export async function publish({ services }: RequestContext, input: z.infer<typeof PublishInput>): Promise<{ eventId: string; correlationId: string; seq: number }> {
  const { correlationId, ...rest } = input;
  const event = createEvent(correlationId === undefined ? rest : { ...rest, correlationId });
  checkPublishable(services, event);
  const { seq } = await services.publish(event);
  return { eventId: event.eventId, correlationId: event.correlationId, seq };
}

/** @throws ConfigError naming the field, if the bus would not take the event or routing would set it aside. */
export function checkPublishable({ domains, events }: Pick<RequestContext['services'], 'domains' | 'events'>, event: Envelope): void {
  const domain = domainOf(event.eventType);
  if (!domains.has(domain)) throw new ConfigError('eventType', `"${event.eventType}" is of an unknown event domain`, `a type of one of the domains ${[...domains].join(', ')}`);
  const check = events.check(event);
  if (check.verdict === 'invalid') throw new ConfigError('data', check.problem, `a payload of ${event.eventType} ${event.eventVersion}`);
}

/** Ask for a job of any type: publishes system.JobRequested, which owes it. */
export async function requestJob({ services, operator }: RequestContext, input: { jobType: string; input: Record<string, unknown>; reason: string }): Promise<{ eventId: string; correlationId: string }> {
  if (!services.jobs.get(input.jobType)) throw new NotFoundError('job type', input.jobType);
  const event = createTyped({ eventType: 'system.JobRequested', source: services.source, data: { jobType: input.jobType, input: input.input, operator, reason: input.reason } });
  await services.publish(event as Envelope);
  return { eventId: event.eventId, correlationId: event.correlationId };
}

export async function redrive(
  { services, operator }: RequestContext,
  input: { deadLetterId: string; reason: string; unsafeConfirmed: boolean },
): Promise<{ jobId: string }> {
  const { database, queue, jobs, source } = services;
  const { jobId, queue: queueName } = await inTransaction(database.intake, async (tx) => {
    const dead = await lineageOf(tx, input.deadLetterId);
    if (jobs.get(dead.jobType)?.replaySafety === 'unsafe' && !input.unsafeConfirmed) {
      throw new ConflictError(`${dead.jobType} is unsafe to repeat: its effect may happen twice. Confirm that explicitly to run it again; nothing was done.`);
    }
    const redriven = await redriveDeadLetter(tx, queue, jobs, input.deadLetterId, { operator, reason: input.reason }, source);
    await putIntoOutbox(tx, [deriveEvent(dead.cause, { eventType: 'system.DeadLetterRedriven', source, data: { deadLetterId: input.deadLetterId, jobType: dead.jobType, operator, reason: input.reason } })]);
    return redriven;
  });
  services.committed([queueName]);
  return { jobId };
}

export async function discard({ services, operator }: RequestContext, input: { deadLetterId: string; reason: string }): Promise<{ deadLetterId: string }> {
  const { database, source } = services;
  await inTransaction(database.intake, async (tx) => {
    const dead = await lineageOf(tx, input.deadLetterId);
    await discardDeadLetter(tx, input.deadLetterId, { operator, reason: input.reason });
    await putIntoOutbox(tx, [deriveEvent(dead.cause, { eventType: 'system.DeadLetterDiscarded', source, data: { deadLetterId: input.deadLetterId, jobType: dead.jobType, operator, reason: input.reason } })]);
  });
  services.committed([]);
  return { deadLetterId: input.deadLetterId };
}

/** What a dead letter belongs to, so that the audit event shows in its trace. */
async function lineageOf(tx: Sql, id: string): Promise<{ jobType: string; cause: { eventId: string; correlationId: string } }> {
  const { rows } = await tx.query<{ job_type: string; correlation_id: string; triggering_event_id: string }>(
    'SELECT job_type, correlation_id, triggering_event_id FROM spine.dead_letter WHERE id = $1',
    [id],
  );
  const [row] = rows;
  if (!row) throw new NotFoundError('dead letter', id);
  return { jobType: row.job_type, cause: { eventId: row.triggering_event_id, correlationId: row.correlation_id } };
}

export async function pause({ services, operator }: RequestContext, queue: string, reason: string): Promise<{ queue: string }> {
  knownQueue(services, queue);
  await inTransaction(services.database.intake, async (tx) => {
    await pauseQueue(tx, queue, operator, reason);
    await putIntoOutbox(tx, [createTyped({ eventType: 'system.QueuePaused', source: services.source, data: { queue, operator, reason } }) as Envelope]);
  });
  services.workers?.setPaused(queue, true);
  services.committed([]);
  return { queue };
}

export async function resume({ services, operator }: RequestContext, queue: string): Promise<{ queue: string }> {
  knownQueue(services, queue);
  await inTransaction(services.database.intake, async (tx) => {
    await resumeQueue(tx, queue);
    await putIntoOutbox(tx, [createTyped({ eventType: 'system.QueueResumed', source: services.source, data: { queue, operator } }) as Envelope]);
  });
  services.workers?.setPaused(queue, false);
  services.committed([queue]);
  return { queue };
}

/** Demo traffic on or off. The audit event comes first. */
export async function setDemo({ services, operator }: RequestContext, running: boolean): Promise<{ running: boolean }> {
  const { demo, source } = services;
  if (demo.running === running) return { running };
  if (running) {
    await services.publish(createTyped({ eventType: 'system.DemoStarted', source, data: { operator } }) as Envelope);
    await demo.start();
  } else {
    await services.publish(createTyped({ eventType: 'system.DemoStopped', source, data: { operator, events: demo.published } }) as Envelope);
    await demo.stop();
  }
  return { running: demo.running };
}

function knownQueue(services: RequestContext['services'], queue: string): void {
  if (!services.jobs.queues().some(({ name }) => name === queue)) throw new NotFoundError('queue', queue);
}
