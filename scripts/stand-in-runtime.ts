/**
 * A folder that electron-builder takes for an unpacked Electron release, for machines that can't download one. It holds what a
 * packager looks at: the program's name, the fuse wire in it, the files beside. It can't run.
 */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** By which @electron/fuses finds the wire, and Electron its own. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const WIRE_VERSION = 1;
/** As a release comes: ‘1’ is on, ‘0’ off. Nine fuses. */
const AS_RELEASED = '101110011';

/** @returns the folder. */
export function makeStandInRuntime(folder: string, version: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'));
  const wire = Buffer.concat([Buffer.from(SENTINEL), Buffer.from([WIRE_VERSION, AS_RELEASED.length]), Buffer.from(AS_RELEASED)]);
  const program = join(folder, 'electron');
  writeFileSync(program, Buffer.concat([Buffer.from('#!/bin/sh\necho "This is a stand-in for Electron: it only has the layout of a package." >&2\nexit 70\n'), wire, Buffer.from('\n')]));
  chmodSync(program, 0o755);
  writeFileSync(join(folder, 'version'), version);
  writeFileSync(join(folder, 'locales', 'en-US.pak'), '');
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'icudtl.dat', 'resources.pak', 'v8_context_snapshot.bin']) writeFileSync(join(folder, name), '');
  for (const name of ['chrome-sandbox', 'chrome_crashpad_handler']) {
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}
