/**
 * For `npm run dev`: a plugin that is saved is loaded again, while the site runs. One that is broken leaves what was
 * there before in place, and says so. New queues need a restart: their workers are made at the start.
 */
import { watch } from 'chokidar';
import { createTyped, type EventCatalogue } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { messageOf } from '../../shared/errors.ts';
import type { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import type { Handler } from '../workers/handler.ts';
import { type LoadedPlugin, loadPlugins } from './load-plugins.ts';
import type { PluginBook } from './plugin-book.ts';

/** Saves within this time are one, ms. */
const GATHER_MS = 150;

export interface HotReloadOptions {
  readonly folder: string;
  /** What was loaded at the start. */
  readonly plugins: readonly LoadedPlugin[];
  readonly book: Pick<PluginBook, 'loaded' | 'failed'>;
  readonly jobs: JobCatalogue;
  readonly events: EventCatalogue;
  readonly handlers: Map<string, Handler>;
  readonly source: string;
  readonly say: (line: string) => void;
  readonly publish: (event: Envelope) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Watch until stopped. Resolves once the folder is watched. */
export async function reloadPlugins(options: HotReloadOptions): Promise<{ stop(): Promise<void> }> {
  const { folder, say, onError } = options;
  const watcher = watch(folder, { ignoreInitial: true, ignored: (path) => /[/\\](node_modules|\.[^/\\]+)([/\\]|$)/.test(path.slice(folder.length)) });
  const queues = new Set(options.jobs.queues().map(({ name }) => name));
  let version = 0;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const reload = async (): Promise<void> => {
    version += 1;
    let loaded: LoadedPlugin[];
    try {
      loaded = await loadPlugins(folder, `?reload=${Date.now()}-${version}`);
    } catch (error) {
      // The one before goes on: nothing of it was touched.
      options.book.failed(messageOf(error));
      say(`Plugins were not reloaded, the ones before go on. ${messageOf(error)}`);
      onError(error);
      return;
    }
    const needsRestart: string[] = [];
    for (const plugin of loaded) {
      const elsewhere = plugin.jobs.find(({ queue }) => !queues.has(queue));
      if (elsewhere) {
        needsRestart.push(`Plugin ${plugin.name} was not reloaded: ${elsewhere.type} is on the new queue ${elsewhere.queue}, which needs a restart.`);
        continue;
      }
      options.book.loaded([plugin]);
      for (const event of plugin.events) options.events.add(event);
      for (const job of plugin.jobs) options.jobs.add(job);
      for (const [type, handler] of plugin.handlers) options.handlers.set(type, handler);
      const data = { plugin: plugin.name, file: plugin.file, jobTypes: plugin.jobs.map(({ type }) => type), eventTypes: plugin.events.map(({ type }) => type) };
      await options.publish(createTyped({ eventType: 'system.PluginLoaded', source: options.source, data }) as Envelope).catch(onError);
    }
    for (const line of needsRestart) say(line);
    if (needsRestart.length > 0) options.book.failed(needsRestart.join(' '));
    say(`Plugins reloaded: ${loaded.map(({ name }) => name).join(', ') || 'none'}.`);
    const gone = options.plugins.filter(({ name }) => !loaded.some((plugin) => plugin.name === name));
    if (gone.length > 0) say(`Still in place until a restart: ${gone.map(({ name }) => name).join(', ')}.`);
  };
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(reload, reload);
    }, GATHER_MS);
  });
  watcher.on('error', onError);
  await new Promise<void>((resolve) => {
    watcher.once('ready', () => resolve());
  });
  return {
    async stop() {
      clearTimeout(timer);
      await watcher.close();
      await running;
    },
  };
}
