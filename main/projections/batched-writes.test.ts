import { expect, test } from 'vitest';
import { BatchedWrites } from './batched-writes.ts';

test('what arrives during a write goes with the next, in order, and who adds too much waits', async () => {
  const written: number[][] = [];
  let release: () => void = () => {};
  const writes = new BatchedWrites<number>(3, () => 1, async (items) => {
    written.push(items);
    await new Promise<void>((resolve) => (release = resolve));
  });
  await writes.add(1);
  await writes.add(2);
  await writes.add(3);
  let added = false;
  const fourth = writes.add(4).then(() => (added = true));
  await Promise.resolve();
  expect([written, added]).toEqual([[[1]], false]);
  release();
  await expect.poll(() => written).toEqual([[1], [2, 3, 4]]);
  release();
  await fourth;
  await writes.drain();
  expect(written.flat()).toEqual([1, 2, 3, 4]);
});

test('large items count for more', async () => {
  let release: () => void = () => {};
  const writes = new BatchedWrites<readonly string[]>(3, (items) => items.length, () => new Promise<void>((resolve) => (release = resolve)));
  await writes.add(['under way']);
  let added = false;
  const large = writes.add(['a', 'b', 'c']).then(() => (added = true));
  await Promise.resolve();
  expect(added).toBe(false);
  release();
  await expect.poll(() => { release(); return added; }).toBe(true);
  await large;
});

test('a write that fails is told to whoever adds next and to who waits for the end, and nothing is written after it', async () => {
  const written: number[][] = [];
  const writes = new BatchedWrites<number>(10, () => 1, async (items) => {
    written.push(items);
    throw new Error('the disk is full');
  });
  await writes.add(1).catch(() => {});
  await expect(writes.drain()).rejects.toThrow('the disk is full');
  await expect(writes.add(2)).rejects.toThrow('the disk is full');
});
