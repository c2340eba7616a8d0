/**
 * Everything a helper needs to see what is wrong with a site, without its secrets and without its data: versions, settings,
 * the machine, the data folder's sizes, the ends of all logs. Works while the site runs, and when it does not start.
 */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, freemem, loadavg, release, totalmem, uptime } from 'node:os';
import { join, relative } from 'node:path';
import { parseDocument } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { findNatsServer, findPostgres } from '../../embedded/binaries.ts';
import { messageOf } from '../../shared/errors.ts';
import { isSecretName, redactor, secretsOf } from './redact.ts';

/** Of each log file, its end, bytes. */
const LOG_BYTES = 512 * 1_024;
/** Log files in all; the newest first. */
const MOST_LOGS = 40;
/** Variables that are told; others are none of a helper's business. */
const OURS = /^(SPINE_|OTEL_|NODE_|XDG_|ELECTRON_|PG|DISPLAY$|WAYLAND_DISPLAY$|LANG$|TZ$)/;

export interface DiagnosticsRequest {
  readonly env: NodeJS.ProcessEnv;
  readonly dataFolder: string;
  /** Folder with the server programs of a packaged app. */
  readonly resourcesBin?: string | undefined;
  /** Logs elsewhere, such as those of the desktop shell: name in the zip → folder. */
  readonly logFolders?: Readonly<Record<string, string>>;
  /** What the host knows beside: name in the zip → text. */
  readonly more?: Readonly<Record<string, string>>;
}

export interface DiagnosticsFile {
  readonly name: string;
  readonly text: string;
}

/** The files of a report, secrets hidden in every one. What can't be read says why in its place; nothing is thrown. */
export async function collectDiagnostics(request: DiagnosticsRequest): Promise<DiagnosticsFile[]> {
  const { env, dataFolder, logFolders = {}, more = {} } = request;
  const hide = redactor(secretsOf(dataFolder, env));
  const parts: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['versions.json', () => versions(request)],
    ['machine.json', () => machine(dataFolder)],
    ['environment.txt', () => environment(env)],
    ['settings.yaml', () => settings(env, dataFolder)],
    ['data-folder.txt', () => folderListing(dataFolder)],
    ...Object.entries(more).map(([name, text]) => [name, () => text] as const),
  ];
  const files: DiagnosticsFile[] = [];
  for (const [name, read] of parts) files.push({ name, text: hide(await orWhyNot(read)) });
  for (const [label, folder] of [['logs', join(dataFolder, 'logs')], ...Object.entries(logFolders)] as const) {
    for (const file of newestLogs(folder)) files.push({ name: `${label}/${relative(folder, file).replaceAll('\\', '/')}`, text: hide(await orWhyNot(() => endOf(file))) });
  }
  return files;
}

async function orWhyNot(read: () => string | Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    return `This could not be read: ${messageOf(error)}\n`;
  }
}

async function versions({ env, resourcesBin }: DiagnosticsRequest): Promise<string> {
  const version = async (find: () => Promise<{ version: string; source: string }>): Promise<string> => {
    try {
      const { version: found, source } = await find();
      return `${found} (${source})`;
    } catch (error) {
      return messageOf(error);
    }
  };
  return json({
    spine: packageJson.version,
    natsServer: await version(() => findNatsServer({ env, resourcesBin })),
    postgres: await version(() => findPostgres({ env, resourcesBin })),
    ...process.versions,
  });
}

function machine(dataFolder: string): string {
  const disk = statfsSync(dataFolder);
  return json({
    takenAt: new Date().toISOString(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    platform: process.platform, arch: process.arch, release: release(),
    user: process.getuid?.() ?? null,
    cores: availableParallelism(), load: loadavg(),
    memoryBytes: totalmem(), freeMemoryBytes: freemem(), upSeconds: Math.round(uptime()),
    diskBytes: disk.blocks * disk.bsize, freeDiskBytes: disk.bavail * disk.bsize,
  });
}

function environment(env: NodeJS.ProcessEnv): string {
  const lines = Object.entries(env).filter(([name]) => OURS.test(name)).sort(([a], [b]) => a.localeCompare(b)).map(([name, value]) => `${name}=${isSecretName(name) ? '‹hidden›' : value}`);
  return `${lines.join('\n')}\n`;
}

/** The configuration as it is written, without the values that headers and the like hold. */
function settings(env: NodeJS.ProcessEnv, dataFolder: string): string {
  const file = env.SPINE_CONFIG ?? join(dataFolder, 'spine.yaml');
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return '# There is no file: defaults rule.\n';
  const document = parseDocument(readFileSync(file, 'utf8'));
  // Comments may hold anything, and so may a file that can't be parsed.
  if (document.errors.length > 0) return `# ${file} is no valid YAML: ${document.errors[0]?.message}\n`;
  return `# ${file}\n${json(withoutSecrets(document.toJS()))}`;
}

/** References (`{ env }`, `{ file }`) stay: they name a secret and do not hold it. */
function withoutSecrets(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each, name));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, name === 'headers' && typeof inner === 'string' ? '‹hidden›' : withoutSecrets(inner, key)]));
  }
  return typeof value === 'string' && isSecretName(name) ? '‹hidden›' : value;
}

/** Sizes by folder, modes of what is directly in it. Names of files deeper inside are data. */
function folderListing(root: string): string {
  const lines = readdirSync(root, { withFileTypes: true }).map((entry) => {
    const path = join(root, entry.name);
    const { mode, uid, size } = statSync(path);
    const bytes = entry.isDirectory() ? sizeOf(path) : size;
    return `${(mode & 0o7777).toString(8).padStart(4, '0')}  uid ${uid}  ${String(bytes).padStart(14)} bytes  ${entry.name}${entry.isDirectory() ? '/' : ''}`;
  });
  return `${root}\n${lines.sort().join('\n')}\n`;
}

function sizeOf(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((total, entry) => total + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0), 0);
  } catch {
    return 0;
  }
}

function newestLogs(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(log|txt)(\.\d+)?$|\.log\./.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ file, at: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => b.at - a.at)
      .slice(0, MOST_LOGS)
      .map(({ file }) => file);
  } catch {
    return [];
  }
}

/** The last lines of a file. */
function endOf(file: string): string {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const from = Math.max(0, size - LOG_BYTES);
    const buffer = Buffer.alloc(size - from);
    readSync(handle, buffer, 0, buffer.length, from);
    const text = buffer.toString('utf8');
    return from === 0 ? text : `… ${from} bytes before this are left out\n${text.slice(text.indexOf('\n') + 1)}`;
  } finally {
    closeSync(handle);
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
