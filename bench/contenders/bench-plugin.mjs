/**
 * The benchmark's handler as a plugin: notes when it starts, waits BENCH_HANDLER_MS, and that is all. Loaded by a site as its
 * operators' plugins are. Times go to the file BENCH_RUNS, 20 ms of them at a time, as the workers of the others tell theirs.
 */
import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const handlerMs = Number(process.env.BENCH_HANDLER_MS ?? 0);
const file = process.env.BENCH_RUNS ?? '';
/** Epoch ms with fractions: whole ones are as coarse as what is measured. */
const nowMs = () => performance.timeOrigin + performance.now();

let lines = '';
setInterval(() => {
  if (lines === '' || file === '') return;
  const text = lines;
  lines = '';
  void appendFile(file, text);
}, 20).unref();

export default ({ z, definePlugin, defineJob, defineHandler }) => {
  const benchJob = defineJob({
    type: 'BenchJob', description: 'Waits.', tier: 'realtime', triggers: [{ event: 'system.BenchTick' }],
    schema: z.looseObject({}), timeoutMs: 30_000, replaySafety: 'idempotent',
  });
  const floodJob = defineJob({
    type: 'BenchFloodJob', description: 'Waits for 20 ms.', tier: 'background', triggers: [{ event: 'system.BenchFlood' }],
    schema: z.looseObject({}), timeoutMs: 30_000, replaySafety: 'idempotent',
  });
  return definePlugin({
    name: 'bench',
    jobs: [benchJob, floodJob],
    handlers: [
      defineHandler(floodJob, () => sleep(20)),
      defineHandler(benchJob, async ({ job }) => {
        const startedMs = nowMs();
        if (handlerMs > 0) await sleep(handlerMs);
        lines += `${job.triggeringEventId} ${startedMs} ${nowMs()}\n`;
      }),
    ],
  });
};
