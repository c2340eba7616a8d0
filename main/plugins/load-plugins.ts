/** Load a site's plugins from its folder. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { EventType } from '../../shared/envelope.ts';
import { ConfigError, messageOf } from '../../shared/errors.ts';
import { describeIssues, type EventDefinition } from '../../shared/event-catalogue/index.ts';
import { BUILT_IN_JOBS, type JobDefinition } from '../../shared/job-catalogue/index.ts';
import { Tier } from '../../shared/tiers.ts';
import type { Handler } from '../workers/handler.ts';
import { type Plugin, pluginKit } from './define-plugin.ts';

export interface LoadedPlugin {
  readonly name: string;
  /** As its author says; null if they don't. */
  readonly version: string | null;
  /** Absolute path of its module. */
  readonly file: string;
  readonly events: EventDefinition[];
  readonly jobs: JobDefinition[];
  /** By job type. */
  readonly handlers: Map<string, Handler>;
}

const SETTING = 'plugins.folder';
const MODULE = /\.(ts|js|mjs)$/;
const NOT_A_PLUGIN = /(\.d|\.test)\.(ts|js|mjs)$|^[._]/;

/** Zod schemas are recognised by what they do: a plugin may bring its own copy of zod. */
const Schema = z.custom<z.ZodType>((value) => typeof (value as { safeParse?: unknown } | null)?.safeParse === 'function', 'a zod schema');
const isFunction = z.custom<() => void>((value) => typeof value === 'function', 'a function');
const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and dashes');

const PluginShape = z.object({
  name,
  version: z.string().max(50).optional(),
  events: z.array(z.looseObject({ type: EventType, version: z.string(), description: z.string(), schema: Schema, example: z.record(z.string(), z.unknown()) })).default([]),
  jobs: z
    .array(
      z.looseObject({
        type: z.string().regex(/^[A-Z][A-Za-z0-9]*$/, 'a name such as GreetJob'),
        description: z.string(),
        tier: Tier,
        queue: z.string().min(1),
        priority: z.int(),
        schema: Schema,
        triggers: z.array(z.looseObject({ event: z.string().min(1), when: isFunction.optional(), input: isFunction.optional() })),
        retry: z.object({ maxAttempts: z.int().min(1), baseMs: z.number().min(0), capMs: z.number().min(0) }),
        timeoutMs: z.number().min(1),
        replaySafety: z.enum(['idempotent', 'guarded', 'unsafe']),
      }),
    )
    .default([]),
  handlers: z.array(z.object({ jobType: z.string().min(1), handle: isFunction })).default([]),
});

/**
 * Load every module of `folder`: `*.ts`, `*.js`, `*.mjs`, and `index.*` of its subfolders, in order of their names.
 * What begins with a dot or an underscore is passed over, tests and type declarations too.
 * @param version a query such as `?reload=2`: modules are loaded anew under it.
 * @throws ConfigError('plugins.folder') naming the file that can't be loaded, is no plugin, or takes a name that is taken.
 */
export async function loadPlugins(folder: string, version = ''): Promise<LoadedPlugin[]> {
  const plugins: LoadedPlugin[] = [];
  for (const file of await modulesOf(folder)) {
    const plugin = await loadOne(file, version);
    for (const other of plugins) refuseDoubles(plugin, other);
    plugins.push(plugin);
  }
  return plugins;
}

async function modulesOf(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(({ name: entry }) => !NOT_A_PLUGIN.test(entry) && entry !== 'node_modules')
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = join(folder, entry.name);
        if (!entry.isDirectory()) return MODULE.test(entry.name) ? [path] : [];
        const index = ['ts', 'js', 'mjs'].map((extension) => join(path, `index.${extension}`)).find((candidate) => existsSync(candidate));
        return index === undefined ? [] : [index];
      });
  } catch (cause) {
    throw new ConfigError(SETTING, `${folder} can't be listed (${messageOf(cause)})`, 'a folder with plugins', { cause });
  }
}

async function loadOne(file: string, version: string): Promise<LoadedPlugin> {
  let exported: unknown;
  try {
    const module = (await import(`${pathToFileURL(file).href}${version}`)) as { default?: unknown };
    exported = typeof module.default === 'function' ? await (module.default as (kit: typeof pluginKit) => unknown)(pluginKit) : module.default;
  } catch (cause) {
    throw new ConfigError(SETTING, `${file} can't be loaded (${messageOf(cause)})`, 'a module that Node can run', { cause });
  }
  const shape = PluginShape.safeParse(exported);
  if (!shape.success) {
    const problem = exported === undefined ? 'it has no default export' : describeIssues(shape.error);
    throw new ConfigError(SETTING, `${file} is no plugin (${problem})`, 'a default export made by definePlugin', { cause: shape.error });
  }
  // The shape is checked; what is handed on is the plugin's own, whose schemas and functions carry their types.
  const { name: pluginName, version: ownVersion = null, events = [], jobs = [], handlers = [] } = exported as Plugin;
  const known = new Set([...BUILT_IN_JOBS.map(({ type }) => type as string), ...jobs.map(({ type }) => type)]);
  for (const { jobType } of handlers) {
    if (!known.has(jobType)) throw new ConfigError(SETTING, `${file} has a handler for ${jobType}, which is neither one of its jobs nor a built-in one`, 'a handler for a job that there is');
  }
  for (const { type } of jobs) {
    if (!handlers.some(({ jobType }) => jobType === type) && !BUILT_IN_JOBS.some((job) => job.type === type)) {
      throw new ConfigError(SETTING, `${file} has the job ${type} without a handler`, 'a handler for each job: defineHandler(job, …)');
    }
  }
  return { name: pluginName, version: ownVersion, file, events: [...events], jobs: [...jobs], handlers: new Map(handlers.map(({ jobType, handle }) => [jobType, handle])) };
}

function refuseDoubles(plugin: LoadedPlugin, other: LoadedPlugin): void {
  if (plugin.name === other.name) throw new ConfigError(SETTING, `${plugin.file} and ${other.file} are both named "${plugin.name}"`, 'a name of its own for each plugin');
  for (const type of plugin.handlers.keys()) {
    if (other.handlers.has(type)) throw new ConfigError(SETTING, `${plugin.file} and ${other.file} both bring a handler for ${type}`, 'one handler for a job type');
  }
}
