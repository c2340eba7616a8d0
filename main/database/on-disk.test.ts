/** Which commits prove what. Its own connection never answers here, so that only they can tell; the crash itself is in on-disk.integration.test.ts. */
import type pg from 'pg';
import { expect, test, vi } from 'vitest';
import { OnDisk } from './on-disk.ts';

async function opened(): Promise<{ onDisk: OnDisk; told: unknown[]; ownCommits: () => number }> {
  let ownCommits = 0;
  const silent = { query: () => new Promise(() => (ownCommits += 1)), once: () => {}, end: async () => {} };
  const onDisk = new OnDisk({ connect: async () => silent as unknown as pg.Client, onError: (error) => expect.unreachable(String(error)) });
  await onDisk.open();
  return { onDisk, told: [], ownCommits: () => ownCommits };
}

test('a later commit tells, on a connection that was open before the first one was sent', async () => {
  const { onDisk, told } = await opened();
  const connection = {};
  onDisk.opened(connection);
  onDisk.after(performance.now(), (lost) => told.push(lost));
  onDisk.committed(connection, performance.now());
  expect(told).toEqual([null]);
});

test('a commit on a connection that was opened later tells nothing: the server may have crashed in between', async () => {
  const { onDisk, told } = await opened();
  onDisk.after(performance.now(), (lost) => told.push(lost));
  const later = {};
  onDisk.opened(later);
  onDisk.committed(later, performance.now());
  onDisk.committed({}, performance.now());
  expect(told).toEqual([]);
});

test('a commit that was sent before the first one was answered tells nothing: it may lie before it in the log', async () => {
  const { onDisk, told } = await opened();
  const connection = {};
  onDisk.opened(connection);
  const begunMs = performance.now();
  onDisk.after(performance.now(), (lost) => told.push(lost));
  onDisk.committed(connection, begunMs - 1);
  expect(told).toEqual([]);
  onDisk.committed(connection, performance.now());
  expect(told).toEqual([null]);
});

test('each is told once, at the latest when it is closed', async () => {
  const { onDisk, told } = await opened();
  onDisk.after(performance.now(), (lost) => told.push(lost));
  await onDisk.close();
  expect(told).toMatchObject([{ code: 'unavailable', what: 'PostgreSQL' }]);
  onDisk.after(performance.now(), (lost) => told.push(lost));
  expect(told).toHaveLength(2);
});

test('a commit of its own is made for the one that nobody has told for ten milliseconds, not for those that others tell', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const { onDisk, told, ownCommits } = await opened();
    const connection = {};
    onDisk.opened(connection);
    for (let n = 1; n <= 20; n += 1) {
      vi.advanceTimersByTime(1);
      onDisk.after(performance.now(), (lost) => told.push(lost));
      vi.advanceTimersByTime(6);
      onDisk.committed(connection, performance.now());
      expect(told).toHaveLength(n);
    }
    expect(ownCommits()).toBe(0);
    onDisk.after(performance.now(), (lost) => told.push(lost));
    vi.advanceTimersByTime(9);
    expect(ownCommits()).toBe(0);
    vi.advanceTimersByTime(2);
    expect(ownCommits()).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
