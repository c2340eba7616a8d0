/**
 * The one folder that holds a site. One process at a time may have it open.
 *
 *   <root>/nats         JetStream store
 *   <root>/postgres     owner: the user Postgres runs as; `data` inside it is the cluster
 *   <root>/secrets      0700: seeds and passwords, each 0600
 *   <root>/run          0700: lock, pid files, ports, generated configuration
 *   <root>/logs         log files of the servers
 *   <root>/projections  SQLite files; can be deleted and rebuilt
 *   <root>/format.json  layout of all this; a newer one than ours is refused, an older one brought up to date
 */
import { accessSync, chmodSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import envPaths from 'env-paths';
import { ConfigError, ConflictError, messageOf } from '../shared/errors.ts';
import { readIfThere, writeDurably } from './durable-file.ts';

/** Absolute paths (symbolic links resolved). `release` gives the lock back; call it last, after the servers stopped. */
export interface DataFolder {
  root: string;
  nats: string;
  postgres: string;
  secrets: string;
  run: string;
  logs: string;
  projections: string;
  release(): void;
}

/** Of the layout above. Raise it with a change that an older version would damage, and bring older folders up to date here. */
const FORMAT = 1;
const SETTING = 'SPINE_DATA_DIR';
const EXPECTED = 'a folder this user may write to';
const ROOT_DEFAULT = '/var/lib/spine-console';

/** Where the data folder is: SPINE_DATA_DIR, else the system's place for application data; for root /var/lib/spine-console. */
export function dataFolderPath(env: NodeJS.ProcessEnv): string {
  const configured = env[SETTING]?.trim();
  if (configured !== undefined && configured !== '') return resolve(configured);
  // Root's home is closed to the unprivileged user that Postgres must run as.
  if (runsAsRoot()) return ROOT_DEFAULT;
  return envPaths('spine-console', { suffix: '' }).data;
}

/**
 * Creates the folders where missing and takes the lock.
 * @throws ConfigError    the folder can't be created or written to, or a newer version has written in it
 * @throws ConflictError  another process has it open
 */
export function openDataFolder(path: string): DataFolder {
  const root = createFolder(resolve(path), null);
  const folder = (name: string, mode: number): string => createFolder(join(root, name), mode);
  const run = folder('run', 0o700);
  const release = takeLock(root, run);
  try {
    checkRestored(root);
    checkFormat(root);
    if (runsAsRoot()) openForTraversal(root);
    return {
      root,
      run,
      release,
      secrets: folder('secrets', 0o700),
      nats: folder('nats', 0o700),
      postgres: folder('postgres', 0o700),
      logs: folder('logs', runsAsRoot() ? 0o711 : 0o700),
      projections: folder('projections', 0o700),
    };
  } catch (error) {
    release();
    throw error;
  }
}

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Creates a folder and answers its real path. `mode` null: 0700 if we create it, else left as the user made it. */
function createFolder(path: string, mode: number | null): string {
  try {
    mkdirSync(dirname(path), { recursive: true }); // folders above keep the system's mode: others may have to pass
    mkdirSync(path, { recursive: true, mode: mode ?? 0o700 });
    if (mode !== null) chmodSync(path, mode);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(path);
  } catch (error) {
    throw new ConfigError(SETTING, `the data folder ${path} can't be used (${messageOf(error)})`, EXPECTED, { cause: error });
  }
}

/** Stands in a data folder while a restore fills it: what it holds is not whole. */
export const UNFINISHED_RESTORE = 'restore-unfinished';

/** @throws ConfigError if a restore was cut off here: half a site must not be started. */
function checkRestored(root: string): void {
  if (readIfThere(join(root, UNFINISHED_RESTORE)) === null) return;
  throw new ConfigError(SETTING, `the data folder ${root} holds half of a restore that was cut off`, 'an empty folder: delete what is in this one, and restore the backup again');
}

/** @throws ConfigError if a newer version has written here: it may keep things where we would not look for them. */
export function checkFormat(root: string): void {
  const file = join(root, 'format.json');
  const text = readIfThere(file);
  if (text === null) return writeDurably(file, `${JSON.stringify({ format: FORMAT })}\n`, 0o644);
  let format: unknown;
  try {
    ({ format } = JSON.parse(text) as { format?: unknown });
  } catch (cause) {
    throw new ConfigError(file, `is damaged (${messageOf(cause)})`, `{"format":${FORMAT}} in a folder of this version`, { cause });
  }
  if (typeof format !== 'number' || format > FORMAT) {
    throw new ConfigError(SETTING, `the data folder ${root} was written by a newer version (its format is ${JSON.stringify(format)}, this version knows ${FORMAT})`, 'the version that wrote it, or a newer one; or a backup of this version, restored into an empty folder');
  }
}

/** Postgres' unprivileged user must pass through the root folder to reach its own part; it still can't list it. */
function openForTraversal(root: string): void {
  chmodSync(root, (statSync(root).mode & 0o777) | 0o011);
}

/**
 * The lock is an open exclusive transaction on an SQLite file: the system drops it when the process dies, kill -9 and
 * power cut included, so there is no stale lock to reason about. Who holds it stands in a file beside it, for the message only.
 */
function takeLock(root: string, run: string): () => void {
  const holderFile = join(run, 'site.lock.json');
  const lockFile = join(run, 'site.lock');
  let database: Database.Database | null = null;
  try {
    database = new Database(lockFile, { timeout: 0 });
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string' && code.startsWith('SQLITE_BUSY')) {
      throw new ConflictError(`data folder ${root} is in use by ${holderOf(holderFile)}. Stop it or set ${SETTING} to another folder.`, { cause: error });
    }
    throw new ConfigError(SETTING, `the lock ${lockFile} can't be taken (${messageOf(error)})`, EXPECTED, { cause: error });
  }
  const held = database;
  writeDurably(holderFile, JSON.stringify({ pid: process.pid, startedAt: new Date().toISOString() }), 0o600);
  return () => {
    if (held.open) held.close();
  };
}

/** "process 123 (started 2026-…)", or "another process" if the holder had no time to write its name. */
function holderOf(holderFile: string): string {
  try {
    const { pid, startedAt } = JSON.parse(readIfThere(holderFile) ?? '') as { pid: number; startedAt: string };
    return `process ${pid} (started ${startedAt})`;
  } catch {
    return 'another process';
  }
}
