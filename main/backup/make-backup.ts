/**
 * Make a backup of a running site.
 *
 *   where routing stands → [ relay at rest: snapshot of the database opens, last sequence is read ] → tables → streams
 *   → configuration, secrets → manifest → verify → rename into place → delete what is too many
 *
 * Where routing stands is read first: all events up to there are in the inbox of the snapshot. The last sequence is read while
 * the relay is at rest: every event of the site's own up to there is out of the snapshot's outbox, every other still in it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type pg from 'pg';
import { syncFolder, writeDurably } from '../../embedded/durable-file.ts';
import { ConfigError, messageOf } from '../../shared/errors.ts';
import { type Phrase, words } from '../../shared/i18n/translate.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Database } from '../database/database.ts';
import type { EventBus } from '../event-bus/event-bus.ts';
import type { Relay } from '../outbox/relay.ts';
import { ROUTING_CONSUMER } from '../routing/route-events.ts';
import { type BackupManifest, backupName, type FilePart, FORMAT, MANIFEST, type StreamPart, type TablePart } from './backup-manifest.ts';
import { sealSecrets } from './backup-secrets.ts';
import { dumpDatabase, schemaVersions } from './dump-database.ts';
import { writePart } from './file-part.ts';
import { listBackups } from './list-backups.ts';
import { verifyBackup } from './verify-backup.ts';

/** connector-data is not among them: the server fills it again from platform-events. */
const STREAMS = ['audit-log', 'platform-events'];
const ORIGIN = 'platform-events';
/** A plugin folder above this is not taken along, bytes. */
const LARGEST_PLUGINS = 50 * 1_048_576;
const UNFINISHED = '.unfinished';

export interface BackupSources {
  readonly loaded: LoadedConfig;
  /** The site's data folder, for its secrets. */
  readonly secretsFolder: string;
  readonly bus: EventBus;
  readonly database: Database;
  readonly relay: Relay;
  readonly source: string;
  readonly version: string;
}

export interface BackupWish {
  /** Folder that holds the backups. */
  readonly folder: string;
  /** null leaves the secrets out. */
  readonly passphrase: string | null;
  /** Older ones beyond this many are deleted in the end; null keeps all. */
  readonly keep: number | null;
  /** Words for a person who waits: "Stream platform-events: 12 of 40 MB". */
  readonly onStep: (step: Phrase) => void;
  readonly signal: AbortSignal;
}

/** @returns where it is, and what is in it. @throws ConfigError, UnavailableError; nothing is left behind then. */
export async function makeBackup(sources: BackupSources, wish: BackupWish): Promise<{ path: string; manifest: BackupManifest; deleted: string[] }> {
  const { loaded, bus, database, source, version } = sources;
  const { folder, onStep, signal } = wish;
  const beganMs = Date.now();
  const beganAt = performance.now();
  const name = freeName(folder, loaded.config.site, beganMs);
  const root = join(folder, `${name}${UNFINISHED}`);
  makeFolder(folder, root, loaded.config.site);
  try {
    onStep(words('Taking a snapshot of the database'));
    const taken = await takeSnapshot(sources);
    let tables: TablePart[];
    let versions: Awaited<ReturnType<typeof schemaVersions>>;
    try {
      versions = await schemaVersions(taken.client);
      tables = await dumpDatabase(taken.client, root, { signal, onTable: (table, rows) => onStep(words('Table {table}: {rows, number} rows', { table, rows })) });
    } finally {
      await taken.client.end().catch(() => {});
    }
    // The origin last: it must not be behind its copy.
    const streams: StreamPart[] = [];
    for (const stream of STREAMS) {
      signal.throwIfAborted();
      const snapshot = await bus.snapshot(stream);
      onStep(words('Stream {stream}: {n, number} events', { stream, n: snapshot.state.messages }));
      const part = await writePart(root, `streams/${stream}.snapshot`, snapshot.chunks, [], signal);
      streams.push({ ...part, stream, config: snapshot.config, state: snapshot.state });
    }
    const config = await takeConfiguration(root, loaded);
    const secrets = await takeSecrets(root, sources, wish.passphrase);
    const manifest: BackupManifest = {
      format: FORMAT, site: loaded.config.site, source, version, natsVersion: bus.serverVersion, postgresVersion: database.version,
      mark: taken.mark, tookMs: Math.round(performance.now() - beganAt), ...versions, tables, streams, config: config.parts, secrets,
      notIncluded: [...config.notIncluded, ...(secrets ? [] : [words('secrets of the data folder (no passphrase was given): credentials of NATS clients and access tokens are new after a restore')])],
    };
    writeDurably(join(root, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, 0o600);
    onStep(words('Verifying what was written'));
    await verifyBackup(root, signal);
    signal.throwIfAborted();
    const path = join(folder, name);
    renameSync(root, path);
    syncFolder(folder);
    return { path, manifest, deleted: wish.keep === null ? [] : deleteOldest(folder, loaded.config.site, wish.keep) };
  } catch (error) {
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
}

async function takeSnapshot({ bus, database, relay }: BackupSources): Promise<{ client: pg.Client; mark: BackupManifest['mark'] }> {
  const routedSeq = await bus.acknowledgedUpTo(ROUTING_CONSUMER);
  const client = await database.connect();
  try {
    const mark = await relay.whileQuiet(async () => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      // The first statement fixes the snapshot.
      await client.query('SELECT pg_current_snapshot()');
      const origin = (await bus.streams()).find(({ name }) => name === ORIGIN);
      return { atMs: Date.now(), seq: origin?.lastSeq ?? 0, routedSeq };
    });
    return { client, mark };
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function takeConfiguration(root: string, { file, config, path }: LoadedConfig): Promise<{ parts: FilePart[]; notIncluded: Phrase[] }> {
  const parts: FilePart[] = [];
  const notIncluded = secretVariables(config).map((name) => words('the environment variable {name}', { name }));
  if (file === null) return { parts, notIncluded };
  parts.push(await writePart(root, 'config/spine.yaml', [readFileSync(file)]));
  if (config.plugins) {
    const folder = path(config.plugins.folder);
    const inside = relative(path('.'), folder);
    if (inside.startsWith('..') || sizeOf(folder) > LARGEST_PLUGINS) notIncluded.push(words('the plugins in {folder}', { folder }));
    else for (const name of filesIn(folder)) parts.push(await writePart(root, `config/${[...inside.split(sep), ...name.split(sep)].join('/')}`, [readFileSync(join(folder, name))]));
  }
  return { parts, notIncluded };
}

async function takeSecrets(root: string, { secretsFolder }: BackupSources, passphrase: string | null): Promise<FilePart | null> {
  if (passphrase === null) return null;
  const files = new Map(readdirSync(secretsFolder).map((name): [string, Uint8Array] => [name, readFileSync(join(secretsFolder, name))]));
  return writePart(root, 'secrets.json', [sealSecrets(files, passphrase)]);
}

/** Environment variables that the configuration takes secrets from. */
function secretVariables(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { env } = value as { env?: unknown };
  if (typeof env === 'string' && Object.keys(value).length === 1) return [env];
  return [...new Set(Object.values(value).flatMap(secretVariables))];
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(`${sep}node_modules`) && /^[\w.-]+$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function sizeOf(folder: string): number {
  return existsSync(folder) ? filesIn(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) : 0;
}

/** Names tell seconds: a second backup within one takes the next. */
function freeName(folder: string, site: string, beganMs: number): string {
  let atMs = beganMs;
  while (existsSync(join(folder, backupName(site, atMs)))) atMs += 1_000;
  return backupName(site, atMs);
}

function makeFolder(folder: string, root: string, site: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // What a crash of this site left is in nobody's way but takes room. Another site may be at work in the same folder.
    const own = backupName(site, 0).length;
    for (const name of readdirSync(folder)) if (name.endsWith(UNFINISHED) && name.length === own + UNFINISHED.length && name.startsWith(backupName(site, 0).slice(0, -'19700101T000000Z'.length))) rmSync(join(folder, name), { recursive: true, force: true });
    mkdirSync(root, { mode: 0o700 });
  } catch (cause) {
    throw new ConfigError('backup.folder', `${folder} can't be written to (${messageOf(cause)})`, 'a folder that this user may write to', { cause });
  }
}

function deleteOldest(folder: string, site: string, keep: number): string[] {
  const mine = listBackups(folder).filter(({ manifest }) => manifest?.site === site);
  const surplus = mine.slice(keep);
  for (const { path } of surplus) rmSync(path, { recursive: true, force: true });
  return surplus.map(({ name }) => name);
}
