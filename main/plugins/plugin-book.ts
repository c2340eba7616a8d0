/** Which plugins are in place, and what was wrong when they were loaded again. */
import { BUILT_IN_JOBS } from '../../shared/job-catalogue/index.ts';
import type { PluginRow } from '../../shared/operator-api/index.ts';
import type { LoadedPlugin } from './load-plugins.ts';

export class PluginBook {
  readonly folder: string | null;
  /** Saved plugins are loaded again while the site runs. */
  readonly reloads: boolean;
  readonly #plugins = new Map<string, LoadedPlugin>();
  #problem: { readonly text: string; readonly atMs: number } | null = null;

  constructor(folder: string | null, plugins: readonly LoadedPlugin[], reloads: boolean) {
    this.folder = folder;
    this.reloads = reloads;
    this.loaded(plugins);
  }

  /** These are in place now; what is no longer in the folder stays until a restart. */
  loaded(plugins: readonly LoadedPlugin[]): void {
    for (const plugin of plugins) this.#plugins.set(plugin.name, plugin);
    this.#problem = null;
  }
  /** They could not be loaded again; those before stay in place. */
  failed(text: string): void {
    this.#problem = { text, atMs: Date.now() };
  }

  list(): { folder: string | null; plugins: PluginRow[]; reloads: boolean; problem: { text: string; atMs: number } | null } {
    const builtIn = new Set<string>(BUILT_IN_JOBS.map(({ type }) => type));
    return {
      folder: this.folder, reloads: this.reloads, problem: this.#problem,
      plugins: [...this.#plugins.values()].map(({ name, version, file, jobs, events, handlers }) => ({
        name, version, file, jobTypes: jobs.map(({ type }) => type), eventTypes: events.map(({ type }) => type), replaces: [...handlers.keys()].filter((type) => builtIn.has(type)),
      })),
    };
  }
}
