import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findNatsServer, findPostgres } from './binaries.ts';
import { testSite } from './test-site.ts';
import type { TestSite } from './test-site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let site: TestSite;
beforeEach(() => {
  site = testSite();
  site.open();
});
afterEach(() => site.end());

function program(name: string, script: string): string {
  const path = join(site.path, 'programs', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

it('finds what the site brings along', async () => {
  expect((await findNatsServer({ env: process.env })).version).toMatch(/^2\.\d+\.\d+/);
  const postgres = await findPostgres({ env: {} });
  expect(postgres).toMatchObject({ major: 18, source: 'package', isSelfContained: true });
});

it('refuses a configured path that is absent, although others could be found', async () => {
  await expect(findNatsServer({ env: { ...process.env, SPINE_NATS_SERVER_BIN: '/nowhere/nats-server' } })).rejects.toThrow(/^SPINE_NATS_SERVER_BIN: there is no file \/nowhere/);
  await expect(findPostgres({ env: { SPINE_POSTGRES_BIN_DIR: site.path } })).rejects.toThrow(/^SPINE_POSTGRES_BIN_DIR: .*does not hold postgres and initdb/);
});

it('refuses versions that are too old', async () => {
  await expect(findNatsServer({ env: {}, configured: program('old-nats', 'echo "nats-server: v2.9.10"') })).rejects.toThrow(/2\.9\.10, which is too old.*SPINE_NATS_SERVER_BIN/);
  program('postgres', 'echo "postgres (PostgreSQL) 12.3 (Debian)"');
  program('initdb', '');
  await expect(findPostgres({ env: {}, configured: join(site.path, 'programs') })).rejects.toThrow(/12\.3, which is too old.*SPINE_POSTGRES_BIN_DIR/);
});

it('refuses what is another program or does not run', async () => {
  await expect(findNatsServer({ env: {}, configured: program('other', 'echo hello') })).rejects.toThrow(/answered "hello"/);
  await expect(findNatsServer({ env: {}, configured: program('broken', 'echo no such library >&2; exit 127') })).rejects.toThrow(/does not run .*no such library/s);
});
