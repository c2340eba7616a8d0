import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openShellLog, pruneDumps } from './shell-log.ts';

const root = mkdtempSync(join(tmpdir(), 'spine-shell-log-'));
afterAll(() => rmSync(root, { recursive: true }));

test('the shell’s log is rotated by size, keeps a few files, and is its owner’s alone', async () => {
  const folder = join(root, 'logs');
  const log = openShellLog(folder);
  const line = 'x'.repeat(1_000_000);
  for (let written = 0; written < 40; written += 1) {
    log.info(line);
    // Rotation happens between writes.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const files = (): string[] => readdirSync(folder).filter((name) => name.startsWith('desktop.log')).sort();
  await expect.poll(files, { timeout: 5_000 }).toEqual(['desktop.log', 'desktop.log.1', 'desktop.log.2', 'desktop.log.3', 'desktop.log.4']);
  for (const name of files()) expect(statSync(join(folder, name)).size, name).toBeLessThan(8_000_000);
  expect(statSync(join(folder, 'desktop.log')).mode & 0o077).toBe(0);
  expect(JSON.parse(readFileSync(join(folder, 'desktop.log.1'), 'utf8').split('\n')[0] ?? '')).toMatchObject({ level: 'info', message: line });
});

test('of crash dumps the newest stay', () => {
  const folder = join(root, 'dumps');
  mkdirSync(join(folder, 'completed'), { recursive: true });
  for (let dump = 0; dump < 12; dump += 1) {
    const file = join(folder, 'completed', `${dump}.dmp`);
    writeFileSync(file, '');
    utimesSync(file, dump, dump);
  }
  writeFileSync(join(folder, 'settings.dat'), '');
  pruneDumps(folder);
  expect(readdirSync(join(folder, 'completed')).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))).toEqual(['4.dmp', '5.dmp', '6.dmp', '7.dmp', '8.dmp', '9.dmp', '10.dmp', '11.dmp']);
  expect(readdirSync(folder)).toContain('settings.dat');
  pruneDumps(join(root, 'nowhere'));
});
