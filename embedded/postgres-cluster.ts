/** The cluster on disk: made once, whole or not at all, and never touched when it belongs to another major version. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, UnavailableError } from '../shared/errors.ts';
import type { PostgresBinaries } from './binaries.ts';
import type { DataFolder } from './data-folder.ts';
import { readIfThere, syncFolder, writeDurably } from './durable-file.ts';
import { stopOrphans, untilQuiet } from './orphans.ts';
import type { EmbeddedLog } from './supervisor.ts';
import type { UnixUser } from './unprivileged.ts';

/** The cluster's owner, and the site's only role. */
export const POSTGRES_USER = 'spine';
const SETTINGS_FILE = 'spine.conf';
const INITDB_LIMIT_MS = 120_000;
/** initdb's helpers end by themselves when it is gone. */
const HELPERS_LEAVE_MS = 5_000;

export function clusterFolder(folder: DataFolder): string {
  return join(folder.postgres, 'data');
}

/**
 * @throws ConfigError when the cluster was made by another major version; the data is left as it is
 */
export function checkClusterVersion(folder: DataFolder, binaries: PostgresBinaries): void {
  const data = clusterFolder(folder);
  const made = readIfThere(join(data, 'PG_VERSION'))?.trim();
  if (made === undefined || made === String(binaries.major)) return;
  throw new ConfigError('SPINE_POSTGRES_BIN_DIR', `the data in ${data} was made by PostgreSQL ${made}, but ${binaries.postgres} is version ${binaries.version}; nothing was changed`,
    `the bin folder of a PostgreSQL ${made}; or move the data over with pg_dump and pg_restore into a fresh SPINE_DATA_DIR`);
}

/**
 * The password of the role, made at the first start and kept in `secrets/postgres.password` (0600).
 * @throws ConfigError when the file is gone but the cluster is there: a new password would not open it
 */
export function loadPassword(folder: DataFolder): string {
  const file = join(folder.secrets, 'postgres.password');
  const known = readIfThere(file)?.trim();
  if (known !== undefined && known !== '') return known;
  if (existsSync(clusterFolder(folder))) {
    throw new ConfigError(file, 'the file is missing or empty, but the database it opens exists', 'the file from a backup of this data folder');
  }
  const password = randomBytes(24).toString('base64url');
  writeDurably(file, `${password}\n`, 0o600);
  return password;
}

/**
 * Makes the cluster if there is none. initdb works in `data.new`, which takes its final name only when complete, so one that
 * was interrupted is thrown away and made again.
 * @throws UnavailableError with initdb's own words
 */
export async function ensureCluster(folder: DataFolder, binaries: PostgresBinaries, user: UnixUser | undefined, password: string, log: EmbeddedLog): Promise<'made' | 'found'> {
  const data = clusterFolder(folder);
  const unfinished = `${data}.new`;
  const passwordFile = join(folder.postgres, 'initial-password');
  // An initdb outlives a console that is killed, and would go on writing into the folder that we clear. Its work is worthless: kill.
  await stopOrphans({ component: 'postgres', executable: 'initdb', argument: unfinished, stopLadder: [] }, log);
  for (const workingFolder of [folder.postgres, unfinished]) await untilQuiet(workingFolder, HELPERS_LEAVE_MS);
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  if (existsSync(data)) return 'found';
  try {
    // initdb runs as the unprivileged user, who can't read `secrets`: the password is lent to it for this moment.
    writeDurably(passwordFile, `${password}\n`, 0o600);
    if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
    await runInitdb(binaries, folder, unfinished, passwordFile, user);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  appendFileSync(join(unfinished, 'postgresql.conf'), `\n# Spine Console's settings, written at every start. ALTER SYSTEM still wins.\ninclude_if_exists = '${SETTINGS_FILE}'\n`);
  syncFolder(unfinished);
  renameSync(unfinished, data);
  syncFolder(folder.postgres);
  return 'made';
}

function runInitdb(binaries: PostgresBinaries, folder: DataFolder, target: string, passwordFile: string, user: UnixUser | undefined): Promise<void> {
  // The builtin C.UTF-8 knows upper and lower case of all letters and sorts the same on every system, for ever: an upgrade of
  // the system's or ICU's collations can't silently break indexes. It came with version 17.
  const locale = binaries.major >= 17 ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : ['--locale=C'];
  const args = ['-D', target, '-U', POSTGRES_USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--data-checksums', ...locale];
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  return new Promise((resolve, reject) => {
    execFile(binaries.initdb, args, { cwd: folder.postgres, env: postgresEnv(process.env), timeout: INITDB_LIMIT_MS, ...identity }, (error, stdout, stderr) => {
      if (error === null) return resolve();
      const words = (stderr.trim() || stdout.trim() || error.message).split('\n').slice(-15).join('\n');
      reject(new UnavailableError('embedded postgres', `initdb could not make the database: ${words}`, 'Is the disk full, or a library missing?', { cause: error }));
    });
  });
}

/** Writes our settings into the cluster. The log goes to seven files, one a weekday, each overwritten a week later. */
export function writeClusterSettings(folder: DataFolder, user: UnixUser | undefined): void {
  const logFolder = postgresLogFolder(folder);
  mkdirSync(logFolder, { recursive: true });
  chmodSync(logFolder, 0o700);
  const file = join(clusterFolder(folder), SETTINGS_FILE);
  writeDurably(file, `# Written by Spine Console at every start: changes made here are lost.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 60
shared_buffers = '128MB'
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = on
max_wal_size = '1GB'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
logging_collector = on
log_directory = '${logFolder.replaceAll("'", "''")}'
log_filename = 'postgres-%a.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] '
log_min_duration_statement = '2s'
`, 0o600);
  if (user === undefined) return;
  chownSync(file, user.uid, user.gid);
  chownSync(logFolder, user.uid, user.gid);
}

export function postgresLogFolder(folder: DataFolder): string {
  return join(folder.logs, 'postgres');
}

/** The log file written last, or null. */
export function newestPostgresLog(folder: DataFolder, modifiedAt: (path: string) => number): string | null {
  const logFolder = postgresLogFolder(folder);
  if (!existsSync(logFolder)) return null;
  const files = readdirSync(logFolder).map((name) => join(logFolder, name));
  return files.toSorted((a, b) => modifiedAt(b) - modifiedAt(a))[0] ?? null;
}

/** Our environment without PGDATA, PGPORT and the like, which would steer the server elsewhere; messages in English. */
export function postgresEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_') && name !== 'LANG' && name !== 'LANGUAGE'));
  return { ...own, LC_ALL: 'C', TZ: 'UTC' };
}
