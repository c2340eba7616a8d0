import { spawnSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ConfigError, ConflictError } from '../shared/errors.ts';
import { dataFolderPath, openDataFolder } from './data-folder.ts';
import { testSite } from './test-site.ts';
import type { TestSite } from './test-site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let site: TestSite;
beforeEach(() => void (site = testSite()));
afterEach(() => site.end());

const HERE = new URL('.', import.meta.url).href;
/** Opens the folder in another process; prints the error's name and message, or "opened", and dies without releasing. */
function openElsewhere(path: string): string {
  const script = `import { openDataFolder } from '${HERE}data-folder.ts';
    try { openDataFolder(process.argv[1]); console.log('opened'); process.kill(process.pid, 'SIGKILL'); } catch (e) { console.log(e.name, e.message); }`;
  return spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script, path], { encoding: 'utf8' }).stdout;
}

it('takes SPINE_DATA_DIR, and has a default', () => {
  expect(dataFolderPath({ SPINE_DATA_DIR: '/x/y' })).toBe('/x/y');
  expect(dataFolderPath({ SPINE_DATA_DIR: ' ' })).toContain('spine-console');
});

it('closes secrets and run to others', () => {
  const folder = site.open();
  for (const path of [folder.secrets, folder.run]) expect(statSync(path).mode & 0o777).toBe(0o700);
});

it('refuses a second process, names the first, and is free again after release', () => {
  const folder = site.open();
  const said = openElsewhere(site.path);
  expect(said).toContain('ConflictError');
  expect(said).toContain(`process ${process.pid} (started `);
  expect(said).toContain('SPINE_DATA_DIR');
  folder.release();
  expect(openElsewhere(site.path)).toContain('opened');
});

it('refuses a second opening in the same process', () => {
  site.open();
  expect(() => openDataFolder(site.path)).toThrow(ConflictError);
});

it('is free again after its holder was killed', () => {
  expect(openElsewhere(site.path)).toContain('opened');
  expect(() => site.open()).not.toThrow();
});

it('names SPINE_DATA_DIR when the place can not be a folder', () => {
  site.open();
  const file = join(site.path, 'file');
  writeFileSync(file, '');
  expect(() => openDataFolder(join(file, 'site'))).toThrow(ConfigError);
  expect(() => openDataFolder(join(file, 'site'))).toThrow(/^SPINE_DATA_DIR: /);
});

it('refuses a folder that a newer version has written, names both versions, and takes one from before there was a version', () => {
  const folder = site.open();
  folder.release();
  writeFileSync(join(site.path, 'format.json'), '{"format":99}\n');
  expect(() => openDataFolder(site.path)).toThrow(/written by a newer version \(its format is 99, this version knows \d+\)/);
  writeFileSync(join(site.path, 'format.json'), 'x');
  expect(() => openDataFolder(site.path)).toThrow(/format\.json: is damaged/);
  rmSync(join(site.path, 'format.json'));
  openDataFolder(site.path).release();
});
