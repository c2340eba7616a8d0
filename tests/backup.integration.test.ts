/** A backup made under load holds all that was acknowledged before its mark, and a site restored from it balances its books and goes on. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jetstream } from '@nats-io/jetstream';
import { createEvent } from '../shared/envelope.ts';
import { serversOn } from '../embedded/test-site.ts';
import { readManifest } from '../main/backup/list-backups.ts';
import { restoreBackup, type RestoreReport } from '../main/backup/restore-backup.ts';
import { verifyBackup } from '../main/backup/verify-backup.ts';
import type { DeadLetterRow, SiteStatus, Trace } from '../shared/operator-api/index.ts';
import { Receiver } from './support/receiver.ts';
import { natsClient } from './support/site-clients.ts';
import { eventually, SiteProcess } from './support/site-process.ts';
import { vipCall, vipSite } from './support/vip-site.ts';

const PASSPHRASE = 'correct horse battery staple';
const EVENTS_A_SECOND = 500;

const receiver = new Receiver();
let site: SiteProcess;
let restored: SiteProcess;
const places = mkdtempSync(join(tmpdir(), 'spine-backups-'));
const passphraseFile = join(places, 'passphrase');

interface Made { readonly backup: string; readonly folder: string; readonly seq: number; readonly secrets: boolean; readonly deleted: string[] }
async function backUp(input: object): Promise<Made> {
  const { correlationId } = await site.api<{ correlationId: string }>('/jobs', { jobType: 'BackupSiteJob', input, reason: 'test' });
  return eventually('the backup', async () => {
    const { events } = await site.api<Trace>(`/traces/${correlationId}`);
    const failed = events.find(({ eventType }) => eventType === 'system.BackupFailed');
    if (failed) throw new Error(failed.summary);
    const done = events.find(({ eventType }) => eventType === 'system.BackupCompleted');
    if (!done) return null;
    const { envelope } = await site.api<{ envelope: { data: Made } }>(`/events/${done.eventId}`);
    return envelope.data;
  }, 60_000);
}

beforeAll(async () => {
  site = new SiteProcess({ config: vipSite(await receiver.start()) });
  restored = new SiteProcess();
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  await site.start();
});
afterAll(async () => {
  await site?.dispose();
  await restored?.dispose();
  await receiver.stop();
  rmSync(places, { recursive: true, force: true });
});

describe('a backup under load', () => {
  let made: Made;
  let report: RestoreReport;
  /** `callId` of those that owe a message in the end. */
  const acknowledged: { eventId: string; seq: number; callId: string | null }[] = [];

  test('is made while events come in, is whole, and holds its secrets encrypted', async () => {
    await site.api('/queues/interactive/pause', { reason: 'some jobs must wait in the backup' });
    const connection = await natsClient(site);
    const bus = jetstream(connection);
    const underWay = new Set<Promise<unknown>>();
    let n = 0;
    const publish = async (): Promise<void> => {
      const callId = `c-${(n += 1)}`;
      const isVip = n % 5 === 0;
      const event = createEvent({ eventType: 'communication.CallStarted', source: 'test', data: isVip ? { ...vipCall(callId), from: callId } : { callId, from: '+1 2', to: '100', direction: 'inbound' } });
      const { seq } = await bus.publish(event.eventType, JSON.stringify(event), { msgID: event.eventId });
      acknowledged.push({ eventId: event.eventId, seq, callId: isVip ? callId : null });
    };
    const load = setInterval(() => {
      for (let i = 0; i < EVENTS_A_SECOND / 20; i += 1) {
        const one = publish();
        underWay.add(one);
        void one.finally(() => underWay.delete(one));
      }
    }, 50);
    await eventually('some load', async () => acknowledged.length > 300);
    made = await backUp({ folder: places, passphraseFile, keep: 2 });
    await eventually('load after the mark', async () => acknowledged.some(({ seq }) => seq > made.seq));
    clearInterval(load);
    await Promise.all(underWay);
    await connection.close();
    await site.kill();
    expect(made).toMatchObject({ folder: places, secrets: true });
    const root = join(places, made.backup);
    const manifest = await verifyBackup(root);
    expect(manifest.mark.seq).toBe(made.seq);
    for (const name of readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) expect(statSync(join(name.parentPath, name.name)).mode & 0o077, name.name).toBe(0);
    const seed = readFileSync(join(site.folder, 'secrets', 'nats-admin.nk'), 'utf8').trim();
    for (const name of readdirSync(root, { recursive: true, withFileTypes: true })) if (name.isFile()) expect(readFileSync(join(name.parentPath, name.name)).includes(seed), name.name).toBe(false);
  });

  test('is restored into an empty folder: the books balance, and nothing acknowledged before the mark is missing', async () => {
    rmSync(restored.folder, { recursive: true });
    report = await restoreBackup({ backup: join(places, made.backup), dataFolder: restored.folder, passphrase: PASSPHRASE, env: process.env, onStep: () => {} });
    expect(report.books.violations).toEqual([]);
    expect(report.books.onQueues).toBeGreaterThan(0);
    await restored.start();
    await eventually('the view to have read all streams anew', async () => (await restored.api<SiteStatus>('/site/status')).projection.lastSeq >= made.seq);
    const before = acknowledged.filter(({ seq }) => seq <= made.seq);
    expect(before.length).toBeGreaterThan(100);
    for (const { eventId, seq } of [...before.slice(0, 20), ...before.slice(-20)]) expect(await restored.api(`/events/${eventId}`)).toMatchObject({ row: { seq } });
    const status = await restored.api<SiteStatus>('/site/status');
    expect(status.components.every(({ health }) => health === 'ok')).toBe(true);
    // The site tells of its own start: the copies have that a moment later.
    await expect.poll(async () => (await restored.api<SiteStatus>('/site/status')).streams.map(({ name, lag }) => [name, lag]), { timeout: 10_000 }).toEqual([['platform-events', null], ['connector-data', 0], ['audit-log', 0]]);
  });

  test('the restored site goes on: what waited runs once, with the keys that it would have had', async () => {
    expect(receiver.received).toEqual([]);
    await restored.api('/queues/interactive/resume', {});
    const owed = acknowledged.filter(({ seq, callId }) => seq <= made.seq && callId !== null).map(({ callId }) => `VIP ${callId} is on the line`);
    await eventually('the messages', async () => {
      const told = new Set(receiver.received.map(({ body }) => body.body));
      return owed.every((message) => told.has(message));
    }, 60_000);
    expect(new Set(receiver.received.map(({ body }) => body.body)).size).toBe(receiver.received.length);
    expect(new Set(receiver.received.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(receiver.received.length);
    const { rows } = await restored.api<{ rows: DeadLetterRow[] }>('/dead-letters');
    expect(rows).toEqual([]);
  });

  test('a restore that is killed half way leaves no folder that starts as a site', async () => {
    const half = new SiteProcess();
    rmSync(half.folder, { recursive: true });
    const child = spawn(join(import.meta.dirname, '../node_modules/.bin/node'), [join(import.meta.dirname, '../main/cli/cli.ts'), 'restore', join(places, made.backup), '--passphrase-file', passphraseFile], { env: { ...process.env, SPINE_DATA_DIR: half.folder } });
    child.stdout.on('data', (chunk: Buffer) => chunk.toString().includes('Table ') && child.kill('SIGKILL'));
    expect(await new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))).toBe('SIGKILL');
    expect((await half.refuse()).output).toMatch(/holds half of a restore that was cut off.*restore the backup again/);
    for (const pid of serversOn(half.folder)) process.kill(pid, 'SIGKILL');
    await half.dispose();
  });

  test('a folder that is not empty, a wrong passphrase and a damaged file are refused, and leave nothing', async () => {
    const root = join(places, made.backup);
    const target = join(places, 'target');
    const attempt = (more: object): Promise<RestoreReport> => restoreBackup({ backup: root, dataFolder: target, passphrase: PASSPHRASE, env: process.env, onStep: () => {}, ...more });
    await expect(attempt({ dataFolder: restored.folder })).rejects.toThrow(/is not empty.*nothing is ever overwritten/);
    await expect(attempt({ passphrase: 'another passphrase' })).rejects.toThrow(/passphrase: does not open the secrets/);
    expect(readdirSync(target)).toEqual([]);
    const manifestFile = join(root, 'manifest.json');
    const manifest = readFileSync(manifestFile, 'utf8');
    const newer = JSON.parse(manifest) as { migrations: string[]; version: string };
    writeFileSync(manifestFile, JSON.stringify({ ...newer, version: '9.0.0', migrations: [...newer.migrations, '9999_from_the_future'] }));
    await expect(attempt({})).rejects.toThrow(/made by version 9\.0\.0, whose database this version .* does not know \(9999_from_the_future\)/);
    writeFileSync(manifestFile, JSON.stringify({ ...newer, format: 99 }));
    await expect(attempt({})).rejects.toThrow(/was made by a newer version/);
    writeFileSync(manifestFile, manifest);
    await expect(attempt({ backup: places })).rejects.toThrow(/holds no manifest\.json/);
    const table = readManifest(root).tables.find(({ rows }) => rows > 0);
    const file = join(root, table?.file ?? '');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1));
    await expect(attempt({})).rejects.toThrow(/is not whole: .*has changed since it was written/);
  });
});
