/**
 * npm run bench:start: how long a site takes from nothing to the first event handled, and how much memory it holds when idle.
 * Runs the built services on plain Node, as a packaged app has them; a window's own start is not in it. `--write` puts the
 * figures into bench/RESULTS.md. Ends with 1 if a median breaks its promise.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, getPriority, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild, root } from '../scripts/ensure-build.ts';
import { memoryOfTree, type ProcessMemory } from './process-memory.ts';
import { machine, writeSection } from './results.ts';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' }, 'idle-seconds': { type: 'string', default: '60' } } });
const RUNS = Number(values.runs);
const IDLE_MS = Number(values['idle-seconds']) * 1_000;
const PROMISE = { firstMs: 4_000, laterMs: 2_000, idleBytes: 350 * 2 ** 20 };

interface Running {
  readonly child: ChildProcess;
  /** From the start of the process to the start of the first event's handler, ms. */
  readonly handledMs: number;
  /** …to the console being served, ms. */
  readonly servedMs: number;
}

async function start(folder: string): Promise<Running> {
  const from = Date.now();
  const child = spawn(join(root, 'node_modules/node/bin/node'), [join(root, 'out/main/headless.js')], { cwd: '/', env: { PATH: process.env.PATH, SPINE_DATA_DIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] });
  // A benchmark that fails leaves no site behind.
  process.once('exit', () => child.kill('SIGTERM'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  while (!output.includes('Console  ')) {
    if (child.exitCode !== null) throw new Error(`the site ended with code ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const servedMs = Date.now() - from;
  const { url } = JSON.parse(readFileSync(join(folder, 'run', 'site.json'), 'utf8')) as { url: string };
  const headers = { authorization: `Bearer ${readFileSync(join(folder, 'run', 'token'), 'utf8')}`, 'content-type': 'application/json' };
  const published = await fetch(new URL('/api/events', url), { method: 'POST', headers, body: JSON.stringify({ eventType: 'communication.CallStarted', source: 'bench', data: { callId: `c-${from}`, from: '+49 30 1', to: '+49 30 2', direction: 'inbound' } }) });
  if (published.status !== 201) throw new Error(`publishing answers ${published.status}: ${await published.text()}`);
  const { correlationId } = (await published.json()) as { correlationId: string };
  for (;;) {
    const answer = await fetch(new URL(`/api/v1/traces/${correlationId}`, url), { headers });
    const trace = answer.ok ? ((await answer.json()) as { jobs: { startedMs: number | null }[] }) : { jobs: [] };
    const started = trace.jobs.find(({ startedMs }) => startedMs !== null)?.startedMs;
    if (typeof started === 'number') return { child, servedMs, handledMs: started - from };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function stop({ child }: Running): Promise<void> {
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
const mebi = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

ensureBuild();
// What else runs takes its share of the cores: the figures are read beside it.
const loadBefore = loadavg()[0] ?? 0;
const first: Running[] = [];
const later: Running[] = [];
let memory: ProcessMemory[] = [];
for (let run = 0; run < RUNS; run += 1) {
  const folder = mkdtempSync(join(tmpdir(), 'spine-bench-'));
  chmodSync(folder, 0o755);
  const cold = await start(folder);
  first.push(cold);
  await stop(cold);
  const warm = await start(folder);
  later.push(warm);
  if (run === RUNS - 1) {
    // What a start leaves behind is collected within a minute or so.
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    memory = memoryOfTree(warm.child.pid ?? 0);
  }
  await stop(warm);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  process.stdout.write(`run ${run + 1}: first ${seconds(cold.handledMs)}, later ${seconds(warm.handledMs)}\n`);
}

const all = { pss: memory.reduce((sum, { pssBytes }) => sum + pssBytes, 0), rss: memory.reduce((sum, { rssBytes }) => sum + rssBytes, 0) };
const programs = [...Map.groupBy(memory, ({ program }) => program)].map(([program, processes]) => row([program, String(processes.length), mebi(processes.reduce((sum, { pssBytes }) => sum + pssBytes, 0)), mebi(processes.reduce((sum, { rssBytes }) => sum + rssBytes, 0))]));
const worst = (runs: readonly Running[]): number => Math.max(...runs.map(({ handledMs }) => handledMs));
const text = `## Cold start and idle memory

\`npm run bench:start\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}. ${RUNS} runs; the built services on plain Node with embedded servers, without a window.
Load of the machine when it began: ${loadBefore.toFixed(1)} on ${availableParallelism()} cores${loadBefore > 0.5 ? ', by other work that ran beside it all the time' : ''}${getPriority() < 0 ? `; the site had a higher priority than that (nice ${getPriority()})` : ''}.
Handled: from the start of the process to the start of the handler of the first event, which is published over HTTP as soon as the console is served.

| start | console served, median | first event handled, median | worst | promise |
|---|---|---|---|---|
${row(['first, on an empty folder (initdb included)', seconds(median(first.map(({ servedMs }) => servedMs))), seconds(median(first.map(({ handledMs }) => handledMs))), seconds(worst(first)), `≤ ${seconds(PROMISE.firstMs)}`])}
${row(['later', seconds(median(later.map(({ servedMs }) => servedMs))), seconds(median(later.map(({ handledMs }) => handledMs))), seconds(worst(later)), `≤ ${seconds(PROMISE.laterMs)}`])}

Memory after ${IDLE_MS / 1_000} s without load: **${mebi(all.pss)}** (promise: ≤ ${mebi(PROMISE.idleBytes)}), counted as PSS: pages that processes share count once. RSS counts them for each process.

| program | processes | PSS | RSS |
|---|---|---|---|
${programs.join('\n')}
| all | ${memory.length} | ${mebi(all.pss)} | ${mebi(all.rss)} |
`;
process.stdout.write(`\n${text}`);
if (values.write) writeSection('cold-start', text);
const handled = (runs: readonly Running[]): number => median(runs.map(({ handledMs }) => handledMs));
process.exit(handled(first) <= PROMISE.firstMs && handled(later) <= PROMISE.laterMs && all.pss <= PROMISE.idleBytes ? 0 : 1);
