import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextWriter, Uint8ArrayReader, ZipReader } from '@zip.js/zip.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diagnosticsName, writeDiagnostics } from './diagnostics-zip.ts';
import { redactor } from './redact.ts';

describe('a report for a helper', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spine-diagnostics-'));
  const SEED = `SU${'A2B3'.repeat(14)}`;
  /** Each stands somewhere in the folder or the environment. None may stand in the zip. */
  const SECRETS = ['hunter2-database', SEED, 'launch-token-7', 'header-value-1', 'plain-in-yaml', 'pw-in-url', 'env-token-99'];
  const inside = new Map<string, string>();

  beforeAll(async () => {
    for (const name of ['secrets', 'run', 'logs/postgres', 'nats']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'secrets', 'postgres.password'), 'hunter2-database\n');
    writeFileSync(join(folder, 'secrets', 'nats-admin.nk'), `${SEED}\n`);
    writeFileSync(join(folder, 'run', 'token'), 'launch-token-7');
    writeFileSync(join(folder, 'spine.yaml'), `# plain-in-yaml\nsite: w3\ndatabase: { url: "postgres://u:pw-in-url@db/x", password: { env: DB_PW } }\nchannels: { crm: { kind: webhook, url: "https://crm.example.invalid", headers: { x-key: header-value-1 } } }\nllm: { apiKey: plain-in-yaml }\n`);
    writeFileSync(join(folder, 'logs', 'spine.log'), `{"msg":"connecting to postgres://u:pw-in-url@db/x with hunter2-database"}\n{"msg":"Authorization: Bearer env-token-99"}\n${SEED}\n`);
    writeFileSync(join(folder, 'logs', 'postgres', 'postgres-Tue.log'), `${'x'.repeat(99)}\n`.repeat(8_000) + 'the last line\n');
    const file = join(folder, 'report.zip');
    const written = await writeDiagnostics(file, { env: { SPINE_SECRET_X: 'env-token-99', SPINE_DATABASE_URL: 'postgres://u:pw-in-url@db/x', HOME: '/home/anna' }, dataFolder: folder, more: { 'shell.json': '{"token": "launch-token-7"}' } });
    expect(written.bytes).toBe(statSync(file).size);
    const zip = new ZipReader(new Uint8ArrayReader(new Uint8Array(readFileSync(file))));
    for (const entry of await zip.getEntries()) if (!entry.directory) inside.set(entry.filename, await entry.getData(new TextWriter()));
    expect([...inside.keys()]).toEqual(written.entries);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(SECRETS)('holds no secret: %s', (secret) => {
    for (const [name, text] of inside) expect(text, name).not.toContain(secret);
  });

  test('holds versions, machine, settings, sizes and the ends of the logs', () => {
    expect([...inside.keys()]).toEqual(['versions.json', 'machine.json', 'environment.txt', 'settings.yaml', 'data-folder.txt', 'shell.json', 'logs/postgres/postgres-Tue.log', 'logs/spine.log'].sort((a, b) => [...inside.keys()].indexOf(a) - [...inside.keys()].indexOf(b)));
    expect(JSON.parse(inside.get('versions.json') ?? '')).toMatchObject({ spine: expect.stringMatching(/^\d/), node: process.versions.node });
    expect(inside.get('settings.yaml')).toContain('"env": "DB_PW"');
    expect(inside.get('settings.yaml')).toContain('postgres://u:‹hidden›@db/x');
    expect(inside.get('environment.txt')).not.toContain('anna');
    const log = inside.get('logs/postgres/postgres-Tue.log') ?? '';
    expect(log.length).toBeLessThan(600_000);
    expect(log).toMatch(/^… \d+ bytes before this are left out\nx{99}\n/);
    expect(log).toMatch(/the last line\n$/);
  });

  test('is readable by its owner alone', () => {
    expect(statSync(join(folder, 'report.zip')).mode & 0o777).toBe(0o600);
  });
});

describe('hiding', () => {
  const hide = redactor(['abc']);
  test('leaves values alone that are too short to tell from words', () => expect(hide('abcdef')).toBe('abcdef'));
  test('hides a password in any URL, and keeps the rest', () => expect(hide('amqp://u:p@h:1/x?y=1')).toBe('amqp://u:‹hidden›@h:1/x?y=1'));
  test('hides JSON fields and settings', () => expect(hide('{"password":"x y","n":1} token=abc123')).toBe('{"password":‹hidden›,"n":1} token=‹hidden›'));
});

test('a name tells host and time', () => expect(diagnosticsName(Date.UTC(2026, 10, 24, 3, 12), 'Workshop 3')).toBe('spine-diagnostics-workshop-3-20261124-0312.zip'));
