/** What may be found on disk: another version's data, half-made data, another's pid, programs and folders out of reach. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findPostgres } from './binaries.ts';
import { startEmbeddedPostgres } from './postgres.ts';
import type { EmbeddedPostgres } from './postgres.ts';
import { testSite } from './test-site.ts';
import type { TestSite } from './test-site.ts';
import { closedAncestor, reachableBinaries, unprivilegedUser } from './unprivileged.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let site: TestSite;
beforeEach(() => void (site = testSite()));
afterEach(() => site.end());

const isRoot = process.getuid?.() === 0;
async function start(folder = site.open()): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ folder, log: site.log });
  site.defer(() => postgres.stop());
  return postgres;
}

it('leaves the data of another major version alone and says what to do', async () => {
  const folder = site.open();
  const data = join(folder.postgres, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'PG_VERSION'), '15\n');
  await expect(start(folder)).rejects.toThrow(/made by PostgreSQL 15, but .* is version 18.*nothing was changed.*pg_dump/s);
  expect(readdirSync(data)).toEqual(['PG_VERSION']);
});

it('makes the cluster anew when an earlier attempt was interrupted', async () => {
  const folder = site.open();
  const unfinished = join(folder.postgres, 'data.new');
  mkdirSync(join(unfinished, 'base'), { recursive: true });
  writeFileSync(join(unfinished, 'PG_VERSION'), '18\n');
  expect((await start(folder)).state()).toBe('running');
  expect(existsSync(unfinished)).toBe(false);
  expect(readdirSync(folder.postgres)).toEqual(['data']);
});

it('is not fooled by a stale pid file whose pid now is another process', async () => {
  const folder = site.open();
  await (await start(folder)).stop();
  const pidFile = join(folder.postgres, 'data', 'postmaster.pid');
  writeFileSync(pidFile, `${process.ppid}\n${folder.postgres}/data\n1700000000\n5432\n\n127.0.0.1\n`);
  expect((await start(folder)).state()).toBe('running');
  expect(readFileSync(pidFile, 'utf8').split('\n')[0]).not.toBe(String(process.ppid));
});

it('does not make a new password for a database that has one', async () => {
  const folder = site.open();
  await (await start(folder)).stop();
  const file = join(folder.secrets, 'postgres.password');
  const password = readFileSync(file);
  rmSync(file);
  await expect(start(folder)).rejects.toThrow(/postgres\.password: .*backup/s);
  writeFileSync(file, 'wrong\n');
  await expect(start(folder)).rejects.toThrow(/refuses the password/);
  writeFileSync(file, password);
  expect((await start(folder)).state()).toBe('running');
});

it('as root, runs as an unprivileged user and names the folder that bars its way', async ({ skip }) => {
  skip(!isRoot, 'is about what root does');
  const folder = site.open();
  const postgres = await start(folder);
  expect(statSync(`/proc/${postgres.pid() ?? 0}`).uid).toBe(unprivilegedUser()?.uid);
  expect(closedAncestor(join(folder.postgres, 'data'), unprivilegedUser() ?? { uid: -1, gid: -1 })).toBeNull();
  await postgres.stop();
  const parent = dirname(folder.root);
  chmodSync(parent, 0o700);
  await expect(start(folder)).rejects.toThrow(new RegExp(`^SPINE_DATA_DIR: .*can't pass through ${parent} .*chmod o\\+x`, 's'));
});

it('copies programs that the unprivileged user can not reach, links restored, and they run', async ({ skip }) => {
  skip(!isRoot, 'is about what root does');
  const folder = site.open();
  const found = await findPostgres({ env: {} });
  const closed = join(dirname(folder.root), 'closed');
  mkdirSync(closed, { mode: 0o700 });
  cpSync(dirname(found.binFolder), join(closed, 'postgres'), { recursive: true, verbatimSymlinks: true });
  rmSync(join(closed, 'postgres', 'lib', 'libpq.so.5'));
  const resources = await findPostgres({ env: {}, resourcesBin: closed });
  expect(resources.source).toBe('resources');
  const moved = reachableBinaries(resources, folder, unprivilegedUser());
  expect(moved.binFolder).toBe(join(folder.root, 'binaries', `postgres-${found.version}`, 'bin'));
  const postgres = await startEmbeddedPostgres({ folder, resourcesBin: closed, log: site.log });
  site.defer(() => postgres.stop());
  expect(readlinkSync(`/proc/${postgres.pid() ?? 0}/exe`)).toBe(moved.postgres);
});
