import { afterEach, expect, it, vi } from 'vitest';
import { backoffMs, supervise } from './supervisor.ts';
import type { EmbeddedLogEntry, ServerSpec, SupervisedServer } from './supervisor.ts';
import { reaches } from './test-site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let server: SupervisedServer | undefined;
afterEach(() => server?.stop());

const entries: EmbeddedLogEntry[] = [];
function spec(script: string, changes: Partial<ServerSpec> = {}): ServerSpec {
  return {
    component: 'nats', command: process.execPath, args: ['-e', script], cwd: '/', env: process.env,
    answers: () => Promise.resolve(), answerLimitMs: 10_000, stopLadder: [{ signal: 'SIGTERM', waitMs: 200 }],
    firstStartTries: 1, logTail: () => '', log: (entry) => entries.push(entry), ...changes,
  };
}
const STAY = 'setInterval(() => {}, 1000)';

it('doubles the pause up to five seconds', () => {
  expect([0, 1, 2, 5, 6, 60].map(backoffMs)).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
});

it('tells a server\'s last words when it will not start', async () => {
  const silent = spec('console.error("no room left"); process.exitCode = 3', { answers: () => Promise.reject(new Error('refused')) });
  await expect(supervise(silent)).rejects.toThrow(/exited with code 3.*no room left/s);
  await expect(supervise(spec('', { command: '/nowhere/server', answers: () => Promise.reject(new Error('refused')) }))).rejects.toThrow(/ENOENT/);
});

it('ends a server that never answers', async () => {
  let pid: number | undefined;
  const mute = spec(`console.error('pid', process.pid); ${STAY}`, { answers: () => Promise.reject(new Error('mute')), answerLimitMs: 400 });
  const error = await supervise(mute).catch((caught: unknown) => caught as Error);
  pid = Number(/pid (\d+)/.exec((error as Error).message)?.[1]);
  expect((error as Error).message).toContain('no answer within 400 ms: mute');
  expect(() => process.kill(pid, 0)).toThrow();
});

it('starts it again when it dies, and kills one that ignores SIGTERM', async () => {
  server = await supervise(spec(`process.on('SIGTERM', () => {}); ${STAY}`));
  const first = server.pid() ?? 0;
  const again = reaches(server, 'running');
  process.kill(first, 'SIGKILL');
  await again;
  const second = server.pid() ?? 0;
  expect(second).not.toBe(first);
  await server.stop();
  expect(server.state()).toBe('stopped');
  expect(() => process.kill(second, 0)).toThrow();
});

it('gives a pending restart up when stopped', async () => {
  server = await supervise(spec(STAY));
  const dead = reaches(server, 'restarting');
  process.kill(server.pid() ?? 0, 'SIGKILL');
  await dead;
  await server.stop();
  expect(server.state()).toBe('stopped');
  expect(server.pid()).toBeNull();
});
