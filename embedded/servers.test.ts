/** Both servers, really started. */
import { readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../shared/errors.ts';
import { startEmbeddedNats } from './nats-server.ts';
import type { EmbeddedNats, NkeyUser } from './nats-server.ts';
import { startEmbeddedPostgres } from './postgres.ts';
import type { EmbeddedPostgres } from './postgres.ts';
import { reaches, serversOn, testSite } from './test-site.ts';
import type { TestSite } from './test-site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let site: TestSite;
beforeEach(() => void (site = testSite()));
afterEach(() => site.end());

async function startNats(folder = site.open()): Promise<EmbeddedNats> {
  const nats = await startEmbeddedNats({ folder, domains: ['system'], log: site.log });
  site.defer(() => nats.stop());
  return nats;
}
async function startPostgres(folder = site.open()): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ folder, log: site.log });
  site.defer(() => postgres.stop());
  return postgres;
}
async function connectAs(nats: EmbeddedNats, user: NkeyUser): Promise<NatsConnection> {
  const connection = await connect({ servers: nats.url, authenticator: nkeyAuthenticator(user.seed), reconnectTimeWait: 20, maxReconnectAttempts: -1 });
  site.defer(() => connection.close());
  return connection;
}
async function reconnects(connection: NatsConnection): Promise<void> {
  for await (const status of connection.status()) if (status.type === 'reconnect') return;
}
async function addStream(nats: EmbeddedNats): Promise<void> {
  const manager = await jetstreamManager(await connectAs(nats, nats.credentials.admin));
  await manager.streams.add({ name: 'events', subjects: ['system.>'], storage: 'file' });
}
async function ask(postgres: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client(postgres.connection);
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: unknown[][] = [];
    for (const statement of sql.split('; ')) ({ rows } = await client.query<unknown[]>({ text: statement, rowMode: 'array' }));
    return rows.flat();
  } finally {
    await client.end();
  }
}

it('starts both, keeps secrets to itself, stops both, and comes back on the same ports with the same data', async () => {
  const folder = site.open();
  const nats = await startNats(folder);
  const postgres = await startPostgres(folder);
  await addStream(nats);
  await jetstream(await connectAs(nats, nats.credentials.service)).publish('system.Started', '{}');
  await ask(postgres, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
  for (const name of readdirSync(folder.secrets)) expect([name, statSync(join(folder.secrets, name)).mode & 0o777]).toEqual([name, 0o600]);
  expect(readdirSync(folder.secrets)).toHaveLength(4);
  const before = performance.now();
  await Promise.all([nats.stop(), postgres.stop()]);
  expect(performance.now() - before).toBeLessThan(4_000);
  expect(serversOn(folder.root)).toEqual([]);
  expect([nats.state(), nats.pid(), postgres.state(), postgres.pid()]).toEqual(['stopped', null, 'stopped', null]);

  const [natsAgain, postgresAgain] = await Promise.all([startNats(folder), startPostgres(folder)]);
  expect(natsAgain.port).toBe(nats.port);
  expect(postgresAgain.connection).toEqual(postgres.connection);
  const manager = await jetstreamManager(await connectAs(natsAgain, natsAgain.credentials.readOnly));
  expect((await manager.streams.info('events')).state.messages).toBe(1);
  expect(await ask(postgresAgain, 'SELECT n FROM kept')).toEqual([7]);
});

describe('nats', () => {
  it('comes back after kill -9, and a connected client goes on', async () => {
    const nats = await startNats();
    await addStream(nats);
    const service = await connectAs(nats, nats.credentials.service);
    await jetstream(service).publish('system.Before', '{}');
    const restarted = reaches(nats, 'running');
    const reconnected = reconnects(service);
    process.kill(nats.pid() ?? 0, 'SIGKILL');
    await Promise.all([restarted, reconnected]);
    expect((await jetstream(service).publish('system.After', '{}')).seq).toBe(2);
    expect(site.entries.some((entry) => entry.message.includes('SIGKILL'))).toBe(true);
  });

  it('lets the service write events but not destroy them', async () => {
    const nats = await startNats();
    await addStream(nats);
    const service = await connectAs(nats, nats.credentials.service);
    const manager = await jetstreamManager(service);
    const { seq } = await jetstream(service).publish('system.Written', '{}');
    const denied = /permission/i;
    await expect(manager.streams.delete('events')).rejects.toThrow(denied);
    await expect(manager.streams.purge('events')).rejects.toThrow(denied);
    await expect(manager.streams.update('events', { max_msgs: 1 })).rejects.toThrow(denied);
    await expect(manager.streams.deleteMessage('events', seq)).rejects.toThrow(denied);
    await expect(service.request('$JS.API.STREAM.RESTORE.events', '{}')).rejects.toThrow(denied);
    await manager.consumers.add('events', { durable_name: 'routing', ack_policy: 'explicit' });
    expect((await manager.streams.info('events')).state.messages).toBe(1);
  });

  it('lets the read-only user read and nothing else', async () => {
    const nats = await startNats();
    await addStream(nats);
    await jetstream(await connectAs(nats, nats.credentials.service)).publish('system.Written', '{"n":1}');
    const reader = await connectAs(nats, nats.credentials.readOnly);
    const manager = await jetstreamManager(reader);
    const messages = await (await jetstream(reader).consumers.get('events')).fetch({ max_messages: 1, expires: 1_000 });
    for await (const message of messages) expect(message.json()).toEqual({ n: 1 });
    expect((await manager.streams.getMessage('events', { seq: 1 }))?.json()).toEqual({ n: 1 });
    await expect(jetstream(reader).publish('system.Forged', '{}')).rejects.toThrow(/permission/i);
    await expect(manager.streams.purge('events')).rejects.toThrow(/permission/i);
    await expect(manager.streams.add({ name: 'mine', subjects: ['ai.>'] })).rejects.toThrow(/permission/i);
  });

  it('refuses connections without a key', async () => {
    const nats = await startNats();
    await expect(connect({ servers: nats.url, reconnect: false })).rejects.toThrow(/authorization/i);
  });

  it('names SPINE_NATS_PORT when the fixed port is taken, and moves on from a remembered one', async () => {
    const folder = site.open();
    const first = await startNats(folder);
    await first.stop();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    await once(squatter, 'listening');
    site.defer(() => squatter.close());
    await expect(startEmbeddedNats({ folder, domains: [], port: first.port, log: site.log })).rejects.toThrow(`SPINE_NATS_PORT: port ${first.port} is taken`);
    const second = await startNats(folder);
    expect(second.port).not.toBe(first.port);
    expect(site.entries.some((entry) => entry.level === 'warn' && entry.fields?.['formerPort'] === first.port)).toBe(true);
  });

  it('tells the server\'s own words when it refuses its configuration', async () => {
    const folder = site.open();
    await expect(startEmbeddedNats({ folder, domains: [], maxStoreBytes: Number.NaN, log: site.log })).rejects.toThrow(/refuses its configuration .*nats\.conf/s);
    await expect(startEmbeddedNats({ folder, domains: ['no.dots'], log: site.log })).rejects.toThrow(ConfigError);
  });
});

describe('postgres', () => {
  it('is set up durable, closed and with checksums', async () => {
    const postgres = await startPostgres();
    const settings = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding', 'password_encryption', 'listen_addresses', 'unix_socket_directories'];
    expect(await ask(postgres, `SELECT ${settings.map((name) => `current_setting('${name}')`).join(', ')}`))
      .toEqual(['on', 'on', 'on', 'on', 'UTF8', 'scram-sha-256', '127.0.0.1', '']);
    expect(await ask(postgres, `SELECT upper('äé')`)).toEqual(['ÄÉ']);
    await expect(new pg.Client({ ...postgres.connection, password: 'guess' }).connect()).rejects.toThrow(/password authentication failed/);
  });

  it('comes back after kill -9 on the same port, with what was committed', async () => {
    const postgres = await startPostgres();
    await ask(postgres, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)');
    const restarted = reaches(postgres, 'running');
    process.kill(postgres.pid() ?? 0, 'SIGKILL');
    await restarted;
    expect(await ask(postgres, 'SELECT n FROM kept')).toEqual([1]);
  });
});
