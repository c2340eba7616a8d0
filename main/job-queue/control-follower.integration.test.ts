/** What is said of queues and jobs in one process reaches the workers of another. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { rememberCancelled } from './cancelled-jobs.ts';
import { ControlFollower } from './control-follower.ts';
import { changeConcurrency, pauseQueue, resumeQueue } from './queue-control.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db?.stop());

test('pauses, numbers and cancellations arrive, those from before the start at once, and are taken back', async () => {
  const sql = db.database.intake;
  const said: string[] = [];
  await pauseQueue(sql, 'realtime', 'ann', 'maintenance');
  const follower = new ControlFollower({
    pool: db.database.work,
    workers: { setPaused: (queue, paused) => void said.push(`${queue} ${paused ? 'paused' : 'resumed'}`), setConcurrency: (queue, n) => void said.push(`${queue} ${n ?? 'as configured'}`), cancel: (jobId, because) => (said.push(`${jobId}: ${because}`), true) },
    onError: (error) => expect.unreachable(String(error)),
  });
  await follower.start();
  expect(said.splice(0)).toEqual(['realtime paused']);
  await changeConcurrency(sql, 'interactive', 2, 'ann', 'slow');
  await expect.poll(() => said, { timeout: 5_000 }).toEqual(['interactive 2']);
  said.splice(0);
  await resumeQueue(sql, 'realtime');
  await changeConcurrency(sql, 'interactive', null, 'ann', 'fast');
  await expect.poll(() => said, { timeout: 5_000 }).toEqual(['realtime resumed', 'interactive as configured']);
  said.splice(0);
  const jobId = randomUUID();
  await rememberCancelled(sql, jobId, { operator: 'ann', reason: 'wrong' });
  await expect.poll(() => said, { timeout: 5_000 }).toContain(`${jobId}: Cancelled by ann: wrong`);
  await follower.stop();
});
