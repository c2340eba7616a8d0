import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SiteConfig } from '../config/site-config.ts';
import { ConnectorManager } from './connector-manager.ts';

let folder: string;
let manager: ConnectorManager | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connector-manager-'));
});
afterEach(async () => {
  await manager?.stop();
  rmSync(folder, { recursive: true });
});

const config = SiteConfig.parse({
  connectors: [
    { id: 'drop', kind: 'folder', path: 'drop', mapping: '$', schedule: { cron: '0 * * * *' } },
    { id: 'quiet', kind: 'folder', path: 'quiet', mapping: '$', watch: false },
    { id: 'feed', kind: 'feed', url: 'https://user:pass@example.org/feed?key=k', mapping: '$' },
  ],
});
function manage(requestSync: (id: string) => Promise<void>, rows: unknown[] = [], schedules: unknown[] = []): { manager: ConnectorManager; onError: ReturnType<typeof vi.fn<(error: unknown) => void>> } {
  const onError = vi.fn<(error: unknown) => void>();
  manager = new ConnectorManager({ config, path: (path) => join(folder, path), secret: () => '', pool: { query: async (text: string) => ({ rows: text.includes('spine.schedule') ? schedules : rows }) } as unknown as pg.Pool, requestSync, onError });
  return { manager, onError };
}

it('asks for one sync when files come, for the watched folder only, and makes that folder', async () => {
  const requestSync = vi.fn(async () => {});
  await manage(requestSync).manager.start();
  expect(existsSync(join(folder, 'quiet'))).toBe(false);
  for (const name of ['a.csv', 'b.csv', 'c.txt', '.d.csv']) writeFileSync(join(folder, 'drop', name), 'id\n1\n');
  await vi.waitFor(() => expect(requestSync).toHaveBeenCalledWith('drop', 'files changed'), 10_000);
  expect(requestSync).toHaveBeenCalledTimes(1);
});

it('asks for the files that came while the site was down', async () => {
  const requestSync = vi.fn(async () => {});
  const { manager: first } = manage(requestSync);
  await first.start();
  await first.stop();
  writeFileSync(join(folder, 'drop', 'a.ndjson'), '{}');
  await manage(requestSync).manager.start();
  await vi.waitFor(() => expect(requestSync).toHaveBeenCalledTimes(1), 10_000);
});

it('tells what it can not do', async () => {
  writeFileSync(join(folder, 'drop'), 'a file where the folder should be');
  const { manager: stuck, onError } = manage(async () => {});
  await stuck.start();
  expect(onError).toHaveBeenCalledWith(expect.objectContaining({ message: expect.stringContaining('connectors.drop.path') as string }));
});

it('lists the connectors with their last outcome, and without credentials', async () => {
  const { manager: listing } = manage(async () => {}, [{ connector_id: 'drop', position: {}, last_sync_ms: 1_000.4, last_outcome: 'failed', last_error: 'gone', records: '7' }], [
    { id: 'connector-drop', origin: 'config', cron: '0 * * * *', timeZone: 'UTC', paused: false },
    { id: 'connector-feed', origin: 'operator', cron: '0 * * * *', timeZone: 'UTC', paused: false },
  ]);
  const nextHour = expect.toSatisfy((at: number) => at > Date.now() && at % 3_600_000 === 0) as number;
  expect(await listing.list()).toEqual([
    { id: 'drop', kind: 'folder', target: join(folder, 'drop'), schedule: '0 * * * * (UTC)', scheduled: { id: 'connector-drop', paused: false }, nextSyncMs: nextHour, watched: true, lastSyncMs: 1_000, lastOutcome: 'failed', lastError: 'gone', records: 7 },
    { id: 'quiet', kind: 'folder', target: join(folder, 'quiet'), schedule: null, scheduled: null, nextSyncMs: null, watched: false, lastSyncMs: null, lastOutcome: 'never', lastError: null, records: 0 },
    { id: 'feed', kind: 'feed', target: 'https://example.org/feed?…', schedule: null, scheduled: null, nextSyncMs: null, watched: false, lastSyncMs: null, lastOutcome: 'never', lastError: null, records: 0 },
  ]);
});
