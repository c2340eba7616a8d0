/** A console that is killed -9 leaves its servers running; the next one stops them and starts its own. */
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { serversOn, spawnHost, startHost, testSite } from './test-site.ts';
import type { TestSite } from './test-site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let site: TestSite;
beforeEach(() => void (site = testSite()));
afterEach(() => site.end());

it('stops the orphans of a killed console and starts on the same ports', async () => {
  const first = await startHost(site.path);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  expect(serversOn(site.path).toSorted()).toEqual([first.said.nats, first.said.postgres].toSorted());

  const before = performance.now();
  const second = await startHost(site.path);
  expect(performance.now() - before).toBeLessThan(5_000);
  expect(serversOn(site.path).toSorted()).toEqual([second.said.nats, second.said.postgres].toSorted());
  expect(second.said).toMatchObject({ natsPort: first.said.natsPort, postgresPort: first.said.postgresPort });
  expect(second.said.nats).not.toBe(first.said.nats);

  second.child.kill('SIGTERM');
  await once(second.child, 'exit');
  expect(serversOn(site.path)).toEqual([]);
});

it('survives being killed at several moments of its first start', async () => {
  // The moments are told by what appears on disk: the lock, half-made data, and whole data.
  for (const sign of ['run/site.lock.json', 'postgres/data.new/PG_VERSION', 'postgres/data/postmaster.pid']) {
    const child = spawnHost(site.path);
    const gone = once(child, 'exit');
    let hasSign = false;
    while (!hasSign && child.exitCode === null) {
      await delay(2);
      hasSign = existsSync(join(site.path, sign));
    }
    child.kill('SIGKILL');
    await gone;
    expect(hasSign).toBe(true);
  }
  const host = await startHost(site.path);
  expect(serversOn(site.path).toSorted()).toEqual([host.said.nats, host.said.postgres].toSorted());
  host.child.kill('SIGTERM');
  await once(host.child, 'exit');
});

it('works for an ordinary user', async ({ skip }) => {
  skip(process.getuid?.() !== 0, 'only root can start a process as another user');
  const nobody = { uid: 65_534, gid: 65_534 };
  mkdirSync(site.path);
  chownSync(site.path, nobody.uid, nobody.gid);
  const host = await startHost(site.path, nobody);
  expect(serversOn(site.path)).toHaveLength(2);
  host.child.kill('SIGTERM');
  await once(host.child, 'exit');
  expect(serversOn(site.path)).toEqual([]);
});
