/**
 * The SDK of plugins: `import type { PluginKit } from 'spine-console/sdk'`. A plugin's default export is what
 * `definePlugin` returns, or a function that gets the kit and returns it:
 *
 *   export default ({ z, definePlugin, defineEvent, defineJob, defineHandler, on }: PluginKit) => definePlugin({ … });
 *
 * With the function a plugin imports nothing at run time (the import above is of types, and erased), so it works in any
 * folder and with the packaged app too. docs/plugins.md shows the way.
 */
import * as z from 'zod';
import type { Envelope } from '../../shared/envelope.ts';
import { NotRetryableError, RateLimitedError, RetryableError } from '../../shared/errors.ts';
import { defineEvent, type EventDefinition } from '../../shared/event-catalogue/index.ts';
import { defineJob, type JobDefinition, type Trigger } from '../../shared/job-catalogue/index.ts';
import type { AttemptContext, Handler } from '../workers/handler.ts';

/** A handler with the job type that it carries out. */
export interface DefinedHandler {
  readonly jobType: string;
  readonly handle: Handler;
}

export interface Plugin {
  /** Lower-case letters, digits and dashes. */
  readonly name: string;
  /** Shown in the console. */
  readonly version?: string;
  readonly events?: readonly EventDefinition[];
  readonly jobs?: readonly JobDefinition[];
  /** One for each of its jobs; it may also replace the handler of a built-in job type. */
  readonly handlers?: readonly DefinedHandler[];
}

/** Checks by its types only; `loadPlugins` checks again what it gets. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** An attempt as a plugin's handler sees it: `emit` and `handOn` take a definition as well, and then check the payload by its type. */
export interface HandlerAttempt<Input> extends Omit<AttemptContext<Input>, 'emit' | 'handOn'> {
  /** Publish an event once the job is finished. @throws NotRetryableError if it does not fit its catalogue entry. */
  emit<Schema extends z.ZodObject>(event: EventDefinition<string, Schema>, data: z.input<Schema>, options?: { source?: string }): void;
  emit(eventType: string, data: Record<string, unknown>, options?: { source?: string }): void;
  /** Hand work on to another job. `key` tells several of one type apart; the same key hands on the same job. */
  handOn<Schema extends z.ZodType<unknown, Record<string, unknown>>>(job: JobDefinition<string, Schema>, input: z.input<Schema>, key: string): void;
  handOn(jobType: string, input: Record<string, unknown>, key: string): void;
}

/** The handler of a job type: `attempt.input` has the type of the job's schema. */
export function defineHandler<Schema extends z.ZodType>(
  job: JobDefinition<string, Schema>,
  handle: (attempt: HandlerAttempt<z.infer<Schema>>) => Promise<void>,
): DefinedHandler {
  const typeOf = (named: string | { readonly type: string }): string => (typeof named === 'string' ? named : named.type);
  return {
    jobType: job.type,
    handle: (attempt) =>
      handle({
        ...attempt,
        // The pipeline checks the input against the job's schema before it calls the handler.
        input: attempt.input as z.infer<Schema>,
        emit: (event: string | EventDefinition, data: Record<string, unknown>, options?: { source?: string }) => attempt.emit(typeOf(event), data, ...(options === undefined ? [] : [options] as const)),
        handOn: (other: string | JobDefinition, input: unknown, key: string) => attempt.handOn(typeOf(other), input as Record<string, unknown>, key),
      }),
  };
}

/** A trigger whose `when` and `input` know the payload of the event. Both must be pure: routing an event again must decide the same. */
export function on<Schema extends z.ZodObject>(
  event: EventDefinition<string, Schema>,
  rule: { when?: (event: Envelope<z.infer<Schema>>) => boolean; input?: (event: Envelope<z.infer<Schema>>) => unknown } = {},
): Trigger {
  const { when, input } = rule;
  // Routing has checked the payload against the event's schema before it asks.
  return {
    event: event.type,
    ...(when ? { when: (envelope: Envelope) => when(envelope as Envelope<z.infer<Schema>>) } : {}),
    ...(input ? { input: (envelope: Envelope) => input(envelope as Envelope<z.infer<Schema>>) } : {}),
  };
}

/** Everything that a plugin needs at run time. */
export const pluginKit = { z, definePlugin, defineHandler, defineEvent, defineJob, on, RetryableError, NotRetryableError, RateLimitedError } as const;
export type PluginKit = typeof pluginKit;
export type { AttemptContext, EventDefinition, Handler, JobDefinition };
