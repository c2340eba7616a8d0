/** Configured connectors: watches their folders, and tells how each one is doing. */
import { watch, type FSWatcher } from 'chokidar';
import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import type pg from 'pg';
import { messageOf, UnavailableError } from '../../shared/errors.ts';
import type { ConnectorStatus } from '../../shared/operator-api/index.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { ConnectorConfig, SiteConfig } from '../config/site-config.ts';
import { connectorScheduleId } from '../schedules/configured-schedules.ts';
import { previewRule } from '../schedules/schedule-queries.ts';
import { allSchedules } from '../schedules/schedule-store.ts';
import { readConnectorStates } from './connector-records.ts';
import { isReadable } from './file-records.ts';
import { targetOf } from './open-source.ts';

export interface ConnectorManagerOptions {
  readonly config: Pick<SiteConfig, 'connectors'>;
  readonly path: LoadedConfig['path'];
  readonly secret: LoadedConfig['secret'];
  readonly pool: pg.Pool;
  /** Ask for a sync; resolves once the request is stored. */
  requestSync(connectorId: string, reason: string): Promise<void>;
  onError(error: unknown): void;
}

/** A file counts as complete when its size has not changed for this long, ms. */
const STABLE_MS = 500;
/** Files that change within this time share a sync, ms. */
const GATHER_MS = 300;
/** Before a request that could not be stored is made again, ms. */
const AGAIN_MS = 5_000;

type FolderConnector = Extract<ConnectorConfig, { kind: 'folder' }>;

export class ConnectorManager {
  readonly #options: ConnectorManagerOptions;
  readonly #watchers: FSWatcher[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #stopped = false;

  constructor(options: ConnectorManagerOptions) {
    this.#options = options;
  }

  /**
   * Watch the folders; a missing one is made. Files that are there already ask for a sync as well, so that what came
   * while the site was down is read. Resolves once all are watched; a folder that can't be is told to `onError`.
   */
  async start(): Promise<void> {
    const folders = this.#options.config.connectors.filter((connector) => connector.kind === 'folder');
    await Promise.all(folders.filter((connector) => connector.watch).map((connector) => this.#watch(connector)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#watchers.splice(0).map((watcher) => watcher.close()));
  }

  /** All configured connectors with the outcome of their last sync, in the order of the configuration. */
  async list(): Promise<ConnectorStatus[]> {
    const { connectors } = this.#options.config;
    const [states, schedules] = await Promise.all([readConnectorStates(this.#options.pool, connectors.map(({ id }) => id)), allSchedules(this.#options.pool)]);
    return connectors.map((connector) => {
      const state = states.get(connector.id);
      const schedule = schedules.find(({ id, origin }) => origin === 'config' && id === connectorScheduleId(connector.id));
      return {
        id: connector.id,
        kind: connector.kind,
        target: targetOf(connector, this.#options.path),
        schedule: connector.schedule ? `${connector.schedule.cron} (${connector.schedule.timeZone})` : null,
        scheduled: schedule ? { id: schedule.id, paused: schedule.paused } : null,
        nextSyncMs: schedule && !schedule.paused ? (previewRule(schedule, Date.now()).nextMs[0] ?? null) : null,
        watched: connector.kind === 'folder' && connector.watch,
        lastSyncMs: state?.lastSyncMs ?? null,
        lastOutcome: state?.lastOutcome === 'completed' || state?.lastOutcome === 'failed' ? state.lastOutcome : 'never',
        lastError: state?.lastError ?? null,
        records: state?.records ?? 0,
      };
    });
  }

  async #watch(connector: FolderConnector): Promise<void> {
    const folder = this.#options.path(connector.path);
    const fail = (cause: unknown): void => this.#options.onError(
      new UnavailableError(folder, `can't be watched (${messageOf(cause)})`, `See the setting connectors.${connector.id}.path.`, { cause }),
    );
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      fail(error);
      return;
    }
    const watcher = watch(folder, {
      followSymlinks: false,
      awaitWriteFinish: { stabilityThreshold: STABLE_MS, pollInterval: 100 },
      ignored: (path, stats) => stats?.isFile() === true && !isReadable(basename(path)),
    });
    this.#watchers.push(watcher);
    const changed = (): void => this.#request(connector.id, GATHER_MS);
    watcher.on('add', changed).on('change', changed).on('error', fail);
    await new Promise<void>((resolve) => {
      watcher.once('ready', () => resolve());
      // A watcher that fails at once is never ready.
      watcher.once('error', () => resolve());
    });
  }

  #request(connectorId: string, afterMs: number): void {
    if (this.#stopped || this.#timers.has(connectorId)) return;
    this.#timers.set(connectorId, setTimeout(() => {
      this.#timers.delete(connectorId);
      this.#options.requestSync(connectorId, 'files changed').catch((error: unknown) => {
        this.#options.onError(error);
        this.#request(connectorId, AGAIN_MS);
      });
    }, afterMs));
  }
}
