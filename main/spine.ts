/**
 * The only composition root: starts everything in order, and stops it in the reverse order.
 *
 *   data folder → configuration → NATS, Postgres → schema, queues → bus → projection → relay → workers → routing → schedules → connectors
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { openDataFolder, type DataFolder } from '../embedded/data-folder.ts';
import { createTyped, EventCatalogue } from '../shared/event-catalogue/index.ts';
import { domainOf, type Envelope } from '../shared/envelope.ts';
import { ConfigError, messageOf } from '../shared/errors.ts';
import { JobCatalogue } from '../shared/job-catalogue/index.ts';
import { AlertWatcher } from './alerts/alert-watcher.ts';
import { type LoadedConfig, loadConfig } from './config/load-config.ts';
import { openLog } from './config/log.ts';
import { backpressureLimits, domainsOf, unknownJobTypes } from './config/site-config.ts';
import { newestBackupAgeMs } from './backup/list-backups.ts';
import { type BackupWish, makeBackup } from './backup/make-backup.ts';
import { ChangeSignal } from './change-signal.ts';
import { ConnectorManager } from './connectors/connector-manager.ts';
import { backfillFamilies } from './dead-letters/backfill.ts';
import { type Database, openDatabase } from './database/database.ts';
import { migrate } from './database/migrate.ts';
import { DemoSite } from './demo/demo-site.ts';
import type { EventBus } from './event-bus/event-bus.ts';
import { armFaultPoint, faultPoint } from './fault-points.ts';
import type { FollowedStream } from './event-bus/drivers/nats/follow.ts';
import { compileInSecondPlace } from './engine-threads.ts';
import { connectNats } from './event-bus/drivers/nats/connection.ts';
import { openNatsEventBus } from './event-bus/drivers/nats/nats-event-bus.ts';
import { createPgBossQueue } from './job-queue/drivers/pg-boss/pg-boss-queue.ts';
import { GuaranteeChecker } from './guarantees/check-guarantees.ts';
import { ControlFollower } from './job-queue/control-follower.ts';
import type { JobQueue } from './job-queue/job-queue.ts';
import { NO_WORKERS } from './job-queue/worker-slots.ts';
import type { OperatorServices } from './operator-api/services.ts';
import { SiteMonitor } from './operator-api/site-monitor.ts';
import { Relay } from './outbox/relay.ts';
import { LiveFlow } from './projections/live-flow.ts';
import { Projection } from './projections/projection.ts';
import { PluginBook } from './plugins/plugin-book.ts';
import { reloadPlugins } from './plugins/hot-reload.ts';
import { loadPlugins } from './plugins/load-plugins.ts';
import { RedriveRunner } from './redrives/redrive-runner.ts';
import { Backpressure, tierLoads } from './routing/backpressure.ts';
import { setAside } from './routing/inbox.ts';
import { Routing } from './routing/route-events.ts';
import { RuleStore } from './rules/rule-store.ts';
import { ReplayRunner } from './replays/replay-runner.ts';
import { syncConfiguredSchedules } from './schedules/configured-schedules.ts';
import { ScheduleTicker } from './schedules/schedule-ticker.ts';
import { RetentionBook } from './streams/retention-book.ts';
import { StreamMeter } from './streams/stream-meter.ts';
import { Metrics } from './telemetry/metrics.ts';
import { SpanRecorder } from './telemetry/spans.ts';
import { startTelemetry } from './telemetry/telemetry.ts';
import { SettingsBook } from './settings/settings-book.ts';
import { type NatsServer, startServers } from './start-servers.ts';
import { builtInHandlers } from './workers/handlers/index.ts';
import type { Handler } from './workers/handler.ts';
import { httpWorker, remoteJobs } from './workers/remote/http-worker.ts';
import { WorkerPool } from './workers/worker-pool.ts';

export const VERSION = packageJson.version;

/** Running attempts get this long to end when the site stops, ms: all of it must be gone within 5 s. */
const DRAIN_MS = 1_500;

export interface SpineOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly dataFolder: string;
  readonly host: 'desktop' | 'headless';
  /** Folder with nats-server and Postgres of a packaged app. */
  readonly resourcesBin?: string;
  /** What happens, for a person who watches the start. */
  readonly say: (line: string) => void;
}

export interface Spine {
  readonly services: OperatorServices;
  readonly folder: DataFolder;
  readonly loaded: LoadedConfig;
  readonly log: Logger;
  /** How any NATS client reaches the bus; null credentials for an outside server. */
  readonly nats: { readonly url: string; readonly seedFile: string | null };
  /**
   * Stops everything in order. Safe to call twice.
   * `drainMs`: running attempts get this long to end instead of 1.5 s; calling again without it ends that wait.
   */
  stop(options?: { readonly drainMs?: number }): Promise<void>;
}

/** Start a site. @throws ConfigError, ConflictError, UnavailableError: each message says what to do; what had started is stopped. */
export async function startSpine(options: SpineOptions): Promise<Spine> {
  compileInSecondPlace();
  const starting = new AsyncDisposableStack();
  try {
    return await startInOrder(options, starting);
  } catch (error) {
    await starting.disposeAsync();
    throw error;
  }
}

/** Each part puts its own end onto `starting`, which undoes them in the reverse order. */
async function startInOrder(options: SpineOptions, starting: AsyncDisposableStack): Promise<Spine> {
  const beganMs = Date.now();
  const { env, host, say } = options;
  const drain = { ms: DRAIN_MS, hurry: new AbortController() };
  armFaultPoint(env.SPINE_FAULT_POINT);
  const folder = openDataFolder(options.dataFolder);
  starting.defer(async () => folder.release());
  const loaded = loadConfig(env, folder.root);
  const { config } = loaded;
  const { log, close: closeLog } = openLog(folder.logs, env.SPINE_LOG_LEVEL);
  starting.defer(closeLog);
  const onError = (part: string) => (error: unknown) => log.error({ part, err: error }, messageOf(error));

  const telemetry = startTelemetry(env, { site: config.site, version: VERSION });
  starting.defer(() => telemetry.stop());
  const spans = new SpanRecorder(telemetry.counts() !== null);
  const metrics = new Metrics();
  const plugins = config.plugins ? await loadPlugins(loaded.path(config.plugins.folder)) : [];
  const pluginBook = new PluginBook(config.plugins ? loaded.path(config.plugins.folder) : null, plugins, env.SPINE_PLUGIN_RELOAD === 'on');
  const domains = new Set(domainsOf(config));
  const events = new EventCatalogue(plugins.flatMap((plugin) => plugin.events));
  const jobs = new JobCatalogue(plugins.flatMap((plugin) => plugin.jobs));
  for (const definition of remoteJobs(config, jobs)) jobs.add(definition);
  for (const { setting, jobType } of unknownJobTypes(config, jobs)) throw new ConfigError(setting, `there is no job type "${jobType}"`, `one of ${jobs.all().map(({ type }) => type).join(', ')}`);

  const [nats, postgres] = await startServers(starting, { options, folder, loaded, log });
  const source = `spine.${config.site}`;
  const database = await openDatabase(postgres.connection, postgres.outside, onError('postgres'));
  starting.defer(() => database.close());
  const queue = await openQueue(starting, database, jobs, !postgres.outside, log);
  say(`PostgreSQL ${database.version} ${postgres.outside ? 'connected' : 'embedded'}`);
  const retention = new RetentionBook(loaded);
  await retention.load(database.intake);
  const bus = await openBus(starting, nats, loaded, retention, log);
  say(`NATS ${bus.serverVersion} ${nats.outside ? 'connected' : 'embedded'}`);

  const routedSubjects = jobs.routedSubjects(domainsOf(config));
  const changes = new ChangeSignal();
  const live = new LiveFlow((watched) => projection.setWatched(watched));
  const projection: Projection = new Projection({
    file: join(folder.projections, 'lineage.sqlite'),
    stream: followedStream(nats, config.site), bus, events,
    // Routing sets aside what it takes; the rest is seen here alone.
    onRefused: (refused) => setAside(database.intake, refused.filter(({ message }) => !routedSubjects.some((subject) => subject === message.subject || subject === `${domainOf(message.subject)}.*`))),
    pool: database.intake, onDisk: database.onDisk,
    retentionMs: () => retention.maxAgeMs('platform-events'),
    onRead: ({ events: read, total, byDomain }) => {
      if (read) live.add(read, total);
      metrics.eventsSeen(byDomain);
    },
    onApplied: () => changes.emit(),
    onRebuild: (why) => {
      log.warn({ why }, 'rebuilding the projection');
      say(`The console's view is rebuilt from the streams (${why}).`);
    },
    onError: onError('projection'),
  });
  await projection.start();
  starting.defer(() => projection.stop());

  const relay = new Relay({
    pool: database.work, bus, spans, onError: onError('relay'),
    onPublished: (event) => metrics.relayed(event),
  });
  relay.start();
  starting.defer(() => relay.stop());

  const rules = new RuleStore(database.intake);
  await rules.sync(config.rules);
  // One at a time: a second one would take the first one's folder for what a crash left.
  let lastBackup: Promise<unknown> = Promise.resolve();
  const backup = (wish: BackupWish): ReturnType<typeof makeBackup> => {
    const made = lastBackup.then(() => makeBackup({ loaded, secretsFolder: folder.secrets, bus, database, relay, source, version: VERSION }, wish));
    lastBackup = made.catch(() => {});
    return made;
  };
  const backupFolder = join(folder.root, 'backups');
  const handlers = new Map<string, Handler>(builtInHandlers({ config, secret: loaded.secret, path: loaded.path, pool: database.intake, rules, backup, backupFolder }));
  for (const plugin of plugins) for (const [type, handler] of plugin.handlers) handlers.set(type, handler);
  for (const remote of config.workers.remote) handlers.set(remote.jobType, httpWorker(remote, { secret: loaded.secret, jobs }));
  const workers = config.workers.enabled
    ? new WorkerPool({
        queues: jobs.queues(), concurrency: config.workers, queue, durablePool: database.intake, onDisk: database.onDisk, notesPool: database.work, onError: onError('workers'),
        services: { pool: database.intake, events, jobs, handlers, spans, domains, maxPayload: bus.maxPayload, source },
        onAttempt: (outcome, tier) => metrics.attemptEnded(outcome, tier),
        onCommitted: (outbox) => {
          relay.offer(outbox);
          projection.wake();
        },
      })
    : null;
  if (workers) {
    const controls = new ControlFollower({ pool: database.work, workers, onError: onError('queue controls') });
    await controls.start();
    starting.defer(() => controls.stop());
    workers.start();
    starting.defer(() => workers.stop(drain.ms, drain.hurry.signal));
  }
  const committed = (queues: Iterable<string>): void => {
    workers?.wake(queues);
    relay.wake();
    projection.wake();
  };

  // An observer's catalogue may lack the plugins of the hosts that work: it leaves redrives to them.
  const redrives = workers ? new RedriveRunner({ pool: database.intake, queue, jobs, source, onCommitted: committed, onError: onError('redrives') }) : null;
  redrives?.start();
  starting.defer(async () => redrives?.stop());
  const sorting = new AbortController();
  const sorted = backfillFamilies(database.intake, sorting.signal).catch(onError('failure families'));
  starting.defer(async () => {
    sorting.abort();
    await sorted;
  });

  const routing = new Routing({
    bus, durablePool: database.intake, pool: database.work, onDisk: database.onDisk, queue, events, subjects: routedSubjects, jobs, spans, source,
    slots: workers ?? NO_WORKERS,
    onRouted: (queues) => workers?.wake(queues),
    onDurable: (outbox) => {
      relay.offer(outbox);
      projection.wake();
    },
    onError: onError('routing'),
  });
  await routing.start();
  starting.defer(() => routing.stop());
  const backpressure = new Backpressure({
    limits: backpressureLimits(config),
    measure: async () => tierLoads(await projection.read.jobCounts(), Date.now()),
    onChange: async (hold) => {
      log.warn({ part: 'routing', hold }, hold ? `takes no events: ${hold.why.text}` : 'takes events again');
      await routing.setHold(hold);
    },
    onError: onError('backpressure'),
  });
  backpressure.start();
  starting.defer(() => backpressure.stop());
  await syncConfiguredSchedules(database.intake, config, Date.now());
  const schedules = new ScheduleTicker({ pool: database.intake, source, knows: (jobType) => jobs.get(jobType) !== undefined, onFired: () => relay.wake(), onError: onError('schedules') });
  schedules.start();
  starting.defer(() => schedules.stop());
  const replays = new ReplayRunner({ bus, pool: database.intake, queue, jobs, events, source, held: () => routing.held !== null, onCommitted: committed, onError: onError('replays') });
  await replays.start();
  starting.defer(() => replays.stop());

  const publish = async (event: Envelope) => {
    faultPoint('before-publish');
    const receipt = await bus.publish(spans.publish(event));
    faultPoint('after-publish-ack');
    return receipt;
  };
  const connectors = new ConnectorManager({
    config, path: loaded.path, secret: loaded.secret, pool: database.intake, onError: onError('connectors'),
    requestSync: async (connectorId, reason) => {
      await publish(createTyped({ eventType: 'system.JobRequested', source, data: { jobType: 'SyncConnectorDataJob', input: { connectorId }, operator: 'connector', reason } }) as Envelope);
    },
  });
  await connectors.start();
  starting.defer(() => connectors.stop());
  const demo = new DemoSite({ config, rules, publish: async (event) => void (await publish(event)), onError: onError('demo') });
  starting.defer(() => demo.stop());

  const mode = nats.outside === postgres.outside ? (nats.outside ? 'connected' : 'embedded') : 'mixed';
  let alertWatcher: AlertWatcher | null = null;
  const monitor = new SiteMonitor(
    { site: config.site, version: VERSION, mode, host, startedMs: Date.now(), source, natsEmbedded: !nats.outside, postgresEmbedded: !postgres.outside, traceUrl: config.telemetry.traceUrl ?? null },
    { bus, database, routing, workers, relay, projection, demo, alerts: () => alertWatcher?.open ?? [], spans: () => telemetry.counts() },
  );
  metrics.measure({ status: () => monitor.status(), jobCounts: () => projection.read.jobCounts(), slots: () => workers?.status() ?? [], spans: () => telemetry.counts() });
  const guarantees = new GuaranteeChecker({ bus, database, config, retention, path: loaded.path, root: folder.root, natsEmbedded: !nats.outside });
  const meter = new StreamMeter(bus.keeper, onError('streams'));
  meter.start();
  starting.defer(async () => meter.stop());
  monitor.start();
  starting.defer(async () => monitor.stop());
  const alerts = new AlertWatcher({
    database, site: config.site, source, dataFolder: folder.root, status: () => monitor.status(), onCommitted: () => relay.wake(), onError: onError('alerts'),
    backupAgeMs: () => newestBackupAgeMs(config.backup ? loaded.path(config.backup.folder) : backupFolder, config.site),
  });
  const settings = new SettingsBook({ env, dataFolder: folder.root, running: loaded });
  alertWatcher = alerts;
  alerts.start();
  starting.defer(() => alerts.stop());

  await publish(createTyped({ eventType: 'system.ServiceStarted', source, data: { service: 'spine', version: VERSION, mode, startMs: Date.now() - beganMs } }) as Envelope);
  for (const { name, file, jobs: brought, events: also } of plugins) {
    await publish(createTyped({ eventType: 'system.PluginLoaded', source, data: { plugin: name, file, jobTypes: brought.map(({ type }) => type), eventTypes: also.map(({ type }) => type) } }) as Envelope);
  }
  starting.defer(async () => {
    await publish(createTyped({ eventType: 'system.ServiceStopped', source, data: { service: 'spine', uptimeMs: Date.now() - beganMs } }) as Envelope).catch(onError('stop'));
  });
  if (config.plugins && pluginBook.reloads) {
    const reload = await reloadPlugins({ folder: loaded.path(config.plugins.folder), book: pluginBook, plugins, jobs, events, handlers, source, say, publish: async (event) => void (await publish(event)), onError: onError('plugins') });
    starting.defer(() => reload.stop());
  }
  log.info({ mode, startMs: Date.now() - beganMs, version: VERSION }, 'started');

  const running = starting.move();
  let stopped: Promise<void> | null = null;
  return {
    folder, loaded, log,
    nats: { url: nats.url, seedFile: nats.seedFile },
    services: {
      config, dataFolder: folder.root, path: loaded.path, secret: loaded.secret, plugins: pluginBook, domains, source, bus, meter, retention, database, queue, events, jobs, projection, live, monitor, alerts, settings, guarantees, workers, connectors, rules, demo, redrives, schedules, replays, metrics, publish, committed, version: VERSION,
      held: () => routing.held,
      nextChange: (ms, signal) => changes.next(ms, signal),
    },
    stop: ({ drainMs } = {}) => {
      if (stopped && drainMs === undefined) drain.hurry.abort();
      drain.ms = drainMs ?? DRAIN_MS;
      return (stopped ??= running.disposeAsync());
    },
  };
}

async function openQueue(starting: AsyncDisposableStack, database: Database, jobs: JobCatalogue, alone: boolean, log: Logger): Promise<JobQueue> {
  await migrate(database.intake);
  const queue = createPgBossQueue({ work: database.work, onError: (error) => log.error({ part: 'job-queue', err: error }, error.message) });
  await queue.start();
  starting.defer(() => queue.stop());
  for (const { name, tier } of jobs.queues()) {
    await queue.ensureQueue(name, tier);
    // The data folder's lock says that nobody else works here: whatever is marked as running has lost its worker.
    const released = alone ? await queue.releaseOrphans(name) : 0;
    if (released > 0) log.warn({ queue: name, released }, 'jobs whose worker was gone are put back');
  }
  return queue;
}

/** The stream as the read model's thread reaches it, by itself. */
function followedStream({ url, outside, seed, credentialsFile, credentialsText }: NatsServer, site: string): FollowedStream {
  return { url, outside, ...(seed && { seed }), ...(credentialsFile !== undefined && { credentialsFile }), ...(credentialsText !== undefined && { credentialsText }), name: `spine ${site} view` };
}

async function openBus(starting: AsyncDisposableStack, nats: NatsServer, loaded: LoadedConfig, retention: RetentionBook, log: Logger): Promise<EventBus> {
  const { config } = loaded;
  const adminAddress = nats.embedded ? { url: nats.url, outside: false, seed: nats.embedded.credentials.admin.seed } : nats;
  const admin = await connectNats(adminAddress, `spine ${config.site} streams`);
  starting.defer(async () => {
    await admin.close();
  });
  const service = await connectNats(nats, `spine ${config.site}`);
  starting.defer(async () => {
    await service.close();
  });
  const bus = await openNatsEventBus({
    admin, service,
    alone: !nats.outside,
    domains: domainsOf(config),
    retention: retention.wanted(),
    onStreamChange: ({ stream, change }) => log.info({ part: 'streams', stream }, change),
    onStateChange: (state) => log.warn({ part: 'nats' }, `connection is ${state}`),
  });
  starting.defer(() => bus.close());
  return bus;
}
