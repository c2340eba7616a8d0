/** The setup's tests against real servers and folders: each trouble is named by what leads to its cure. */
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddedNats, type EmbeddedNats } from '../../embedded/nats-server.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../embedded/postgres.ts';
import { testSite } from '../../embedded/test-site.ts';
import { checkFolder } from './check-folder.ts';
import { testDatabase } from './test-database.ts';
import { testNats } from './test-nats.ts';
import { readSite, writeSite } from './write-site.ts';

const site = testSite();
let nats: EmbeddedNats;
let postgres: EmbeddedPostgres;
/** Takes connections and says nothing. */
let silent: Server;
const silentPort = (): number => (silent.address() as AddressInfo).port;

beforeAll(async () => {
  const folder = site.open();
  [nats, postgres] = await Promise.all([startEmbeddedNats({ folder, domains: ['system'], log: site.log }), startEmbeddedPostgres({ folder, log: site.log })]);
  site.defer(() => Promise.all([nats.stop(), postgres.stop()]));
  silent = createServer().listen(0, '127.0.0.1');
  site.defer(() => silent.close());
  const owner = new pg.Client({ ...postgres.connection });
  await owner.connect();
  await owner.query(`CREATE ROLE guest LOGIN PASSWORD 'guest'; REVOKE CREATE ON DATABASE spine FROM PUBLIC`);
  await owner.end();
});
afterAll(() => site.end());

const seedOf = (user: 'admin' | 'readOnly'): string => new TextDecoder().decode(nats.credentials[user].seed);

describe('a NATS server', () => {
  test('that is good is named by version', async () => {
    expect(await testNats(nats.url, seedOf('admin'))).toMatchObject({ ok: true, title: { text: expect.stringMatching(/^nats-server 2\.\d+\.\d+ answers/) } });
  });
  test.each([
    ['an empty address', () => testNats('', ''), /empty/],
    ['a web address', () => testNats('http://x', ''), /can’t begin with http/],
    ['a name that is not known', () => testNats('nats://nowhere.invalid', ''), /not known here/],
    ['a closed port', () => testNats('nats://127.0.0.1:1', ''), /Nothing listens/],
    ['no credentials', () => testNats(nats.url, ''), /refuses these credentials/],
    ['a password where a key is needed', () => testNats(nats.url.replace('//', '//guest@'), 'guess'), /refuses these credentials/],
  ])('%s', async (_name, run, words) => {
    const { ok, title, remedies } = await run();
    expect(ok).toBe(false);
    expect(title.text).toMatch(words);
    expect(remedies.length).toBeGreaterThan(0);
  });
});

describe('a PostgreSQL server', () => {
  const at = (user: string, database = 'spine', port = postgres.connection.port): string => `postgres://${user}@127.0.0.1:${port}/${database}`;
  test('that is good is named by version', async () => {
    expect(await testDatabase(at('spine'), postgres.connection.password)).toMatchObject({ ok: true, title: { text: expect.stringMatching(/^PostgreSQL \d+\.\d+ answers/) } });
  });
  test.each([
    ['another kind of address', () => testDatabase('mysql://x', ''), /can’t begin with mysql/],
    ['a name that is not known', () => testDatabase('postgres://nowhere.invalid/x', ''), /not known here/],
    ['a closed port', () => testDatabase(at('spine', 'spine', 1), 'x'), /Nothing listens/],
    ['no password', () => testDatabase(at('spine'), ''), /asks for a password|password of spine is wrong/],
    ['a wrong password', () => testDatabase(at('spine'), 'wrong'), /password of spine is wrong/],
    ['a missing database', () => testDatabase(at('spine', 'nowhere'), postgres.connection.password), /no database “nowhere”/],
    ['a user without rights', () => testDatabase(at('guest'), 'guest'), /may not create a schema/],
    ['TLS that the server lacks', () => testDatabase(`${at('spine')}?sslmode=require`, postgres.connection.password), /secure connection/],
  ])('%s', async (_name, run, words) => {
    const { ok, title, remedies } = await run();
    expect(title.text).toMatch(words);
    expect(ok).toBe(false);
    expect(remedies.length).toBeGreaterThan(0);
  });
});

test('something that listens and says nothing is not waited for without end', async () => {
  const verdicts = await Promise.all([testNats(`nats://127.0.0.1:${silentPort()}`, ''), testDatabase(`postgres://spine@127.0.0.1:${silentPort()}/spine`, 'x')]);
  expect(verdicts.map(({ ok, title }) => [ok, title.text])).toEqual([[false, `127.0.0.1:${silentPort()} does not answer`], [false, `127.0.0.1:${silentPort()} does not answer`]]);
});

describe('a data folder', () => {
  const root = mkdtempSync(join(tmpdir(), 'spine-setup-'));
  afterAll(() => rmSync(root, { recursive: true }));

  test('is judged without being made', () => {
    rmSync(join(root, 'new'), { recursive: true, force: true });
    // As root, Postgres' user must get through: a temporary folder is closed to it.
    const verdict = checkFolder(join(root, 'new', 'site'));
    expect(process.getuid?.() === 0 ? verdict.title.text : 'The folder will be made').toMatch(/will be made|can’t reach/);
    expect(checkFolder('relative').title.text).toContain('full path');
    expect(checkFolder('').ok).toBe(false);
    writeFileSync(join(root, 'file'), '');
    expect(checkFolder(join(root, 'file')).title.text).toContain('file in the way');
  });

  test('gets what was decided, and keeps what a person wrote', () => {
    const folder = join(root, 'site');
    mkdirSync(folder);
    writeFileSync(join(folder, 'spine.yaml'), '# by hand\nsite: w3 # the third\nnats: { port: 4333 }\n');
    writeSite({ dataFolder: folder, workers: false, nats: { url: 'nats://bus:4222', hasSecret: true }, database: null });
    const text = readFileSync(join(folder, 'spine.yaml'), 'utf8');
    expect(text).toContain('# by hand');
    expect(text).toContain('site: w3 # the third');
    expect(readSite(folder)).toEqual({ dataFolder: folder, workers: false, nats: { url: 'nats://bus:4222', hasSecret: true }, database: null });
    writeSite({ dataFolder: folder, workers: true, nats: null, database: null });
    expect(readFileSync(join(folder, 'spine.yaml'), 'utf8')).toContain('port: 4333');
    expect(readSite(folder)).toEqual({ dataFolder: folder, workers: true, nats: null, database: null });
  });

  test('whose file is damaged is left as it is', () => {
    const file = join(root, 'site', 'spine.yaml');
    writeFileSync(file, 'site: [unclosed\n');
    expect(() => writeSite({ dataFolder: join(root, 'site'), workers: true, nats: null, database: null })).toThrow(/valid YAML/);
    writeFileSync(file, 'unknown: 1\n');
    expect(() => writeSite({ dataFolder: join(root, 'site'), workers: true, nats: { url: 'nats://b', hasSecret: false }, database: null })).toThrow(/unknown/);
    expect(readFileSync(file, 'utf8')).toBe('unknown: 1\n');
  });
});
