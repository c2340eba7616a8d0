/** The guarantee panel measures: each promise that is broken on a real server is seen to be broken, and says what helps. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GuaranteeRow, Guarantees } from '../shared/operator-api/index.ts';
import { sqlClient } from './support/site-clients.ts';
import { eventually, SiteProcess } from './support/site-process.ts';
import { vipCall } from './support/vip-site.ts';

let site: SiteProcess;
let sql: pg.Client;
beforeAll(async () => {
  site = new SiteProcess();
  await site.start();
  sql = await sqlClient(site);
});
afterAll(async () => {
  await sql?.end();
  await site?.dispose();
});

const all = async (): Promise<Map<string, GuaranteeRow>> => new Map((await site.api<Guarantees>('/site/guarantees')).guarantees.map((row) => [row.id, row]));
const verdict = async (id: GuaranteeRow['id']): Promise<GuaranteeRow | undefined> => (await all()).get(id);

test('a fresh site keeps all of them but the backup, and a backup on the same disk is weak', async () => {
  const found = await all();
  expect([...found.values()].filter(({ verdict: v }) => v !== 'holds').map(({ id, words }) => [id, words.text])).toEqual([['backup', 'there is no backup']]);
  expect(found.get('bus-sync')?.words.text).toBe('sync_interval: always');
  expect(found.get('database-sync')?.words.text).toBe('fsync on, synchronous_commit on, full_page_writes on');
  expect(found.get('conservation')?.words.text).toMatch(/^0 jobs = 0 completed \+ 0 dead \+ 0 waiting$/);
  await site.api('/backups', {});
  expect(await eventually('the backup', async () => {
    const row = await verdict('backup');
    return row?.words.text.includes('old') && row;
  })).toMatchObject({ verdict: 'weak', words: { text: expect.stringMatching(/on the same disk/) }, remedy: { text: 'Name another disk in backup.folder.' } });
});

test('settings that are weakened behind its back are seen', async () => {
  await sql.query(`ALTER SYSTEM SET synchronous_commit = off`);
  await sql.query('SELECT pg_reload_conf()');
  expect(await eventually('the setting to be seen', async () => {
    const row = await verdict('database-sync');
    return row?.verdict === 'broken' && row;
  })).toMatchObject({ words: { text: expect.stringContaining('synchronous_commit off') }, remedy: { text: expect.stringContaining('Switch all of them on') } });

  const conf = join(site.folder, 'run', 'nats.conf');
  writeFileSync(conf, readFileSync(conf, 'utf8').replace('sync_interval: always', 'sync_interval: "2m"'));
  expect(await verdict('bus-sync')).toMatchObject({ verdict: 'broken' });

  const nats = await connect({ servers: new URL(site.info.natsUrl).host, authenticator: nkeyAuthenticator(new TextEncoder().encode(readFileSync(join(site.folder, 'secrets', 'nats-admin.nk'), 'utf8').trim())) });
  const manager = await jetstreamManager(nats);
  await manager.streams.update('platform-events', { max_age: 3_600e9, duplicate_window: 60e9 });
  await nats.close();
  expect(await verdict('retention')).toMatchObject({ verdict: 'broken', words: { text: expect.stringContaining('only platform-events 0 d') } });
});

test('a job that vanishes from the books is missed', async () => {
  const { eventId } = await site.publish('communication.CallStarted', vipCall('counted'));
  await eventually('its job to end', async () => (await sql.query(`SELECT 1 FROM spine.job_ledger WHERE kind = 'completed' AND job_id IN (SELECT job_id FROM spine.job_ledger WHERE detail->>'triggeringEventId' = $1)`, [eventId])).rowCount === 1);
  await sql.query(`DELETE FROM spine.job_ledger WHERE kind = 'completed' AND job_id IN (SELECT job_id FROM spine.job_ledger WHERE detail->>'triggeringEventId' = $1)`, [eventId]);
  expect(await eventually('the count of the books', async () => {
    const row = await verdict('conservation');
    return row?.verdict === 'broken' && row;
  }, 60_000)).toMatchObject({ words: { text: expect.stringMatching(/≠/) }, remedy: { text: expect.stringContaining('spine diagnostics') } });
});
