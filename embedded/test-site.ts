/** For tests: a data folder in a temporary place, with all that was started on it ended afterwards. */
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDataFolder } from './data-folder.ts';
import type { DataFolder } from './data-folder.ts';
import type { EmbeddedLogEntry, ServerState } from './supervisor.ts';
import { findServers } from './orphans.ts';

export interface TestSite {
  path: string;
  entries: EmbeddedLogEntry[];
  log: (entry: EmbeddedLogEntry) => void;
  open(): DataFolder;
  /** Registers something to stop, last first. */
  defer(stop: () => unknown): void;
  end(): Promise<void>;
}

export function testSite(): TestSite {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'spine-embedded-')));
  chmodSync(parent, 0o711); // mkdtemp closes it; Postgres' user must pass
  const path = join(parent, 'site');
  const stops: (() => unknown)[] = [];
  const entries: EmbeddedLogEntry[] = [];
  return {
    path,
    entries,
    log: (entry) => entries.push(entry),
    open: () => {
      const folder = openDataFolder(path);
      stops.push(() => folder.release());
      return folder;
    },
    defer: (stop) => stops.push(stop),
    end: async () => {
      for (const stop of stops.reverse()) await stop();
      for (const pid of serversOn(path)) process.kill(pid, 'SIGKILL');
      rmSync(parent, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

/** Pids of the servers that run on a site's folder. */
export function serversOn(path: string): number[] {
  return [
    ...findServers({ executable: 'nats-server', argument: join(path, 'run', 'nats.conf') }),
    ...findServers({ executable: 'postgres', argument: join(path, 'postgres', 'data') }),
  ];
}

/** Resolves when the server enters `state`. */
export function reaches(server: { onStateChange(listener: (state: ServerState) => void): () => void }, state: ServerState): Promise<void> {
  return new Promise((resolve) => {
    const leave = server.onStateChange((now) => {
      if (now !== state) return;
      leave();
      resolve();
    });
  });
}

export interface TestHost {
  child: ChildProcess;
  /** What test-host.ts said once all ran. */
  said: { nats: number; postgres: number; natsPort: number; postgresPort: number };
}

/** Runs test-host.ts in a process of its own. */
export function spawnHost(path: string, identity: { uid?: number; gid?: number } = {}): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [fileURLToPath(new URL('test-host.ts', import.meta.url)), path], { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', ...identity });
}

/** Runs test-host.ts and waits for its word. */
export async function startHost(path: string, identity: { uid?: number; gid?: number } = {}): Promise<TestHost> {
  const child = spawnHost(path, identity);
  let errors = '';
  child.stderr.on('data', (data) => (errors += String(data)));
  const said = await Promise.race([
    once(child.stdout, 'data').then(([data]) => JSON.parse(String(data)) as TestHost['said']),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`host ended with ${String(code)}: ${errors}`))),
  ]);
  return { child, said };
}
