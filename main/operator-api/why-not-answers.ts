/** "Why did this not happen?": gathers what shared/why-not.ts decides by. */
import { ConfigError, NotFoundError } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import { EVENT_TYPE, type Envelope } from '../../shared/envelope.ts';
import type { Trace, WhyNotAnswer as Answer, WhyNotStepRow } from '../../shared/operator-api/index.ts';
import { explainAbsence, explainOwed, type WhyNotFacts } from '../../shared/why-not.ts';
import { pausedQueues } from '../job-queue/queue-control.ts';
import type { OperatorServices } from './services.ts';
import { routedAs, traceOf } from './trace-views.ts';

/** Bodies that are looked at by the triggers of the catalogue, at most. */
const MOST_BODIES = 2_000;
/** Events by which a person, a script or a schedule asks for a job. */
const REQUESTS = new Set(['system.ScheduleFired', 'system.JobRequested']);

/** @throws NotFoundError if nothing is known of the correlation; ConfigError if `expected` is no type. */
export async function whyNot(services: OperatorServices, correlationId: string, expected: string): Promise<Answer> {
  if (!EVENT_TYPE.test(expected) && !/^[A-Za-z]\w*$/.test(expected)) throw new ConfigError('expected', `"${expected}" is neither an event type nor a job type`, 'such as communication.MessageSent or SendOutgoingMessageJob');
  const trace = await traceOf(services, correlationId);
  return explainAbsence(await factsOf(services, trace, [...new Set(trace.events.map(({ eventType }) => eventType))]), expected);
}

/** What an event owes, job by job. @throws NotFoundError if it is not known. */
export async function owedBy(services: OperatorServices, eventId: string): Promise<{ steps: WhyNotStepRow[] }> {
  const found = await services.projection.read.event(eventId);
  if (!found) {
    const aside = await services.projection.read.setAsideOf(eventId);
    if (aside) return { steps: [{ verdict: 'set-aside', words: words('It was set aside: {problem}. It must be published anew in a form that is valid.', { problem: aside.problem }), node: `set-aside:${aside.seq}` }] };
    throw new NotFoundError('event', eventId);
  }
  const trace = await traceOf(services, found.row.correlationId);
  // A large trace leaves out what routing recorded: this one event is asked for by itself.
  const routed = trace.routed.length > 0 ? trace.routed : trace.jobs.some(({ triggeringEventId }) => triggeringEventId === eventId) ? [] : await routedAs(services, [eventId]);
  const facts = await factsOf(services, { ...trace, routed }, []);
  return { steps: explainOwed({ ...facts, owes: new Map([[eventId, owedTypes(services, found.body)]]) }, found.row) };
}

async function factsOf(services: OperatorServices, trace: Trace, typesOfInterest: readonly string[]): Promise<WhyNotFacts> {
  const { jobs, projection, domains, config } = services;
  const definitions = jobs.all();
  const triggering = typesOfInterest.filter((type) => REQUESTS.has(type) || definitions.some(({ triggers }) => triggers.some(({ event }) => event === type || event === `${type.slice(0, type.indexOf('.'))}.*`)));
  const bodies = triggering.length > 0 ? await projection.read.bodies(trace.correlationId, triggering, MOST_BODIES) : [];
  const paused = await pausedQueues(services.database.intake).catch(() => []);
  return {
    events: trace.events, jobs: trace.jobs, setAside: trace.setAside, routed: trace.routed,
    jobTypes: definitions.map(({ type, queue, triggers, emits }) => ({ type, queue, triggers: triggers.map(({ event }) => event).filter((event) => !event.endsWith('.*') || domains.has(event.slice(0, -2))), emits: emits ?? null })),
    owes: new Map(bodies.map(({ eventId, body }) => [eventId, owedTypes(services, body)])),
    pausedQueues: new Map(paused.map(({ queue, operator, reason }) => [queue, { operator, reason }])),
    held: services.held()?.why ?? null,
    works: services.workers !== null && config.workers.enabled,
  };
}

/** Job types that an event owes by today's catalogue. A trigger that throws owes nothing: routing has set the event aside. */
function owedTypes({ jobs }: Pick<OperatorServices, 'jobs'>, body: string): string[] {
  try {
    return jobs.owedBy(JSON.parse(body) as Envelope).map(({ definition }) => definition.type);
  } catch {
    return [];
  }
}
