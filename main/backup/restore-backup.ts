/**
 * Put a backup into an empty data folder.
 *
 *   verify → secrets, configuration → servers → schema as it was → rows → streams → servers down
 *   → site up without workers: routes what routing had not reached, publishes the outbox → the books must balance → down
 *
 * No job runs and nothing is sent: that begins when the site is started. Should a step fail, the folder is emptied again.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DeliverPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type pg from 'pg';
import { pino } from 'pino';
import { type DataFolder, openDataFolder, UNFINISHED_RESTORE } from '../../embedded/data-folder.ts';
import { syncFolder, writeDurably } from '../../embedded/durable-file.ts';
import { ConfigError, ConflictError, messageOf } from '../../shared/errors.ts';
import { type Phrase, words } from '../../shared/i18n/translate.ts';
import { type Conservation, checkConservation } from '../conservation/check-conservation.ts';
import { publishedIds } from '../conservation/published-ids.ts';
import { loadConfig } from '../config/load-config.ts';
import { openDatabase } from '../database/database.ts';
import { knownMigrations, migrate } from '../database/migrate.ts';
import { connectNats } from '../event-bus/drivers/nats/connection.ts';
import { AckPolicy } from '../event-bus/drivers/nats/nats-api.ts';
import { restoreStream } from '../event-bus/drivers/nats/stream-snapshot.ts';
import { createPgBossQueue } from '../job-queue/drivers/pg-boss/pg-boss-queue.ts';
import { ROUTING_CONSUMER } from '../routing/route-events.ts';
import { type Spine, startSpine, VERSION } from '../spine.ts';
import { startServers } from '../start-servers.ts';
import type { BackupManifest } from './backup-manifest.ts';
import { openSecrets } from './backup-secrets.ts';
import { loadDatabase, schemaVersions } from './dump-database.ts';
import { readPart } from './file-part.ts';
import { verifyBackup } from './verify-backup.ts';

const ORIGIN = 'platform-events';
/** The origin first: its copy goes on from there. */
const ORDER = [ORIGIN, 'audit-log'];
const AT_REST_MS = 600_000;

export interface RestoreWish {
  /** Folder of one backup. */
  readonly backup: string;
  /** Must be empty or not there. */
  readonly dataFolder: string;
  /** null leaves the secrets: NATS clients and access tokens get new ones. */
  readonly passphrase: string | null;
  readonly env: NodeJS.ProcessEnv;
  readonly onStep: (step: Phrase) => void;
}

/** What the stream had gained after the mark. */
interface Tail {
  /** Events of the site's own after the mark that were taken out of the stream: their work is done again. */
  readonly undone: number;
  /** Events of outside publishers after the mark, which are kept. */
  readonly keptAfterMark: number;
}

export interface RestoreReport extends Tail {
  readonly manifest: BackupManifest;
  readonly books: Conservation;
}

/** @throws ConfigError, ConflictError, UnavailableError: the folder is empty then as it was. */
export async function restoreBackup(wish: RestoreWish): Promise<RestoreReport> {
  const root = resolve(wish.dataFolder);
  const { onStep } = wish;
  onStep(words('Verifying the backup'));
  const manifest = await verifyBackup(wish.backup);
  refuseNewer(manifest);
  if (existsSync(root) && readdirSync(root).length > 0) throw new ConfigError('data folder', `${root} is not empty`, 'an empty folder, or one that is not there yet; nothing is ever overwritten');
  try {
    const tail = await fill(wish, root, manifest);
    const books = await balanceBooks(wish, root);
    if (books.violations.length > 0) throw new ConflictError(`The restored site's books do not balance: ${books.violations.join('; ')}. Use another backup, and report this one.`);
    return { manifest, books, ...tail };
  } catch (error) {
    if (existsSync(root)) for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true, force: true });
    throw error;
  }
}

function refuseNewer({ version, migrations }: BackupManifest): void {
  const known = new Set(knownMigrations());
  const unknown = migrations.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new ConfigError('backup', `was made by version ${version}, whose database this version (${VERSION}) does not know (${unknown.join(', ')})`, `version ${version} or newer to restore it`);
}

/** Servers up, everything in, servers down. */
async function fill(wish: RestoreWish, root: string, manifest: BackupManifest): Promise<Tail> {
  // Not `await using`: the tool that checks the layers can't read it yet.
  const running = new AsyncDisposableStack();
  let tail: Tail;
  try {
    tail = await fillRunning(running, wish, root, manifest);
  } finally {
    await running.disposeAsync();
  }
  // The servers are down and all is on disk: from here on it may be started.
  rmSync(join(root, UNFINISHED_RESTORE));
  syncFolder(root);
  return tail;
}

async function fillRunning(running: AsyncDisposableStack, wish: RestoreWish, root: string, manifest: BackupManifest): Promise<Tail> {
  const { onStep, env } = wish;
  const folder = openDataFolder(root);
  running.defer(async () => folder.release());
  // Should the process die before all is in, nobody may take this for a site.
  writeDurably(join(folder.root, UNFINISHED_RESTORE), '', 0o600);
  putFiles(wish, folder, manifest);
  const loaded = loadConfig(env, folder.root);
  onStep(words('Starting the servers'));
  const [nats, postgres] = await startServers(running, { options: { env }, folder, loaded, log: pino({ level: 'silent' }) });
  const database = await openDatabase(postgres.connection, postgres.outside, () => {});
  running.defer(() => database.close());
  if (postgres.outside) await refuseUsedDatabase(database.intake);
  await migrate(database.intake, manifest.migrations.length);
  const queue = createPgBossQueue({ work: database.work, onError: () => {} });
  await queue.start();
  await queue.stop();
  const client = await database.connect();
  running.defer(() => client.end());
  const { pgBossSchema } = await schemaVersions(client);
  if (manifest.pgBossSchema > pgBossSchema) throw new ConfigError('backup', `holds a job queue of schema ${manifest.pgBossSchema}; this version has ${pgBossSchema}`, `version ${manifest.version} or newer to restore it`);
  await loadDatabase(client, wish.backup, manifest.tables, (table, rows) => void (rows > 0 && onStep(words('Table {table}: {rows, number} rows', { table, rows }))));
  await migrate(database.intake);

  const admin = await connectNats(nats.embedded ? { url: nats.url, outside: false, seed: nats.embedded.credentials.admin.seed } : nats, 'spine restore');
  running.defer(() => admin.close());
  const manager = await jetstreamManager(admin);
  let tail: Tail = { undone: 0, keptAfterMark: 0 };
  for (const name of ORDER) {
    const part = manifest.streams.find(({ stream }) => stream === name);
    if (!part) throw new ConflictError(`The backup holds no ${name}. Use another one.`);
    onStep(words('Stream {stream}: {n, number} events', { stream: name, n: part.state.messages }));
    await restoreStream(admin, name, { config: part.config, state: part.state, chunks: readPart(wish.backup, part) as AsyncIterable<Buffer> });
    if (name === ORIGIN) tail = await cutTail(manager, client, manifest);
  }
  await manager.consumers.add(ORIGIN, { durable_name: ROUTING_CONSUMER, ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: manifest.mark.routedSeq + 1 });
  return tail;
}

/** Configuration and secrets, each where it was. Before the servers start: their passwords are among them. */
function putFiles({ backup, passphrase }: RestoreWish, folder: DataFolder, { config, secrets }: BackupManifest): void {
  if (secrets && passphrase !== null) {
    for (const [name, bytes] of openSecrets(readFileSync(join(backup, secrets.file)), passphrase)) writeFileSync(join(folder.secrets, name), bytes, { mode: 0o600 });
  }
  for (const { file } of config) {
    const path = join(folder.root, ...file.split('/').slice(1));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, readFileSync(join(backup, ...file.split('/'))), { mode: 0o600 });
  }
}

async function refuseUsedDatabase(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ used: boolean }>(`SELECT to_regnamespace('spine') IS NOT NULL AS used`);
  if (rows[0]?.used) throw new ConfigError('SPINE_DATABASE_URL', 'this database holds a site already', 'an empty database; nothing is ever overwritten');
}

/**
 * What was added to the stream after the mark, while the backup went on. The site's own events are taken out, unless the
 * outbox still has them (they were committed before the mark and only published after it); those of others stay.
 */
async function cutTail(manager: JetStreamManager, client: pg.Client, { mark, source }: BackupManifest): Promise<Tail> {
  const { state } = await manager.streams.info(ORIGIN);
  const { rows } = await client.query<{ event_id: string }>('SELECT event_id FROM spine.outbox');
  const inOutbox = new Set(rows.map(({ event_id }) => event_id));
  let [undone, keptAfterMark] = [0, 0];
  for (let seq = Math.max(mark.seq + 1, state.first_seq); seq <= state.last_seq; seq += 1) {
    const message = await manager.streams.getMessage(ORIGIN, { seq }).catch(() => null);
    if (!message) continue;
    if (isOwn(message.data, source, inOutbox)) {
      await manager.streams.deleteMessage(ORIGIN, seq, false);
      undone += 1;
    } else keptAfterMark += 1;
  }
  return { undone, keptAfterMark };
}

function isOwn(body: Uint8Array, source: string, inOutbox: ReadonlySet<string>): boolean {
  try {
    const event = JSON.parse(new TextDecoder().decode(body)) as { eventId?: unknown; source?: unknown; jobId?: unknown };
    return (typeof event.jobId === 'string' || event.source === source) && !inOutbox.has(String(event.eventId));
  } catch {
    return false; // no event of ours
  }
}

/** Start the site without workers, let it route and publish what is left, and check the books. */
async function balanceBooks({ env, onStep }: RestoreWish, root: string): Promise<Conservation> {
  onStep(words('Starting the site without workers, to check its books'));
  const spine = await startSpine({ env: { ...env, SPINE_WORKERS: 'off' }, dataFolder: root, host: 'headless', say: () => {} });
  try {
    await atRest(spine, onStep);
    const { database, bus, events, jobs, domains } = spine.services;
    return await checkConservation(database.intake, publishedIds(bus, events, jobs.routedSubjects([...domains])));
  } catch (error) {
    throw new ConflictError(`The restored site could not be checked: ${messageOf(error)}`, { cause: error });
  } finally {
    await spine.stop();
  }
}

/** Everything in the stream is routed, and nothing waits in the outbox: twice in a row, since one leads to the other. */
async function atRest({ services: { bus, database } }: Spine, onStep: (step: Phrase) => void): Promise<void> {
  const until = performance.now() + AT_REST_MS;
  for (let quiet = 0; quiet < 2; ) {
    const [pending, outbox] = [await bus.unacknowledged(ROUTING_CONSUMER), (await database.intake.query<{ n: number }>('SELECT count(*)::int AS n FROM spine.outbox WHERE problem IS NULL')).rows[0]?.n ?? 0];
    quiet = pending + outbox === 0 ? quiet + 1 : 0;
    if (quiet === 0) onStep(words('Routing what is left: {n, number} events', { n: pending + outbox }));
    if (performance.now() > until) throw new ConflictError(`${pending} events are not routed and ${outbox} not published after ${AT_REST_MS / 60_000} minutes. See logs/ in the data folder.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
