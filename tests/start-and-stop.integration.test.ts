/** Start, stop, and every way in which a start must be refused: one clear message each that says what to do. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { SiteStatus, Trace } from '../shared/operator-api/index.ts';
import { eventually, SiteProcess } from './support/site-process.ts';

const open: { dispose(): Promise<void> }[] = [];
afterEach(async () => {
  for (const site of open.splice(0)) await site.dispose();
});
function newSite(options: ConstructorParameters<typeof SiteProcess>[0] = {}): SiteProcess {
  const site = new SiteProcess(options);
  open.push(site);
  return site;
}
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
async function listenSomewhere(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.end('SSH-2.0-something else\r\n'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  open.push({ dispose: async () => void server.close() });
  return { server, port: address.port };
}

describe('a site', () => {
  test('stops within 5 s on Ctrl-C, leaves no process, keeps its data and its secrets to itself', async () => {
    const site = newSite();
    await site.start();
    const pids = [site.serverPid('nats'), site.serverPid('postgres'), site.info.pid];
    const { correlationId } = await site.publish('communication.CallEnded', { callId: 'c', durationSeconds: 3, outcome: 'answered' });
    for (const file of [site.info.tokenFile, site.info.natsSeedFile, join(site.folder, 'secrets', 'postgres.password'), join(site.folder, 'run', 'site.json')]) {
      expect(statSync(file).mode & 0o077, file).toBe(0);
    }
    const tokens = [site.token, readFileSync(site.info.natsSeedFile, 'utf8').trim(), readFileSync(join(site.folder, 'secrets', 'postgres.password'), 'utf8').trim()];
    const from = performance.now();
    await site.stop();
    expect(performance.now() - from).toBeLessThan(5_000);
    expect(site.output).toContain('Stopped.');
    await eventually('all processes to be gone', async () => pids.every((pid) => !isAlive(pid)), 2_000);
    const log = readFileSync(join(site.folder, 'logs', 'spine.log'), 'utf8') + site.output;
    for (const secret of tokens) expect(log).not.toContain(secret);

    await site.start();
    const trace = await eventually('the trace after a restart', async () => {
      const found = await site.api<Trace>(`/traces/${correlationId}`);
      return found.jobs.every(({ state }) => state === 'completed') && found;
    });
    expect(trace.events[0]).toMatchObject({ eventType: 'communication.CallEnded' });
  });

  test('goes on when nobody reads its words any more', async () => {
    const site = newSite();
    await site.start();
    site.stopReading();
    // The next thing that it says has nowhere to go: it says it when it stops, and stops all the same.
    await site.stop();
    expect(site.end).toEqual({ code: 0, signal: null });
  });

  test('is alone on its data folder', async () => {
    const site = newSite();
    await site.start();
    const second = spawn(join(import.meta.dirname, '../node_modules/.bin/node'), [join(import.meta.dirname, '../main/headless.ts')], { env: { ...process.env, SPINE_DATA_DIR: site.folder } });
    let output = '';
    second.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => second.once('exit', resolve));
    expect(code).not.toBe(0);
    expect(output).toContain(site.folder);
    expect(output).toContain(String(site.info.pid));
    expect(output).toContain('SPINE_DATA_DIR');
    expect((await site.api<SiteStatus>('/site/status')).components.every(({ health }) => health === 'ok')).toBe(true);
  });

  test('rebuilds a corrupt read model from its streams', async () => {
    const site = newSite();
    await site.start();
    const { correlationId } = await site.publish('communication.CallEnded', { callId: 'c', durationSeconds: 3, outcome: 'answered' });
    const whole = (): Promise<Trace> => eventually('the trace', async () => {
      const trace = await site.api<Trace>(`/traces/${correlationId}`);
      return trace.jobs.length === 1 && trace.jobs.every(({ state }) => state === 'completed') && trace;
    });
    const before = await whole();
    await site.stop();
    const file = join(site.folder, 'projections', 'lineage.sqlite');
    rmSync(`${file}-wal`, { force: true });
    writeFileSync(file, Buffer.concat([Buffer.from('SQLite format 3\u0000'), Buffer.alloc(8_192, 7)]));
    await site.start();
    expect(site.output).toContain('is rebuilt from the streams');
    const after = await whole();
    expect({ ...after, measuredMs: 0 }).toEqual({ ...before, measuredMs: 0 });
  });
});

describe('is refused with one clear message', () => {
  const refusal = async (site: SiteProcess): Promise<string> => {
    const { code, output } = await site.refuse();
    expect(code).not.toBe(0);
    const lines = output.split('\n').filter((line) => line !== '' && !/^(PostgreSQL|NATS) [\d.]+ (embedded|connected)$/.test(line));
    expect(lines, output).toHaveLength(1);
    return lines[0] ?? '';
  };

  test('an unknown key', async () => {
    expect(await refusal(newSite({ config: { chanels: {} } }))).toMatch(/^chanels: is not a setting/);
  });
  test('a bad cron expression', async () => {
    expect(await refusal(newSite({ config: { schedules: [{ id: 'nightly', cron: '0 25 * * *', jobType: 'SyncConnectorDataJob' }] } }))).toMatch(/schedules\.nightly\.cron.*"0 25 \* \* \*"/);
  });
  test('a job type that is not in the catalogue', async () => {
    expect(await refusal(newSite({ config: { schedules: [{ id: 'nightly', cron: '0 2 * * *', jobType: 'NoSuchJob' }] } }))).toMatch(/schedules\.nightly\.jobType.*NoSuchJob.*SyncConnectorDataJob/);
  });
  test('a NATS server that can’t be reached', async () => {
    expect(await refusal(newSite({ env: { SPINE_NATS_URL: 'nats://127.0.0.1:1' } }))).toMatch(/SPINE_NATS_URL.*127\.0\.0\.1:1/);
  });
  test('a Postgres server that can’t be reached, without its password in the message', async () => {
    const line = await refusal(newSite({ env: { SPINE_DATABASE_URL: 'postgres://u:hush@127.0.0.1:1/db' } }));
    expect(line).toMatch(/SPINE_DATABASE_URL/);
    expect(line).not.toContain('hush');
  });
  test('a port that speaks something else than NATS', async () => {
    const { port } = await listenSomewhere();
    expect(await refusal(newSite({ env: { SPINE_NATS_URL: `nats://127.0.0.1:${port}` } }))).toMatch(/SPINE_NATS_URL/);
  });
  test('an HTTP port that is taken', async () => {
    const { port } = await listenSomewhere();
    expect(await refusal(newSite({ env: { SPINE_HTTP_PORT: String(port) } }))).toMatch(new RegExp(`SPINE_HTTP_PORT: port ${port} is taken`));
  });
  test('a NATS port that is taken', async () => {
    const { port } = await listenSomewhere();
    expect(await refusal(newSite({ config: { nats: { port } } }))).toMatch(new RegExp(`port.*${port}|${port}.*port`, 'i'));
  });
  test('a nats-server that is too old', async () => {
    const site = newSite();
    const fake = join(site.folder, 'nats-server');
    writeFileSync(fake, '#!/bin/sh\necho "nats-server: v2.9.10"\n', { mode: 0o755 });
    chmodSync(fake, 0o755);
    const old = newSite({ env: { SPINE_NATS_SERVER_BIN: fake } });
    expect(await refusal(old)).toMatch(/2\.9\.10.*2\.11/);
  });
  test('a cluster of another Postgres version', async () => {
    const site = newSite();
    await site.start();
    await site.stop();
    writeFileSync(join(site.folder, 'postgres', 'data', 'PG_VERSION'), '15\n');
    expect(await refusal(site)).toMatch(/15.*18|18.*15/);
  });
  test('a data folder that can’t be written', async () => {
    const site = newSite();
    const file = join(site.folder, 'a-file');
    writeFileSync(file, '');
    const child = spawn(join(import.meta.dirname, '../node_modules/.bin/node'), [join(import.meta.dirname, '../main/headless.ts')], { env: { ...process.env, SPINE_DATA_DIR: join(file, 'site') } });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    expect(await new Promise((resolve) => child.once('exit', resolve))).not.toBe(0);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain('SPINE_DATA_DIR');
  });
  test('a broken plugin', async () => {
    const site = newSite({ config: { plugins: { folder: 'plugins' } } });
    mkdirSync(join(site.folder, 'plugins'));
    writeFileSync(join(site.folder, 'plugins', 'broken.mjs'), 'export default { nonsense: true };\n');
    expect(await refusal(site)).toMatch(/plugins\.folder.*broken\.mjs/);
  });
});
