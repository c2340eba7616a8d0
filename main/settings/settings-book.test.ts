import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { SettingsBook } from './settings-book.ts';

let folder: string;
const file = (): string => join(folder, 'spine.yaml');
const open = (env: NodeJS.ProcessEnv = {}): SettingsBook => new SettingsBook({ env, dataFolder: folder, running: loadConfig(env, folder) });
const of = (book: SettingsBook, path: string) => book.read().settings.find((each) => each.path === path);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spine-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('defaults are shown as the file would hold them', () => {
  const book = open();
  expect(of(book, 'streams.platformEvents')).toEqual({ path: 'streams.platformEvents', running: '30d', next: '30d', from: 'default' });
  expect(of(book, 'streams.duplicateWindow')?.next).toBe('20min');
  expect(of(book, 'workers.enabled')?.next).toBe(true);
  expect(of(book, 'nats.url')?.next).toBeNull();
});

test('a change stands in the file beside its comments, and rules from the next start', () => {
  writeFileSync(file(), '# by hand\nsite: w3 # the third\n');
  const book = open();
  book.change([{ path: 'streams.platformEvents', value: '90d' }, { path: 'workers.background', value: 4 }]);
  expect(readFileSync(file(), 'utf8')).toBe('# by hand\nsite: w3 # the third\nstreams:\n  platformEvents: 90d\nworkers:\n  background: 4\n');
  expect(of(book, 'streams.platformEvents')).toEqual({ path: 'streams.platformEvents', running: '30d', next: '90d', from: 'file' });
  book.change([{ path: 'streams.platformEvents', value: null }, { path: 'workers.background', value: null }]);
  expect(readFileSync(file(), 'utf8')).toBe('# by hand\nsite: w3 # the third\n');
});

test('what is kept of backups is one change, also if it is the first that is said of them', () => {
  const book = open();
  book.change([{ path: 'backup.keep', value: 3 }]);
  const waiting = (): string[] => book.read().settings.filter(({ running, next }) => JSON.stringify(running) !== JSON.stringify(next)).map(({ path }) => path);
  expect(waiting()).toEqual(['backup.keep']);
  expect(of(book, 'backup.folder')).toEqual({ path: 'backup.folder', running: null, next: null, from: 'default' });
  book.change([{ path: 'backup.folder', value: '/mnt/backup' }]);
  expect(waiting()).toEqual(['backup.folder', 'backup.keep']);
});

test('what backups need beside a folder can be set without one', () => {
  const book = open();
  book.change([{ path: 'backup.keep', value: 3 }, { path: 'backup.schedule.cron', value: '30 2 * * *' }]);
  expect(readFileSync(file(), 'utf8')).toMatch(/\nbackup:\n {2}keep: 3\n {2}schedule:\n {4}cron: 30 2 \* \* \*\n$/);
});

test.each([
  ['streams.platformEvents', '5min', /streams.platformEvents.*duplicateWindow/],
  ['streams.platformEvents', 'long', /streams.platformEvents.*a duration/],
  ['workers.background', 0, /workers.background/],
  ['workers.background', 'four', /workers.background.*a number/],
  ['backup.schedule.cron', '61 * * * *', /backup/],
  ['rules', 'x', /no setting that can be changed here/],
  ['database.url', 'postgres://spine:hunter2@db.example/spine', /holds a password.*database.password/],
] as const)('%s: %j is refused, and nothing is changed', (path, value, words) => {
  writeFileSync(file(), 'site: w3\n');
  expect(() => open().change([{ path, value }])).toThrow(words);
  expect(readFileSync(file(), 'utf8')).toBe('site: w3\n');
});

test('what the environment says can not be changed in the file, and passwords are not shown', () => {
  const book = open({ SPINE_WORKERS: 'off', SPINE_DATABASE_URL: 'postgres://spine:hunter2@db.example/spine' });
  expect(of(book, 'workers.enabled')).toMatchObject({ next: false, from: 'environment' });
  expect(of(book, 'database.url')?.next).toBe('postgres://spine:***@db.example/spine');
  expect(() => book.change([{ path: 'workers.enabled', value: true }])).toThrow(/SPINE_WORKERS/);
  expect(JSON.stringify(book.read())).not.toContain('hunter2');
});
