/**
 * npm run package: installers in dist/, for this system and processor; `-- --win --x64 --arm64` and the like for others,
 * `-- --headless` for the headless archive beside them. `-- --dir` stops at the unpacked folder, for which nothing but the
 * Electron runtime is needed; installers download their tools too. docs/release.md tells the whole of it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installedElectron, whyNoDownload } from './electron-runtime.ts';
import { ensureBuild, root } from './ensure-build.ts';
import { fetchServers } from './fetch-servers.ts';
import { archiveHeadless, HEADLESS, makeHeadless } from './package-headless.ts';
import { writeLegal } from './package-legal.ts';

const OWN_SYSTEM: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'mac', win32: 'win' };
const NODE_NAMES: Readonly<Record<string, string>> = { linux: 'linux', mac: 'darwin', win: 'win32' };
const asked = process.argv.slice(2);
const given = (names: readonly string[], otherwise: string): string[] => {
  const named = names.filter((name) => asked.includes(`--${name}`));
  return named.length > 0 ? named : [otherwise];
};

/** The folder with the runtime; undefined where electron-builder has to download it. */
async function runtimeFolder(systems: readonly string[], processors: readonly string[]): Promise<string | undefined> {
  // A folder is for one system and one processor.
  const isOwn = systems.length === 1 && systems[0] === OWN_SYSTEM[process.platform] && processors.length === 1 && processors[0] === process.arch;
  const present = isOwn ? installedElectron() : null;
  if (present && 'missing' in present) throw new Error(present.missing);
  // On a Mac the program lies deep in its bundle; electron-builder finds that one by itself.
  if (present) return process.platform === 'darwin' ? undefined : dirname(present.path);
  const unreachable = await whyNoDownload();
  if (unreachable === null) return undefined;
  throw new Error(
    `No packages can be made here: ${unreachable}.\n`
      + 'Run this on a machine that reaches github.com, or copy an unpacked Electron release of the version in package.json here '
      + 'and name its folder in ELECTRON_OVERRIDE_DIST_PATH (then add -- --dir: the tools for installers are downloads too). '
      + 'npm run package:check checks everything but the runtime without it.',
  );
}

/** Of every file that goes out, so that an air-gapped site can tell what it was given. */
function writeChecksums(folder: string): void {
  const lines = readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isFile() && !/^(SHA256SUMS|builder-.*|.*\.blockmap)$/.test(name))
    .map((name) => `${createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')}  ${name}`);
  writeFileSync(join(folder, 'SHA256SUMS'), `${lines.join('\n')}\n`);
}

try {
  const systems = given(['linux', 'mac', 'win'], OWN_SYSTEM[process.platform] ?? 'linux');
  const processors = given(['x64', 'arm64'], process.arch);
  const folder = await runtimeFolder(systems, processors);
  ensureBuild();
  for (const system of systems) for (const processor of processors) await fetchServers(`${system}-${processor}`);
  writeLegal();
  const own = asked.filter((flag) => flag !== '--headless' && ![...systems, ...processors].some((name) => flag === `--${name}`));
  for (const system of systems) {
    const packed = spawnSync(
      process.execPath,
      [join(root, 'node_modules/electron-builder/cli.js'), `--${system}`, ...processors.map((name) => `--${name}`), '--publish', 'never', ...(folder === undefined ? [] : [`-c.electronDist=${folder}`]), ...own],
      { cwd: root, stdio: 'inherit', env: { ...process.env, SPINE_PACK_FOR: NODE_NAMES[system] } },
    );
    if (packed.status !== 0) process.exit(packed.status ?? 1);
  }
  const unpacked = join(root, 'dist', 'linux-unpacked');
  if (asked.includes('--headless') && existsSync(unpacked)) {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    archiveHeadless(makeHeadless(unpacked, join(root, 'dist', 'headless')), join(root, 'dist', `${HEADLESS}-${version}-linux-${process.arch}.tar.gz`));
  }
  writeChecksums(join(root, 'dist'));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
