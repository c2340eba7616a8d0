/**
 * The headless archive: the packed services with a Node of their own, for machines without a display (systemd, Windows
 * services). Made from the unpacked desktop package, so that both hold the same code and the same servers.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { extractAll } from '@electron/asar';
import { root } from './ensure-build.ts';

export const HEADLESS = 'spine-console-headless';

const LAUNCHER = `#!/bin/sh
# The site's services on plain Node, with the servers of this folder. Arguments go to the program.
set -e
here="$(cd "$(dirname "$(readlink -f "$0")")" && pwd -P)"
: "\${SPINE_NATS_SERVER_BIN:=$here/bin/nats-server}"
: "\${SPINE_POSTGRES_BIN_DIR:=$here/bin/postgres/bin}"
export SPINE_NATS_SERVER_BIN SPINE_POSTGRES_BIN_DIR
exec "$here/node" "$here/app/out/main/PROGRAM" "$@"
`;

/** Make the folder from `unpacked` (electron-builder's folder of this very platform) inside `target`. @returns its path. */
export function makeHeadless(unpacked: string, target: string): string {
  const folder = join(target, HEADLESS);
  const resources = join(unpacked, 'resources');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  extractAll(join(resources, 'app.asar'), join(folder, 'app'));
  // A host without a window has no use for the shell.
  for (const shell of ['out/main/index.js', 'out/main/services.js', 'out/main/tools.js', 'out/preload', 'node_modules/electron-updater']) rmSync(join(folder, 'app', shell), { recursive: true, force: true });
  for (const name of ['bin', 'legal']) cpSync(join(resources, name), join(folder, name), { recursive: true, verbatimSymlinks: true });
  copyFileSync(join(resources, 'spine-console.service'), join(folder, 'spine-console.service'));
  copyFileSync(join(root, 'README.md'), join(folder, 'README.md'));
  copyFileSync(join(root, 'node_modules', 'node', 'bin', 'node'), join(folder, 'node'));
  chmodSync(join(folder, 'node'), 0o755);
  const programs = { 'spine-headless': 'headless.js', spine: 'spine.js' };
  for (const [name, program] of Object.entries(programs)) {
    if (!existsSync(join(folder, 'app', 'out', 'main', program))) continue;
    writeFileSync(join(folder, name), LAUNCHER.replace('PROGRAM', program));
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Pack the folder into `file` (tar.gz). */
export function archiveHeadless(folder: string, file: string): void {
  execFileSync('tar', ['-czf', file, '--owner=0', '--group=0', '-C', dirname(folder), HEADLESS]);
}
