/** Build the bundles if they are older than their sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const root = dirname(import.meta.dirname);
const SOURCES = ['shared', 'embedded', 'main', 'electron', 'renderer', 'package.json', 'package-lock.json', 'electron.vite.config.ts'];
const stamp = join(root, 'out', '.built');

/** @throws Error if the build fails; what it printed is above. */
export function ensureBuild(): void {
  if (existsSync(stamp) && newest(SOURCES.map((name) => join(root, name))) <= statSync(stamp).mtimeMs) return;
  process.stdout.write('Building the console (some seconds, once) …\n');
  const began = Date.now();
  const built = spawnSync(process.execPath, [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (built.status !== 0) throw new Error('The build failed; see above.');
  writeFileSync(stamp, new Date(began).toISOString());
}

function newest(paths: readonly string[]): number {
  return Math.max(0, ...paths.filter((path) => existsSync(path)).map((path) => {
    const { mtimeMs } = statSync(path);
    return statSync(path).isDirectory() ? Math.max(mtimeMs, newest(readdirSync(path).map((name) => join(path, name)))) : mtimeMs;
  }));
}
