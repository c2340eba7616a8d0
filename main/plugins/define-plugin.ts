/**
 * How a plugin is written. Its module's default export is what `definePlugin` returns, or a function that gets the
 * kit and returns it:
 *
 *   import type { PluginKit } from '…/main/plugins/define-plugin.ts';
 *   export default ({ z, definePlugin, defineJob, defineHandler }: PluginKit) => definePlugin({ … });
 *
 * With the function a plugin imports nothing at run time, so it works in any folder and with the packaged app too.
 */
import * as z from 'zod';
import { NotRetryableError, RateLimitedError, RetryableError } from '../../shared/errors.ts';
import { defineEvent, type EventDefinition } from '../../shared/event-catalogue/index.ts';
import { defineJob, type JobDefinition } from '../../shared/job-catalogue/index.ts';
import type { AttemptContext, Handler } from '../workers/handler.ts';

/** A handler with the job type that it carries out. */
export interface DefinedHandler {
  readonly jobType: string;
  readonly handle: Handler;
}

export interface Plugin {
  /** Lower-case letters, digits and dashes. */
  readonly name: string;
  readonly events?: readonly EventDefinition[];
  readonly jobs?: readonly JobDefinition[];
  /** One for each of its jobs; it may also replace the handler of a built-in job type. */
  readonly handlers?: readonly DefinedHandler[];
}

/** Checks by its types only; `loadPlugins` checks again what it gets. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** The handler of a job type: `attempt.input` has the type of the job's schema. */
export function defineHandler<Schema extends z.ZodType>(
  job: JobDefinition<string, Schema>,
  handle: (attempt: AttemptContext<z.infer<Schema>>) => Promise<void>,
): DefinedHandler {
  // The pipeline checks the input against the job's schema before it calls the handler.
  return { jobType: job.type, handle: handle as Handler };
}

/** Everything that a plugin needs at run time. */
export const pluginKit = { z, definePlugin, defineHandler, defineEvent, defineJob, RetryableError, NotRetryableError, RateLimitedError } as const;
export type PluginKit = typeof pluginKit;
export type { AttemptContext, EventDefinition, Handler, JobDefinition };
