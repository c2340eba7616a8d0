/** The benchmark's handler as a plugin: waits BENCH_HANDLER_MS, and that is all. Loaded by a site as its operators' plugins are. */
import { setTimeout as sleep } from 'node:timers/promises';

const handlerMs = Number(process.env.BENCH_HANDLER_MS ?? 0);

export default ({ z, definePlugin, defineJob, defineHandler }) => {
  const benchJob = defineJob({
    type: 'BenchJob', description: 'Waits.', tier: 'realtime', triggers: [{ event: 'system.BenchTick' }],
    schema: z.looseObject({}), timeoutMs: 30_000, replaySafety: 'idempotent',
  });
  return definePlugin({
    name: 'bench',
    jobs: [benchJob],
    handlers: [
      defineHandler(benchJob, async () => {
        if (handlerMs > 0) await sleep(handlerMs);
      }),
    ],
  });
};
