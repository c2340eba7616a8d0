/**
 * "Why did this not happen?": from what a trace has to what a person expected of it, step by step. Pure.
 *
 * Asked for a job type, it says what became of the jobs of that type, or why no event owed one. Asked for an event type, it
 * says what became of the jobs that publish it. Where a step was not even begun, the question is asked again of what leads to it.
 */
import type { EventRow, JobWithAttempts, RoutedAs, SetAsideInTrace } from './operator-api/lineage-schemas.ts';
import type { StepVerdict, WhyNotAnswer, WhyNotStepRow as WhyNotStep } from './operator-api/traces-contract.ts';

/** What the catalogue says of a job type. */
export interface JobTypeFacts {
  readonly type: string;
  readonly queue: string;
  /** Event types, or `domain.*`, that owe it; the requests that may ask for any job are not among them. */
  readonly triggers: readonly string[];
  /** Event types that it publishes when it succeeds; null: not known. */
  readonly emits: readonly string[] | null;
}

export interface WhyNotFacts {
  readonly events: readonly EventRow[];
  readonly jobs: readonly JobWithAttempts[];
  readonly setAside: readonly SetAsideInTrace[];
  readonly routed: readonly RoutedAs[];
  readonly jobTypes: readonly JobTypeFacts[];
  /** What each event owes by today's catalogue: job types. */
  readonly owes: ReadonlyMap<string, readonly string[]>;
  readonly pausedQueues: ReadonlyMap<string, string>;
  /** Why routing takes no events at present; null if it does. */
  readonly held: string | null;
  /** Does this site run jobs? */
  readonly works: boolean;
}

/** Questions that follow from questions: as deep as this. */
const DEEPEST = 6;
/** Events or jobs of one type that are spoken of one by one. */
const MOST_OF_ONE = 5;

/** Best news first: what decides when steps disagree. */
const ORDER: readonly StepVerdict[] = ['happened', 'under-way', 'waiting', 'dead', 'set-aside', 'missing', 'not-routed', 'decided', 'not-owed', 'unknown'];

/** Explain one expectation: an event type (with a dot) or a job type. */
export function explainAbsence(facts: WhyNotFacts, expected: string): WhyNotAnswer {
  const kind = expected.includes('.') ? 'event' : 'job';
  const steps = kind === 'event' ? aboutEvent(facts, expected, new Set(), DEEPEST) : aboutJob(facts, expected, new Set(), DEEPEST);
  const verdict = ORDER.find((each) => steps.some((step) => step.verdict === each)) ?? 'unknown';
  return { expected, kind, verdict, steps };
}

/** What one event owes, job type by job type: the state of each job, or why it is not there. */
export function explainOwed(facts: WhyNotFacts, event: EventRow): WhyNotStep[] {
  const owed = facts.owes.get(event.eventId) ?? [];
  const of = facts.jobs.filter(({ triggeringEventId, parentJobId }) => triggeringEventId === event.eventId && parentJobId === null);
  const types = [...new Set([...owed, ...of.map(({ jobType }) => jobType)])];
  if (types.length > 0) return types.flatMap((type) => aboutOwedJob(facts, event, type));
  return [notOwed(facts, event)];
}

function aboutEvent(facts: WhyNotFacts, eventType: string, asked: Set<string>, deep: number): WhyNotStep[] {
  const found = facts.events.filter((event) => event.eventType === eventType);
  const aside = facts.setAside.filter(({ subject }) => subject === eventType);
  const steps: WhyNotStep[] = [
    ...found.slice(0, MOST_OF_ONE).map((event): WhyNotStep => ({ verdict: 'happened', words: `${eventType} did happen.`, node: `event:${event.eventId}` })),
    ...aside.map((message): WhyNotStep => ({ verdict: 'set-aside', words: `${eventType} was sent, but set aside: ${message.problem}. It must be published anew in a form that is valid.`, node: `set-aside:${message.seq}` })),
  ];
  if (steps.length > 0) return steps;
  if (asked.has(eventType) || deep === 0) return [];
  asked.add(eventType);
  const emitters = facts.jobTypes.filter(({ emits }) => emits?.includes(eventType));
  if (emitters.length === 0) {
    return [{ verdict: 'unknown', words: `No job type of this site is known to publish ${eventType}: it comes from outside, or from a plugin that does not say what it publishes. Nothing of this correlation published it.`, node: null }];
  }
  return emitters.flatMap(({ type }) => {
    const jobs = facts.jobs.filter(({ jobType }) => jobType === type);
    if (jobs.length === 0) return aboutJob(facts, type, asked, deep - 1);
    return jobs.slice(0, MOST_OF_ONE).map((job) => {
      if (job.state === 'completed') return { verdict: 'decided', words: `${type} ran to its end and did not publish ${eventType}: its handler saw no reason to.`, node: `job:${job.jobId}` } satisfies WhyNotStep;
      return { ...stateOf(facts, job), words: `${eventType} is published when ${type} succeeds. ${stateOf(facts, job).words}` };
    });
  });
}

function aboutJob(facts: WhyNotFacts, jobType: string, asked: Set<string>, deep: number): WhyNotStep[] {
  const jobs = facts.jobs.filter((job) => job.jobType === jobType);
  if (jobs.length > 0) return jobs.slice(0, MOST_OF_ONE).map((job) => stateOf(facts, job));
  if (asked.has(jobType) || deep === 0) return [];
  asked.add(jobType);
  const definition = facts.jobTypes.find(({ type }) => type === jobType);
  if (!definition) return [{ verdict: 'unknown', words: `No job type ${jobType} is in the catalogue of this site. Add the plugin that brings it, then replay the event.`, node: null }];
  const triggers = facts.events.filter((event) => definition.triggers.some((trigger) => covers(trigger, event.eventType)));
  const steps = triggers.slice(0, MOST_OF_ONE).flatMap((event): WhyNotStep[] =>
    facts.owes.get(event.eventId)?.includes(jobType) === true
      ? aboutOwedJob(facts, event, jobType)
      : [{ verdict: 'not-owed', words: `${event.eventType} can owe ${jobType}, but this one does not: the trigger's condition does not hold for its payload.`, node: `event:${event.eventId}` }],
  );
  const aside = facts.setAside.filter(({ subject }) => definition.triggers.some((trigger) => covers(trigger, subject)));
  steps.push(...aside.map((message): WhyNotStep => ({ verdict: 'set-aside', words: `${message.subject} would owe ${jobType}, but it was set aside: ${message.problem}.`, node: `set-aside:${message.seq}` })));
  if (steps.length > 0) return steps;
  if (definition.triggers.length === 0) return [{ verdict: 'not-owed', words: `${jobType} is owed to no event by itself: only a schedule, a person or another job asks for it, and here none did.`, node: null }];
  const named = definition.triggers.filter((trigger) => !trigger.endsWith('.*'));
  const first: WhyNotStep = { verdict: 'not-owed', words: `${jobType} is owed to ${definition.triggers.join(', ')}, and none of that happened here.`, node: null };
  return [first, ...named.flatMap((eventType) => aboutEvent(facts, eventType, asked, deep - 1))];
}

/** An event that owes a job of this type by today's catalogue, or has one. */
function aboutOwedJob(facts: WhyNotFacts, event: EventRow, jobType: string): WhyNotStep[] {
  const jobs = facts.jobs.filter((job) => job.triggeringEventId === event.eventId && job.jobType === jobType && job.parentJobId === null);
  if (jobs.length > 0) return jobs.map((job) => stateOf(facts, job));
  const node = `event:${event.eventId}`;
  const aside = facts.setAside.find(({ seq }) => seq === event.seq);
  if (aside) return [{ verdict: 'set-aside', words: `${event.eventType} owes ${jobType}, but routing set it aside: ${aside.problem}. Mend the trigger, then replay the event.`, node }];
  const routed = facts.routed.find(({ eventId }) => eventId === event.eventId);
  if (routed === undefined) return [{ verdict: 'missing', words: `${event.eventType} owes ${jobType} by today's catalogue, but had none when it was routed. A replay of this event makes up for it.`, node }];
  if (routed.owed === null) {
    return [{ verdict: 'not-routed', words: facts.held === null ? `${event.eventType} owes ${jobType}, but has not been routed yet.` : `${event.eventType} owes ${jobType}, but routing takes no events now: ${facts.held}. It goes on by itself.`, node }];
  }
  return routed.owed === 0
    ? [{ verdict: 'missing', words: `When ${event.eventType} was routed, the catalogue had no ${jobType} for it (a plugin that came later, or a trigger that was changed). A replay of this event makes up for it.`, node }]
    : [{ verdict: 'missing', words: `${event.eventType} was routed and owed ${routed.owed === 1 ? 'a job' : `${routed.owed} jobs`}, but no ${jobType} is known here: it is not in the view yet, or older than what is kept.`, node }];
}

function notOwed(facts: WhyNotFacts, event: EventRow): WhyNotStep {
  const node = `event:${event.eventId}`;
  const aside = facts.setAside.find(({ seq }) => seq === event.seq);
  if (aside) return { verdict: 'set-aside', words: `Routing set it aside: ${aside.problem}. Mend the trigger, then replay the event.`, node };
  const routed = facts.routed.find(({ eventId }) => eventId === event.eventId);
  if (routed?.owed === null) return { verdict: 'not-routed', words: facts.held === null ? 'It has not been routed yet.' : `It has not been routed: ${facts.held}. It goes on by itself.`, node };
  return { verdict: 'not-owed', words: `No job type is triggered by ${event.eventType} with this payload: it was routed to nothing.`, node };
}

function stateOf(facts: WhyNotFacts, job: JobWithAttempts): WhyNotStep {
  const node = `job:${job.jobId}`;
  const paused = facts.pausedQueues.get(job.queue);
  const why = job.lastError === null ? '' : `: ${job.lastError.replace(/[.\s]+$/, '')}`;
  const attempts = job.attempts === 1 ? 'one attempt' : `${job.attempts} attempts`;
  switch (job.state) {
    case 'completed':
      return { verdict: 'happened', words: `${job.jobType} did run, and completed.`, node };
    case 'running':
      return { verdict: 'under-way', words: `${job.jobType} is running its attempt ${job.attempts}.`, node };
    case 'waiting':
      if (paused !== undefined) return { verdict: 'waiting', words: `${job.jobType} waits: the queue ${job.queue} is paused (${paused}).`, node };
      return { verdict: 'waiting', words: facts.works ? `${job.jobType} waits in the queue ${job.queue} for a free worker.` : `${job.jobType} waits: this site is an observer and runs no jobs.`, node };
    case 'retrying':
      return { verdict: 'waiting', words: `${job.jobType} failed in ${attempts} and will be tried again${why}${paused === undefined ? '' : `; but the queue ${job.queue} is paused (${paused})`}.`, node };
    case 'dead':
      return { verdict: 'dead', words: `${job.jobType} is a dead letter after ${attempts}${why}. It waits for a person to redrive or discard it.`, node };
    case 'redriven':
      return { verdict: 'decided', words: `${job.jobType} died after ${attempts} and was redriven: see the job that runs it again.`, node };
    case 'discarded':
      return { verdict: 'decided', words: `${job.jobType} died after ${attempts}, and a person discarded it${why}.`, node };
    default:
      return { verdict: 'decided', words: `${job.jobType} was cancelled.`, node };
  }
}

function covers(trigger: string, eventType: string): boolean {
  return trigger === eventType || (trigger.endsWith('.*') && eventType.startsWith(trigger.slice(0, -1)));
}
