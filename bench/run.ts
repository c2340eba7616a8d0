/** npm run bench: the benchmark table, printed and written to bench/RESULTS.md with the machine named. */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { type LatencyResult, measureRealtimeLatency } from './realtime-latency.ts';

const results: LatencyResult[] = [];
await measureRealtimeLatency((result) => {
  results.push(result);
  process.stdout.write(`${row(result)}\n`);
});

function row(result: LatencyResult): string {
  const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  const cells = [result.scenario, result.events.toLocaleString('en'), result.ratePerSecond.toFixed(0), ms(result.p50Ms), ms(result.p95Ms), ms(result.p99Ms), ms(result.maxMs), result.donePerSecond.toFixed(0)];
  return `| ${cells.join(' | ')} |`;
}

const [cpu] = cpus();
writeFileSync(
  join(import.meta.dirname, 'RESULTS.md'),
  `# Benchmark results

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.version}.
Everything durable: NATS \`sync_interval: always\`, Postgres \`fsync = on\`, \`synchronous_commit = on\`. Read figures as ratios: such machines are noisy.

## Realtime: event published → handler started

From JetStream's own store time to the start of \`RunRuleEngineJob\`; load from a second process on the same machine; handler of ~0 ms.
\`done/s\` counts events from the first publish until every job has ended and its \`job.Completed\` is on the bus.

| scenario | events | published/s | p50 ms | p95 ms | p99 ms | max ms | done/s |
|---|---|---|---|---|---|---|---|
${results.map(row).join('\n')}
`,
);
