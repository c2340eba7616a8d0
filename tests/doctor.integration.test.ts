/** The doctor names each provoked fault, with its cure, and finds nothing else. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { openDataFolder } from '../embedded/data-folder.ts';
import { type EmbeddedNats, startEmbeddedNats } from '../embedded/nats-server.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/postgres.ts';
import { examineSite } from '../main/doctor/examine-site.ts';
import type { Finding } from '../main/doctor/finding.ts';
import { INSTRUMENTS, type Instruments } from '../main/doctor/patient.ts';

let root: string;
let taken: Server;
let port: number;
let servers: { nats: EmbeddedNats; postgres: EmbeddedPostgres; stop(): Promise<void> };

beforeAll(async () => {
  taken = createServer();
  await new Promise<void>((resolve) => {
    taken.listen(0, '127.0.0.1', resolve);
  });
  port = (taken.address() as { port: number }).port;
  const home = mkdtempSync(join(tmpdir(), 'spine-doctor-servers-'));
  chmodSync(home, 0o755);
  const folder = openDataFolder(home);
  const [nats, postgres] = await Promise.all([startEmbeddedNats({ folder, domains: ['communication'], log: () => {} }), startEmbeddedPostgres({ folder, log: () => {} })]);
  servers = {
    nats, postgres,
    async stop() {
      await Promise.all([nats.stop(), postgres.stop()]);
      folder.release();
      rmSync(home, { recursive: true, force: true });
    },
  };
});
afterAll(async () => {
  taken.close();
  await servers?.stop();
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'spine-doctor-'));
  chmodSync(root, 0o755);
  for (const part of ['secrets', 'run', 'logs', 'projections', 'nats', 'postgres']) mkdirSync(join(root, part), { mode: 0o700 });
  writeFileSync(join(root, 'secrets', 'postgres.password'), 'x', { mode: 0o600 });
});
afterEach(() => {
  chmodSync(root, 0o755);
  rmSync(root, { recursive: true, force: true });
});

const look = (env: Record<string, string> = {}, instruments: Partial<Instruments> = {}): Promise<Finding[]> => examineSite({ root, env: { PATH: process.env.PATH, ...env }, running: false, instruments: { ...INSTRUMENTS, ...instruments } });
const put = (file: string, text: string, mode = 0o600): string => {
  writeFileSync(join(root, file), text, { mode });
  return join(root, file);
};
const configure = (config: object): string => put('spine.yaml', stringify(config));
/** A program that says it is another version. */
const pretend = (file: string, words: string): string => put(file, `#!/bin/sh\necho "${words}"\n`, 0o755);
const unwell = (findings: readonly Finding[]): Finding[] => findings.filter(({ verdict }) => verdict !== 'ok');

test('a site that is well', async () => {
  expect(unwell(await look())).toEqual([]);
});

describe('each fault has its name and its cure', () => {
  const FAULTS: readonly [fault: string, id: string, words: RegExp, cure: RegExp, provoke: () => Promise<Finding[]> | Finding[]][] = [
    ['the data folder is a file', 'data-folder', /is a file/, /SPINE_DATA_DIR/, () => examineSite({ root: put('a-file', ''), env: {}, running: false })],
    process.getuid?.() === 0
      ? ['a permission is missing: PostgreSQL’s user can’t pass', 'postgres-user', /closed to the user \w+, as whom PostgreSQL runs/, /SPINE_DATA_DIR|chmod|message above/, () => {
          mkdirSync(join(root, 'closed', 'site'), { recursive: true });
          chmodSync(join(root, 'closed'), 0o700);
          return examineSite({ root: join(root, 'closed', 'site'), env: { PATH: process.env.PATH }, running: false });
        }]
      : ['a permission is missing: the folder is read only', 'data-folder', /can't be used/, /the right to write there/, () => (chmodSync(root, 0o500), look())],
    ['the disk is full', 'disk', /0\.1 GiB of 10\.0 GiB are free/, /Free some space/, () => look({}, { disk: () => ({ free: 1e8, total: 10 * 1_024 ** 3 }) })],
    ['the clock was set back', 'clock', /written 3\d\d\d s in the future/, /NTP/, () => {
      const file = put('run/nats.port', '4222');
      const ahead = new Date(Date.now() + 3_600_000);
      utimesSync(file, ahead, ahead);
      return look();
    }],
    ['an unknown key in the configuration', 'configuration', /conectors: is not a setting/, /README/, () => (configure({ conectors: [] }), look())],
    ['a newer version wrote the data folder', 'format', /written by a newer version/, /version that wrote it/, () => (put('format.json', '{"format": 99}'), look())],
    ['others can read a secret', 'secret-modes', /others on this machine can read postgres\.password/, /chmod 600/, () => (chmodSync(join(root, 'secrets/postgres.password'), 0o644), look())],
    ['a damaged nkey seed', 'nats-seeds', /nats-admin\.nk holds no nkey seed/, /backup/, () => (put('secrets/nats-admin.nk', 'SUGARBABY\n'), look())],
    ['the password of the database is lost', 'postgres-password', /missing or empty/, /backup/, () => {
      mkdirSync(join(root, 'postgres/data'));
      rmSync(join(root, 'secrets/postgres.password'));
      return look();
    }],
    ['a damaged token file', 'access-tokens', /access-tokens\.json: can't be understood/, /restore it from a backup/, () => (put('secrets/access-tokens.json', '{'), look())],
    ['a corrupt view', 'projection', /is damaged/, /rebuilt from the streams/, () => (put('projections/lineage.sqlite', 'this is no database at all, it only has the name of one'.repeat(40)), look())],
    ['a secret’s variable is not set', 'secret-references', /llm\.apiKey: the environment variable NOT_SET is not set/, /EnvironmentFile/, () => (configure({ llm: { url: 'http://127.0.0.1:9', model: 'm', apiKey: { env: 'NOT_SET' } } }), look())],
    ['a certificate that has ended', 'certificate', /ends on 2\d\d\d-/, /Renew it/, async () => {
      const { cert, private: key } = await generate([{ name: 'commonName', value: 'x' }]);
      configure({ http: { tls: { certificate: put('cert.pem', cert), key: put('key.pem', key) } } });
      return look({}, { nowMs: () => Date.now() + 20 * 365 * 86_400_000 });
    }],
    ['a broken plugin', 'plugins', /broken\.ts/, /definePlugin|Mend the plugin|\S/, () => {
      mkdirSync(join(root, 'plugins'));
      put('plugins/broken.ts', 'export default 7;\n');
      configure({ plugins: { folder: 'plugins' } });
      return look();
    }],
    ['nats-server is too old', 'nats-server', /2\.9\.10/, /2\.11/, () => look({ SPINE_NATS_SERVER_BIN: pretend('nats-server', 'nats-server: v2.9.10') })],
    ['the database is of another PostgreSQL', 'postgres', /made by PostgreSQL 16/, /bin folder of a PostgreSQL 16/, () => {
      mkdirSync(join(root, 'postgres/data'));
      put('postgres/data/PG_VERSION', '16\n');
      return look();
    }],
    ['the console’s port is taken', 'http-port', /port \d+ is taken by another program/, /SPINE_HTTP_PORT/, () => look({ SPINE_HTTP_PORT: String(port) })],
    ['the port of NATS is taken', 'nats-port', /is taken/, /nats\.port/, () => (configure({ nats: { port } }), look())],
    ['an outside NATS that nobody answers for', 'nats-server', /SPINE_NATS_URL: 127\.0\.0\.1:\d+ can't be used/, /Check host, port and credentials/, () => look({ SPINE_NATS_URL: 'nats://127.0.0.1:1' })],
    ['dead credentials of NATS', 'nats-server', /can't be used \(.*uthorization/, /SPINE_NATS_CREDENTIALS/, () => look({ SPINE_NATS_URL: servers.nats.url, SPINE_NATS_CREDENTIALS: put('dead.nk', new TextDecoder().decode(createUser().getSeed())) })],
    ['a dead password of the database', 'postgres', /password authentication failed/, /user and password/, () => look({ SPINE_DATABASE_URL: `postgres://spine:wrong@127.0.0.1:${servers.postgres.connection.port}/spine` })],
    ['two clocks that differ', 'clock-skew', /clock of the database is \d+ ms behind ours/, /NTP/, () => {
      const { user, password, port: at } = servers.postgres.connection;
      return look({ SPINE_DATABASE_URL: `postgres://${user}:${password}@127.0.0.1:${at}/spine` }, { nowMs: () => Date.now() + 60_000 });
    }],
    ['no backup', 'backup', /there is no backup/, /spine backup/, () => (mkdirSync(join(root, 'postgres/data')), put('postgres/data/PG_VERSION', '18\n'), look())],
  ];

  test.each(FAULTS)('%s', async (_fault, id, words, cure, provoke) => {
    const findings = unwell(await provoke());
    expect(findings.map((finding) => finding.id)).toContain(id);
    const found = findings.find((finding) => finding.id === id);
    expect(found?.words).toMatch(words);
    expect(found?.cure).toMatch(cure);
    // A site without a database has no backup to miss; where the fault makes one, that is all that may be said beside it.
    expect(findings.filter((finding) => finding.id !== id && finding.id !== 'backup')).toEqual([]);
  });

  test('the command says so with exit code 4', async () => {
    put('format.json', '{"format": 99}');
    const child = spawn(join(import.meta.dirname, '../node_modules/.bin/node'), [join(import.meta.dirname, '../main/cli/cli.ts'), 'doctor', '--json'], { env: { ...process.env, SPINE_DATA_DIR: root } });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(4);
    expect((JSON.parse(out) as Finding[]).find(({ id }) => id === 'format')).toMatchObject({ verdict: 'fault' });
  });
});
