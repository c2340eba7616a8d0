/** The Postgres server that a self-contained site brings along: made, started, supervised, stopped. */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ConfigError } from '../shared/errors.ts';
import { findPostgres } from './binaries.ts';
import type { DataFolder } from './data-folder.ts';
import { readIfThere, tailOf } from './durable-file.ts';
import { findServers, stopOrphans, untilQuiet } from './orphans.ts';
import { choosePort } from './ports.ts';
import { POSTGRES_USER, checkClusterVersion, clusterFolder, ensureCluster, loadPassword, newestPostgresLog, postgresEnv, writeClusterSettings } from './postgres-cluster.ts';
import { supervise } from './supervisor.ts';
import type { EmbeddedLog, ServerState } from './supervisor.ts';
import { checkTraversable, giveTo, reachableBinaries, unprivilegedUser } from './unprivileged.ts';

/** What `pg` needs. `user` owns the database and is a superuser of this private server. */
export interface PostgresConnection {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

export interface EmbeddedPostgres {
  /** Stays the same over restarts of the child. */
  connection: PostgresConnection;
  /** e.g. "18.4" */
  version: string;
  /** Null while no process runs. */
  pid(): number | null;
  state(): ServerState;
  onStateChange(listener: (state: ServerState) => void): () => void;
  /** Resolves when the server and all its helpers are gone. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  folder: DataFolder;
  /** Folder with postgres and initdb; wins over SPINE_POSTGRES_BIN_DIR. */
  binFolder?: string | undefined;
  /** Fixed port (SPINE_POSTGRES_PORT); default: chosen once and remembered. */
  port?: number | undefined;
  /** The packaged app's `resources/bin`. */
  resourcesBin?: string | undefined;
  /** Default process.env. */
  env?: NodeJS.ProcessEnv | undefined;
  log: EmbeddedLog;
}

const DATABASE = 'spine';
const EXPECTED_MAJOR = 18;
const ANSWER_LIMIT_MS = 300_000; // recovery after a power cut replays up to 1 GB of log
/** Fast shutdown, then immediate: the latter costs a recovery at the next start, never data. */
const STOP_LADDER = [{ signal: 'SIGINT', waitMs: 2_500 }, { signal: 'SIGQUIT', waitMs: 700 }] as const;
const QUIET_LIMIT_MS = 3_000;

/**
 * Starts Postgres on the data folder and resolves once the database `spine` can be used.
 * @throws ConfigError       SPINE_POSTGRES_PORT is taken; the cluster is of another major version; its password is lost;
 *                           as root: the data folder is out of reach for the unprivileged user
 * @throws UnavailableError  no usable Postgres, or it does not start; holds its own words
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { folder, log } = options;
  const env = options.env ?? process.env;
  const data = clusterFolder(folder);
  const found = await findPostgres({ env, configured: options.binFolder, resourcesBin: options.resourcesBin });
  checkClusterVersion(folder, found);
  if (found.major !== EXPECTED_MAJOR) {
    log({ level: 'warn', component: 'postgres', message: `PostgreSQL ${found.version} is used; ${EXPECTED_MAJOR} is what is tested`, fields: { binFolder: found.binFolder } });
  }
  const user = unprivilegedUser();
  await stopOrphans({ component: 'postgres', executable: 'postgres', argument: data, stopLadder: STOP_LADDER }, log);
  if (user !== undefined) {
    giveTo(folder.postgres, user);
    checkTraversable(folder, user);
  }
  const binaries = reachableBinaries(found, folder, user);
  const password = loadPassword(folder);
  const made = await ensureCluster(folder, binaries, user, password, log);
  const port = await choosePort(folder, 'postgres', options.port, 'SPINE_POSTGRES_PORT', log);
  writeClusterSettings(folder, user);
  const connection: PostgresConnection = { host: '127.0.0.1', port, user: POSTGRES_USER, password, database: DATABASE };

  const server = await supervise({
    component: 'postgres',
    command: binaries.postgres,
    args: ['-D', data, '-p', String(port)],
    cwd: data,
    env: postgresEnv(env),
    runAs: user === undefined ? undefined : { uid: user.uid, gid: user.gid },
    answers: () => ensureDatabase(connection, folder),
    answerLimitMs: ANSWER_LIMIT_MS,
    stopLadder: STOP_LADDER,
    firstStartTries: 4,
    beforeStart: () => removeStalePidFile(data),
    logTail: () => tailOf(newestPostgresLog(folder, (path) => statSync(path).mtimeMs) ?? ''),
    log,
  });
  log({ level: 'info', component: 'postgres', message: `PostgreSQL ${binaries.version} runs`, fields: { port, pid: server.pid(), binFolder: binaries.binFolder, cluster: made, runsAs: user?.name ?? 'this user' } });
  return {
    connection, version: binaries.version,
    pid: () => server.pid(),
    state: () => server.state(),
    onStateChange: (listener) => server.onStateChange(listener),
    stop: async () => {
      await server.stop();
      await untilQuiet(data, QUIET_LIMIT_MS); // the log writer leaves a moment after the server
    },
  };
}

/** Readiness and first set-up in one: connects, and creates the database if it is not there. */
async function ensureDatabase(connection: PostgresConnection, folder: DataFolder): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres', connectionTimeoutMillis: 2_000, application_name: 'spine readiness' });
  client.on('error', () => undefined); // a server that dies under us is seen by the query that fails
  try {
    await client.connect();
    const existing = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (existing.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } catch (error) {
    if ((error as { code?: unknown }).code === '28P01') {
      throw new ConfigError(join(folder.secrets, 'postgres.password'), 'the database refuses the password in this file', 'the file from a backup of this data folder', { cause: error });
    }
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Postgres refuses to start when the pid in its lock file is alive, even if that is quite another process by now (pids come
 * back after a reboot, quickly so in containers). We hold the data folder's lock and can tell: if no server of ours runs and
 * nobody works in the cluster's folder, the file is stale.
 */
async function removeStalePidFile(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const pid = Number(readIfThere(pidFile)?.split('\n')[0] ?? Number.NaN);
  const isQuiet = await untilQuiet(data, QUIET_LIMIT_MS);
  if (!Number.isInteger(pid) || !isQuiet || !isAlive(pid) || process.platform === 'win32') return;
  if (findServers({ executable: 'postgres', argument: data }).length === 0) rmSync(pidFile, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
