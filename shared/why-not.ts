/**
 * "Why did this not happen?": from what a trace has to what a person expected of it, step by step. Pure.
 *
 * Asked for a job type, it says what became of the jobs of that type, or why no event owed one. Asked for an event type, it
 * says what became of the jobs that publish it. Where a step was not even begun, the question is asked again of what leads to it.
 */
import { type Phrase, words } from './i18n/translate.ts';
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
  readonly pausedQueues: ReadonlyMap<string, { readonly operator: string; readonly reason: string }>;
  /** Why routing takes no events at present; null if it does. */
  readonly held: Phrase | null;
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
    ...found.slice(0, MOST_OF_ONE).map((event): WhyNotStep => ({ verdict: 'happened', words: words('{eventType} did happen.', { eventType }), node: `event:${event.eventId}` })),
    ...aside.map((message): WhyNotStep => ({ verdict: 'set-aside', words: words('{eventType} was sent, but set aside: {problem}. It must be published anew in a form that is valid.', { eventType, problem: message.problem }), node: `set-aside:${message.seq}` })),
  ];
  if (steps.length > 0) return steps;
  if (asked.has(eventType) || deep === 0) return [];
  asked.add(eventType);
  const emitters = facts.jobTypes.filter(({ emits }) => emits?.includes(eventType));
  if (emitters.length === 0) {
    return [{ verdict: 'unknown', words: words('No job type of this site is known to publish {eventType}: it comes from outside, or from a plugin that does not say what it publishes. Nothing of this correlation published it.', { eventType }), node: null }];
  }
  return emitters.flatMap(({ type }) => {
    const jobs = facts.jobs.filter(({ jobType }) => jobType === type);
    if (jobs.length === 0) return aboutJob(facts, type, asked, deep - 1);
    return jobs.slice(0, MOST_OF_ONE).map((job) => {
      if (job.state === 'completed') return { verdict: 'decided', words: words('{type} ran to its end and did not publish {eventType}: its handler saw no reason to.', { type, eventType }), node: `job:${job.jobId}` } satisfies WhyNotStep;
      return { ...stateOf(facts, job), words: words('{eventType} is published when {type} succeeds. {state}', { eventType, type, state: stateOf(facts, job).words }) };
    });
  });
}

function aboutJob(facts: WhyNotFacts, jobType: string, asked: Set<string>, deep: number): WhyNotStep[] {
  const jobs = facts.jobs.filter((job) => job.jobType === jobType);
  if (jobs.length > 0) return jobs.slice(0, MOST_OF_ONE).map((job) => stateOf(facts, job));
  if (asked.has(jobType) || deep === 0) return [];
  asked.add(jobType);
  const definition = facts.jobTypes.find(({ type }) => type === jobType);
  if (!definition) return [{ verdict: 'unknown', words: words('No job type {jobType} is in the catalogue of this site. Add the plugin that brings it, then replay the event.', { jobType }), node: null }];
  const triggers = facts.events.filter((event) => definition.triggers.some((trigger) => covers(trigger, event.eventType)));
  const steps = triggers.slice(0, MOST_OF_ONE).flatMap((event): WhyNotStep[] =>
    facts.owes.get(event.eventId)?.includes(jobType) === true
      ? aboutOwedJob(facts, event, jobType)
      : [{ verdict: 'not-owed', words: words('{eventType} can owe {jobType}, but this one does not: the trigger\'s condition does not hold for its payload.', { eventType: event.eventType, jobType }), node: `event:${event.eventId}` }],
  );
  const aside = facts.setAside.filter(({ subject }) => definition.triggers.some((trigger) => covers(trigger, subject)));
  steps.push(...aside.map((message): WhyNotStep => ({ verdict: 'set-aside', words: words('{subject} would owe {jobType}, but it was set aside: {problem}.', { subject: message.subject, jobType, problem: message.problem }), node: `set-aside:${message.seq}` })));
  if (steps.length > 0) return steps;
  if (definition.triggers.length === 0) return [{ verdict: 'not-owed', words: words('{jobType} is owed to no event by itself: only a schedule, a person or another job asks for it, and here none did.', { jobType }), node: null }];
  const named = definition.triggers.filter((trigger) => !trigger.endsWith('.*'));
  const first: WhyNotStep = { verdict: 'not-owed', words: words('{jobType} is owed to {triggers}, and none of that happened here.', { jobType, triggers: definition.triggers.join(', ') }), node: null };
  return [first, ...named.flatMap((eventType) => aboutEvent(facts, eventType, asked, deep - 1))];
}

/** An event that owes a job of this type by today's catalogue, or has one. */
function aboutOwedJob(facts: WhyNotFacts, event: EventRow, jobType: string): WhyNotStep[] {
  const jobs = facts.jobs.filter((job) => job.triggeringEventId === event.eventId && job.jobType === jobType && job.parentJobId === null);
  if (jobs.length > 0) return jobs.map((job) => stateOf(facts, job));
  const node = `event:${event.eventId}`;
  const aside = facts.setAside.find(({ seq }) => seq === event.seq);
  if (aside) return [{ verdict: 'set-aside', words: words('{eventType} owes {jobType}, but routing set it aside: {problem}. Mend the trigger, then replay the event.', { eventType: event.eventType, jobType, problem: aside.problem }), node }];
  const routed = facts.routed.find(({ eventId }) => eventId === event.eventId);
  if (routed === undefined) return [{ verdict: 'missing', words: words('{eventType} owes {jobType} by today\'s catalogue, but had none when it was routed. A replay of this event makes up for it.', { eventType: event.eventType, jobType }), node }];
  if (routed.owed === null) {
    return [{ verdict: 'not-routed', words: facts.held === null ? words('{eventType} owes {jobType}, but has not been routed yet.', { eventType: event.eventType, jobType }) : words('{eventType} owes {jobType}, but routing takes no events now: {held}. It goes on by itself.', { eventType: event.eventType, jobType, held: facts.held }), node }];
  }
  return routed.owed === 0
    ? [{ verdict: 'missing', words: words('When {eventType} was routed, the catalogue had no {jobType} for it (a plugin that came later, or a trigger that was changed). A replay of this event makes up for it.', { eventType: event.eventType, jobType }), node }]
    : [{ verdict: 'missing', words: words('{eventType} was routed and owed {n, plural, one {a job} other {# jobs}}, but no {jobType} is known here: it is not in the view yet, or older than what is kept.', { eventType: event.eventType, n: routed.owed, jobType }), node }];
}

function notOwed(facts: WhyNotFacts, event: EventRow): WhyNotStep {
  const node = `event:${event.eventId}`;
  const aside = facts.setAside.find(({ seq }) => seq === event.seq);
  if (aside) return { verdict: 'set-aside', words: words('Routing set it aside: {problem}. Mend the trigger, then replay the event.', { problem: aside.problem }), node };
  const routed = facts.routed.find(({ eventId }) => eventId === event.eventId);
  if (routed?.owed === null) return { verdict: 'not-routed', words: facts.held === null ? words('It has not been routed yet.') : words('It has not been routed: {held}. It goes on by itself.', { held: facts.held }), node };
  return { verdict: 'not-owed', words: words('No job type is triggered by {eventType} with this payload: it was routed to nothing.', { eventType: event.eventType }), node };
}

function stateOf(facts: WhyNotFacts, job: JobWithAttempts): WhyNotStep & { words: Phrase } {
  const node = `job:${job.jobId}`;
  const paused = facts.pausedQueues.get(job.queue);
  const death = { jobType: job.jobType, attempts: job.attempts, hasError: job.lastError === null ? 'no' : 'yes', error: job.lastError?.replace(/[.\s]+$/, '') ?? '' };
  switch (job.state) {
    case 'completed':
      return { verdict: 'happened', words: words('{jobType} did run, and completed.', { jobType: job.jobType }), node };
    case 'running':
      return { verdict: 'under-way', words: words('{jobType} is running its attempt {attempts}.', { jobType: job.jobType, attempts: job.attempts }), node };
    case 'waiting':
      if (paused !== undefined) return { verdict: 'waiting', words: words('{jobType} waits: the queue {queue} is paused (by {operator}: {reason}).', { jobType: job.jobType, queue: job.queue, ...paused }), node };
      return { verdict: 'waiting', words: facts.works ? words('{jobType} waits in the queue {queue} for a free worker.', { jobType: job.jobType, queue: job.queue }) : words('{jobType} waits: this site is an observer and runs no jobs.', { jobType: job.jobType }), node };
    case 'retrying':
      return { verdict: 'waiting', words: words('{jobType} failed in {attempts, plural, one {one attempt} other {# attempts}} and will be tried again{hasError, select, yes {: {error}} other {}}{paused, select, yes {; but the queue {queue} is paused (by {operator}: {reason})} other {}}.', { ...death, paused: paused === undefined ? 'no' : 'yes', queue: job.queue, operator: paused?.operator ?? '', reason: paused?.reason ?? '' }), node };
    case 'dead':
      return { verdict: 'dead', words: words('{jobType} is a dead letter after {attempts, plural, one {one attempt} other {# attempts}}{hasError, select, yes {: {error}} other {}}. It waits for a person to redrive or discard it.', death), node };
    case 'redriven':
      return { verdict: 'decided', words: words('{jobType} died after {attempts, plural, one {one attempt} other {# attempts}} and was redriven: see the job that runs it again.', { jobType: job.jobType, attempts: job.attempts }), node };
    case 'discarded':
      return { verdict: 'decided', words: words('{jobType} died after {attempts, plural, one {one attempt} other {# attempts}}, and a person discarded it{hasError, select, yes {: {error}} other {}}.', death), node };
    default:
      return { verdict: 'decided', words: words('{jobType} was cancelled.', { jobType: job.jobType }), node };
  }
}

function covers(trigger: string, eventType: string): boolean {
  return trigger === eventType || (trigger.endsWith('.*') && eventType.startsWith(trigger.slice(0, -1)));
}
