/**
 * Steering: the actions an operator takes on events, jobs and queues (those on dead letters are in dead-letter-steering.ts).
 * Each writes its audit event into the outbox in the transaction that acts, so there is no action without its record and no
 * record without its action.
 */
import { createEvent, domainOf, type Envelope } from '../../shared/envelope.ts';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import { ConfigError, ForbiddenError, NotFoundError } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import { mayActAs, type Role } from '../../shared/roles.ts';
import type { PublishInput } from '../../shared/operator-api/index.ts';
import type * as z from 'zod';
import { inTransaction } from '../database/database.ts';
import { pauseQueue, resumeQueue } from '../job-queue/queue-control.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import type { RequestContext } from './services.ts';

/** Publish one event. A payload that breaks its schema is refused here, where the person can still mend it. */
export async function publish({ services, role = 'admin' }: RequestContext, input: z.infer<typeof PublishInput>): Promise<{ eventId: string; correlationId: string; seq: number }> {
  const { correlationId, ...rest } = input;
  const event = createEvent(correlationId === undefined ? rest : { ...rest, correlationId });
  checkPublishable(services, event, role);
  const { seq } = await services.publish(event);
  return { eventId: event.eventId, correlationId: event.correlationId, seq };
}

/** Events of these domains tell what the site and its operators did: nobody but an admin may say so by hand. */
const SPOKEN_BY_THE_SITE: ReadonlySet<string> = new Set(['system', 'job']);

/**
 * @throws ConfigError naming the field, if the bus would not take the event or routing would set it aside.
 * @throws ForbiddenError if the event is one that only the site itself or an admin may publish.
 */
export function checkPublishable({ domains, events }: Pick<RequestContext['services'], 'domains' | 'events'>, event: Envelope, role: Role): void {
  const domain = domainOf(event.eventType);
  if (SPOKEN_BY_THE_SITE.has(domain) && !mayActAs(role, 'admin')) throw new ForbiddenError('admin', role, words('{domain}.* events are the site\'s own record.', { domain }));
  if (!domains.has(domain)) throw new ConfigError('eventType', `"${event.eventType}" is of an unknown event domain`, `a type of one of the domains ${[...domains].join(', ')}`);
  const check = events.check(event);
  if (check.verdict === 'invalid') throw new ConfigError('data', check.problem, `a payload of ${event.eventType} ${event.eventVersion}`);
}

/** Ask for a job of any type: publishes system.JobRequested, which owes it. */
export async function requestJob({ services, operator, role = 'admin' }: RequestContext, input: { jobType: string; input: Record<string, unknown>; reason: string }): Promise<{ eventId: string; correlationId: string }> {
  if (!services.jobs.get(input.jobType)) throw new NotFoundError('job type', input.jobType);
  if (input.jobType === 'BackupSiteJob' && !mayActAs(role, 'admin')) throw new ForbiddenError('admin', role, words('A backup holds everything.'));
  const event = createTyped({ eventType: 'system.JobRequested', source: services.source, data: { jobType: input.jobType, input: input.input, operator, reason: input.reason } });
  await services.publish(event as Envelope);
  return { eventId: event.eventId, correlationId: event.correlationId };
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
