/** The NATS server that a self-contained site brings along: configured, started, supervised, stopped. */
import { execFile } from 'node:child_process';
import { readdirSync, rmSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { createUser, fromSeed } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { ConfigError, UnavailableError, messageOf } from '../shared/errors.ts';
import { findNatsServer } from './binaries.ts';
import type { DataFolder } from './data-folder.ts';
import { readIfThere, tailOf, writeDurably } from './durable-file.ts';
import { natsConfigText } from './nats-config.ts';
import { stopOrphans } from './orphans.ts';
import { choosePort } from './ports.ts';
import { supervise } from './supervisor.ts';
import type { EmbeddedLog, ServerState } from './supervisor.ts';

/** A user of the server. `seed` is what nkeyAuthenticator() wants; `seedFile` (0600) holds the same. Treat both as passwords. */
export interface NkeyUser {
  name: string;
  /** "U…" */
  publicKey: string;
  seedFile: string;
  seed: Uint8Array;
}

export interface EmbeddedNats {
  /** nats://127.0.0.1:<port>; stays the same over restarts of the child. */
  url: string;
  port: number;
  credentials: { admin: NkeyUser; service: NkeyUser; readOnly: NkeyUser };
  /** e.g. "2.14.0" */
  version: string;
  /** Null while no process runs. */
  pid(): number | null;
  state(): ServerState;
  onStateChange(listener: (state: ServerState) => void): () => void;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface EmbeddedNatsOptions {
  folder: DataFolder;
  /** First words of all subjects; only checked here, so that a name NATS can't carry is refused before anything starts. */
  domains: readonly string[];
  /** Most that the streams may take on disk, in bytes. Default: 20 GiB, or what the disk can give. */
  maxStoreBytes?: number | undefined;
  /** Path of a nats-server; wins over SPINE_NATS_SERVER_BIN. */
  binary?: string | undefined;
  /** Fixed port (SPINE_NATS_PORT); default: chosen once and remembered. */
  port?: number | undefined;
  /** The packaged app's `resources/bin`. */
  resourcesBin?: string | undefined;
  /** Default process.env. */
  env?: NodeJS.ProcessEnv | undefined;
  log: EmbeddedLog;
}

const DEFAULT_STORE_BYTES = 20 * 1024 ** 3;
/** Part of the free disk that streams may take; the rest is for Postgres, logs and the system. */
const SHARE_OF_FREE_DISK = 0.8;
const LITTLE_STORE_BYTES = 1024 ** 3;
/**
 * Every message waits for the disk in a system call. With no more schedulers than cores, Go takes the scheduler away from each
 * such thread after 20 µs and wakes another; where one is idle it does not (`retake` in runtime/proc.go). About 8% less CPU a message here.
 */
const ROOM_FOR_SYNCS = '8';
const ANSWER_LIMIT_MS = 120_000; // a store of many millions of messages is read at start
const STOP_LADDER = [{ signal: 'SIGTERM', waitMs: 3_000 }] as const;

/**
 * Starts NATS on the data folder and resolves once JetStream answers.
 * @throws ConfigError       SPINE_NATS_PORT is taken, a domain is no subject word, a seed file is damaged
 * @throws UnavailableError  no usable nats-server, or it does not start; holds the server's own words
 */
export async function startEmbeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedNats> {
  const { folder, log } = options;
  const env = options.env ?? process.env;
  checkDomains(options.domains);
  const binary = await findNatsServer({ env, configured: options.binary, resourcesBin: options.resourcesBin });
  const configFile = join(folder.run, 'nats.conf');
  const pidFile = join(folder.run, 'nats.pid');
  const logFile = join(folder.logs, 'nats.log');
  // The server has no lock on its store: a second one would start, and events would vanish. So: none may be left, ever.
  await stopOrphans({ component: 'nats', executable: 'nats-server', argument: configFile, stopLadder: STOP_LADDER }, log);
  rmSync(pidFile, { force: true });
  const credentials = { admin: loadUser(folder, 'admin'), service: loadUser(folder, 'service'), readOnly: loadUser(folder, 'read-only') };
  const port = await choosePort(folder, 'nats', options.port, 'SPINE_NATS_PORT', log);
  const url = `nats://127.0.0.1:${port}`;
  const maxStoreBytes = options.maxStoreBytes ?? defaultStoreBytes(folder.nats);
  if (maxStoreBytes < LITTLE_STORE_BYTES) {
    log({ level: 'warn', component: 'nats', message: 'the event streams get less than 1 GiB of disk', fields: { maxStoreBytes } });
  }
  const users = { admin: credentials.admin.publicKey, service: credentials.service.publicKey, readOnly: credentials.readOnly.publicKey };
  writeDurably(configFile, natsConfigText({ port, storeDir: folder.nats, pidFile, logFile, maxStoreBytes, users }), 0o600);
  await checkConfig(binary.path, configFile);

  const server = await supervise({
    component: 'nats',
    command: binary.path,
    args: ['-c', configFile],
    cwd: folder.nats,
    env: { GOMAXPROCS: ROOM_FOR_SYNCS, ...env },
    answers: () => askJetStream(url, credentials.admin),
    answerLimitMs: ANSWER_LIMIT_MS,
    stopLadder: STOP_LADDER,
    firstStartTries: 2,
    logTail: () => tailOf(logFile),
    log,
  });
  log({ level: 'info', component: 'nats', message: `nats-server ${binary.version} runs`, fields: { url, pid: server.pid(), binary: binary.path, maxStoreBytes } });
  return {
    url, port, credentials, version: binary.version,
    pid: () => server.pid(),
    state: () => server.state(),
    onStateChange: (listener) => server.onStateChange(listener),
    stop: () => server.stop(),
  };
}

/** Connecting as admin also proves that it is our server that listens there: no other knows this key. */
async function askJetStream(url: string, admin: NkeyUser): Promise<void> {
  const connection = await connect({ servers: url, authenticator: nkeyAuthenticator(admin.seed), reconnect: false, timeout: 2_000, name: 'spine readiness' });
  try {
    await (await jetstreamManager(connection)).getAccountInfo();
  } finally {
    await connection.close();
  }
}

/** Reads the user's seed from `secrets`, or makes one at the first start. */
function loadUser(folder: DataFolder, name: string): NkeyUser {
  const seedFile = join(folder.secrets, `nats-${name}.nk`);
  let text = readIfThere(seedFile)?.trim();
  if (text === undefined) {
    text = new TextDecoder().decode(createUser().getSeed());
    writeDurably(seedFile, `${text}\n`, 0o600);
  }
  const seed = new TextEncoder().encode(text);
  try {
    return { name, seedFile, seed, publicKey: fromSeed(seed).getPublicKey() };
  } catch (error) {
    throw new ConfigError(seedFile, `holds no nkey seed (${messageOf(error)})`, 'the seed it had, from a backup; or delete the file to have a new one made', { cause: error });
  }
}

/** The server's own check: a mistake in the file is told on stderr only and ends the process. */
function checkConfig(binary: string, configFile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(binary, ['-c', configFile, '-t'], { timeout: 10_000 }, (error, stdout, stderr) => {
      if (error === null) return resolve();
      reject(new UnavailableError('embedded nats', `nats-server refuses its configuration ${configFile}: ${(stderr + stdout).trim() || error.message}`,
        'Check the settings of the event bus.', { cause: error }));
    });
  });
}

function checkDomains(domains: readonly string[]): void {
  for (const domain of domains) {
    if (!/^[a-z][a-z0-9_-]*$/.test(domain)) throw new ConfigError('domains', `"${domain}" can't begin a subject`, 'small letters, digits, "-" and "_", beginning with a letter');
  }
}

/** 20 GiB or what the disk can give beside what the store already takes: a limit below that would lock its own streams out. */
function defaultStoreBytes(storeDir: string): number {
  const disk = statfsSync(storeDir);
  const free = disk.bavail * disk.bsize;
  return Math.min(DEFAULT_STORE_BYTES, Math.floor(sizeOf(storeDir) + free * SHARE_OF_FREE_DISK));
}

function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((total, file) => total + (statSync(join(file.parentPath, file.name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
