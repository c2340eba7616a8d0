import { expect, test } from 'vitest';
import type { ClaimedJob, JobQueue } from '../job-queue/job-queue.ts';
import { Pump } from './pump.ts';

const claim = (attempt: number): ClaimedJob[] => [{ id: 'a', queue: 'realtime', attempt, payload: {} }];

/** A pump whose runs end when they are told to. */
function makePump(): { pump: Pump; runs: { attempt: number; end: () => void }[] } {
  const runs: { attempt: number; end: () => void }[] = [];
  const pump = new Pump({
    queueName: 'realtime', concurrency: 4, pace: () => ({ everyMs: 0, atMost: Number.POSITIVE_INFINITY }), jobTypes: [], queue: {} as JobQueue, onClaimed: () => {}, onError: (error) => expect.unreachable(String(error)),
    run: ({ attempt }) => new Promise((resolve) => runs.push({ attempt, end: resolve })),
  });
  return { pump, runs };
}

test('the attempt that runs is not started a second time, should a crash of Postgres bring its job anew', async () => {
  const { pump, runs } = makePump();
  pump.fill(claim(1), 0);
  pump.fill(claim(1), 0);
  expect(runs.map(({ attempt }) => attempt)).toEqual([1]);
  runs[0]?.end();
  await expect.poll(() => {
    pump.fill(claim(1), 0);
    return runs.length;
  }).toBe(2);
});

test('a later attempt of a job is started beside the one that lost its claim', () => {
  const { pump, runs } = makePump();
  pump.fill(claim(1), 0);
  pump.fill(claim(2), 0);
  expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
});
