/**
 * The job catalogue: every job type, its tier, its triggers. `owedBy` is the whole of the routing decision, and pure.
 */
import type * as z from 'zod';
import { domainOf, type Envelope } from '../envelope.ts';
import { allowedByReplay } from '../replay-mark.ts';
import { BUILT_IN_JOBS } from './built-in-jobs.ts';
import type { JobDefinition, Trigger } from './define-job.ts';
import { owedJobId } from './job-payload.ts';

export * from './built-in-jobs.ts';
export { backoffMs, defineJob, type JobDefinition, type ReplaySafety, type RetryPolicy, type Trigger } from './define-job.ts';
export * from './job-payload.ts';

type BuiltIn = (typeof BUILT_IN_JOBS)[number];
export type BuiltInJobType = BuiltIn['type'];
/** The input of a built-in job type. */
export type InputOf<Type extends BuiltInJobType> = z.infer<Extract<BuiltIn, { type: Type }>['schema']>;

/** A job that an event owes. */
export interface OwedJob {
  readonly id: string;
  readonly definition: JobDefinition;
  readonly input: unknown;
}

/** Events by which a person, a script or a schedule asks for any job type: `data.jobType` names it. */
const REQUESTS = new Set(['system.ScheduleFired', 'system.JobRequested']);

export class JobCatalogue {
  readonly #byType = new Map<string, JobDefinition>();
  /** Trigger lookups by event type, filled as types are seen. */
  #triggersOf = new Map<string, { definition: JobDefinition; trigger: Trigger }[]>();

  constructor(extra: readonly JobDefinition[] = []) {
    for (const definition of [...BUILT_IN_JOBS, ...extra]) this.add(definition);
  }

  /** Add or replace a job type (a plugin may bring its own version of a built-in one). */
  add(definition: JobDefinition): void {
    this.#byType.set(definition.type, definition);
    this.#triggersOf.clear();
  }

  get(type: string): JobDefinition | undefined {
    return this.#byType.get(type);
  }

  all(): JobDefinition[] {
    return [...this.#byType.values()];
  }

  /** Every queue that some job type uses, with its tier and those types. */
  queues(): { name: string; tier: JobDefinition['tier']; jobTypes: string[] }[] {
    return [...Map.groupBy(this.all(), ({ queue }) => queue)].map(([name, ofQueue]) => ({
      name, tier: ofQueue.at(-1)?.tier ?? 'background', jobTypes: ofQueue.map(({ type }) => type),
    }));
  }

  /**
   * The subjects whose events must be routed, for a bus with these domains. `job.*` tells of the spine's own work and owes
   * nothing, two messages a job: unless some job type is triggered by one of them, it is left out.
   */
  routedSubjects(domains: readonly string[]): string[] {
    const ofJobs = new Set(this.all().flatMap(({ triggers }) => triggers.map(({ event }) => event)).filter((event) => event.startsWith('job.')));
    return [...domains.filter((domain) => domain !== 'job').map((domain) => `${domain}.*`), ...(ofJobs.has('job.*') ? ['job.*'] : ofJobs)];
  }

  /**
   * The jobs that an event owes: one per job type whose triggers it meets, with ids that depend on the event alone.
   * Order and repetition of events change nothing.
   */
  owedBy(event: Envelope): OwedJob[] {
    if (REQUESTS.has(event.eventType)) {
      const definition = this.#byType.get(String(event.data.jobType));
      return definition && allowedByReplay(event.replay, definition) ? [{ id: owedJobId(definition.type, event.eventId), definition, input: event.data.input }] : [];
    }
    const owed = new Map<string, OwedJob>();
    for (const { definition, trigger } of this.#lookup(event.eventType)) {
      if (owed.has(definition.type) || !allowedByReplay(event.replay, definition) || (trigger.when && !trigger.when(event))) continue;
      owed.set(definition.type, {
        id: owedJobId(definition.type, event.eventId),
        definition,
        input: trigger.input ? trigger.input(event) : event.data,
      });
    }
    return [...owed.values()];
  }

  #lookup(eventType: string): { definition: JobDefinition; trigger: Trigger }[] {
    let found = this.#triggersOf.get(eventType);
    if (!found) {
      const anyOfDomain = `${domainOf(eventType)}.*`;
      found = this.all().flatMap((definition) =>
        definition.triggers
          .filter(({ event }) => event === eventType || event === anyOfDomain)
          .map((trigger) => ({ definition, trigger })),
      );
      // Types are chosen by publishers: remember only those that owe something, so that strange ones can’t fill the memory.
      if (found.length > 0) this.#triggersOf.set(eventType, found);
    }
    return found;
  }
}
