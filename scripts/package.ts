/**
 * npm run package: the Linux packages, in dist/. `npm run package -- --dir` stops at the unpacked folder, for which nothing
 * but the Electron runtime is needed; AppImage and deb download their tools too.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { installedElectron, whyNoDownload } from './electron-runtime.ts';
import { ensureBuild, root } from './ensure-build.ts';

/** The folder with the runtime; undefined where electron-builder has to download it. */
async function runtimeFolder(): Promise<string | undefined> {
  const present = installedElectron();
  if (present && 'missing' in present) throw new Error(present.missing);
  // On a Mac the program lies deep in its bundle; electron-builder finds that one by itself.
  if (present) return process.platform === 'darwin' ? undefined : dirname(present.path);
  const unreachable = await whyNoDownload();
  if (unreachable === null) return undefined;
  throw new Error(
    `No packages can be made here: ${unreachable}.\n`
      + 'Run this on a machine that reaches github.com, or copy an unpacked Electron release of the version in package.json here '
      + 'and name its folder in ELECTRON_OVERRIDE_DIST_PATH (then add -- --dir: the tools for AppImage and deb are downloads too).',
  );
}

try {
  const folder = await runtimeFolder();
  ensureBuild();
  const packed = spawnSync(
    process.execPath,
    [join(root, 'node_modules/electron-builder/cli.js'), '--linux', '--publish', 'never', ...(folder === undefined ? [] : [`-c.electronDist=${folder}`]), ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit' },
  );
  process.exit(packed.status ?? 1);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
