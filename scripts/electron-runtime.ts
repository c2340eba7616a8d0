/**
 * Can a desktop window be opened here? It needs a display and the Electron runtime, which npm does not bring along:
 * the `electron` package downloads it (100 MB and more) when it is first needed, and air-gapped sites can't.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const packageFolder = join(root, 'node_modules', 'electron');
const OFFICIAL = 'https://github.com/electron/electron/releases/download/';
/** The download host answers within this, or counts as out of reach, ms. */
const PROBE_MS = 2_000;
const DOWNLOAD_MS = 300_000;

const PROGRAM: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

export type ElectronRuntime = { readonly path: string } | { readonly missing: string };

/** Decides within 3 s. Where only the download is missing, it is then made, which takes as long as it takes. */
export async function findElectron(): Promise<ElectronRuntime> {
  const obstacle = whyNoWindow();
  if (obstacle !== null) return { missing: obstacle };
  const present = installedElectron();
  if (present) return present;
  const unreachable = await whyNoDownload();
  return unreachable === null ? download() : { missing: unreachable };
}

/** The runtime if it is on this machine; null if it would have to be downloaded. */
export function installedElectron(): ElectronRuntime | null {
  const program = PROGRAM[process.platform] ?? 'electron';
  const { ELECTRON_EXEC_PATH: named, ELECTRON_OVERRIDE_DIST_PATH: folder } = process.env;
  for (const [setting, path] of [['ELECTRON_EXEC_PATH', named], ['ELECTRON_OVERRIDE_DIST_PATH', folder && join(folder, program)]] as const) {
    if (!path) continue;
    return existsSync(path) ? { path } : { missing: `${setting} leads to ${path}, which does not exist` };
  }
  const usual = join(packageFolder, 'dist', program);
  return existsSync(usual) ? { path: usual } : null;
}

function whyNoWindow(): string | null {
  if (process.platform !== 'linux') return null;
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
  if (process.getuid?.() === 0) return 'this is the root user, whom Chromium’s sandbox refuses';
  return null;
}

/** @returns null if the release can be downloaded, else why not. */
export async function whyNoDownload(): Promise<string | null> {
  if (!existsSync(join(packageFolder, 'package.json'))) return 'the package electron is not installed (npm ci was run without development dependencies)';
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? OFFICIAL;
  const host = URL.canParse(mirror) ? new URL(mirror).host : mirror;
  const remedy = 'set ELECTRON_OVERRIDE_DIST_PATH to an unpacked release to use it without a download';
  try {
    const answer = await fetch(new URL(`v${version}/electron-v${version}-${process.platform}-${process.arch}.zip`, mirror), { method: 'HEAD', signal: AbortSignal.timeout(PROBE_MS) });
    return answer.ok ? null : `the Electron ${version} runtime is not downloaded and ${host} answers ${answer.status} (${remedy})`;
  } catch (error) {
    return `the Electron ${version} runtime is not downloaded and ${host} can’t be reached: ${reasonOf(error)} (${remedy})`;
  }
}

/** What fetch wraps: the name could not be resolved, the connection was refused, the time was up. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer in ${PROBE_MS / 1_000} s`;
  return cause instanceof Error ? cause.message : message;
}

function download(): ElectronRuntime {
  process.stdout.write('Downloading the Electron runtime (more than 100 MB, once) …\n');
  const run = spawnSync(process.execPath, [join(packageFolder, 'install.js')], { stdio: ['ignore', 'inherit', 'inherit'], timeout: DOWNLOAD_MS });
  const present = installedElectron();
  if (run.status === 0 && present) return present;
  return { missing: run.signal ? `the download of the Electron runtime took longer than ${DOWNLOAD_MS / 60_000} minutes` : 'the download of the Electron runtime failed; see above' };
}
