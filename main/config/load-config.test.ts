import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../shared/errors.ts';
import { loadConfig } from './load-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'spine-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(yaml: string, env: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'spine.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ SPINE_CONFIG: file, ...env }, folder);
}

function problem(yaml: string, env?: NodeJS.ProcessEnv): ConfigError {
  try {
    load(yaml, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('configuration', () => {
  test('nothing given means defaults', () => {
    const { config, file } = loadConfig({}, join(folder, 'nowhere'));
    expect(file).toBeNull();
    expect(config.streams).toEqual({ platformEvents: 30 * 86_400_000, connectorData: 7 * 86_400_000, auditLog: 365 * 86_400_000, duplicateWindow: 1_200_000 });
    expect(config.workers.enabled).toBe(true);
  });

  test('the environment overrides the file', () => {
    const { config } = load('nats: { url: "nats://a:4222" }', { SPINE_NATS_URL: 'nats://b:4222', SPINE_WORKERS: 'off', SPINE_HTTP_PORT: '8123' });
    expect(config).toMatchObject({ nats: { url: 'nats://b:4222' }, workers: { enabled: false }, http: { port: 8123 } });
  });

  test('backups go into the data folder unless another is named', () => {
    expect(load('backup: { keep: 3 }').config.backup).toMatchObject({ folder: join(folder, 'backups'), keep: 3 });
    expect(load('backup: { folder: elsewhere }').config.backup?.folder).toBe('elsewhere');
    expect(problem('backup: { folder: "" }').message).toContain('backup.folder');
  });

  test.each([
    ['unknown key', 'chanels: {}', 'chanels', 'is not a setting'],
    ['unknown key, nested', 'http: { prot: 1 }', 'http.prot', 'is not a setting'],
    ['bad cron', 'schedules: [{ id: a, cron: "61 * * * *", jobType: X }]', 'schedules.a.cron', 'not a cron expression'],
    ['bad time zone', 'schedules: [{ id: a, cron: "* * * * *", timeZone: Mars/Base, jobType: X }]', 'schedules.0.timeZone', 'Europe/Berlin'],
    ['bad duration', 'streams: { platformEvents: "30 days" }', 'streams.platformEvents', 'duration'],
    ['retention under the duplicate window', 'streams: { connectorData: "1min" }', 'streams.connectorData', 'duplicateWindow'],
    ['a secret in the file', 'llm: { url: "http://127.0.0.1:1/v1", model: m, apiKey: "sk-123" }', 'llm.apiKey', '{ env: NAME }'],
    ['an id used twice', 'schedules: [{ id: a, cron: "* * * * *", jobType: X }, { id: a, cron: "* * * * *", jobType: X }]', 'schedules.1.id', 'used twice'],
    ['no YAML', 'site: [', 'spine.yaml', ''],
  ])('%s is refused and named', (_case, yaml, setting, words) => {
    const error = problem(yaml);
    expect(error.setting).toContain(setting);
    expect(error.message).toContain(words);
  });

  test.each([
    ['SPINE_HTTP_PORT', '99999'],
    ['SPINE_WORKERS', 'maybe'],
    ['SPINE_NATS_URL', 'localhost'],
    ['SPINE_DATABASE_URL', 'mysql://x'],
    ['SPINE_CONFIG', '/nowhere/spine.yaml'],
  ])('a bad %s is refused and named', (name, value) => {
    expect(problem('', { [name]: value }).setting).toBe(name);
  });

  test('a secret is read from the environment or a file, and its absence is named', () => {
    const { secret } = load('', { GATE: 'open sesame' });
    writeFileSync(join(folder, 'key'), 'from file\n');
    expect(secret({ env: 'GATE' }, 'x')).toBe('open sesame');
    expect(secret({ file: 'key' }, 'x')).toBe('from file');
    expect(() => secret({ env: 'ABSENT' }, 'channels.mail.password')).toThrow(/channels\.mail\.password.*ABSENT/);
  });
});
