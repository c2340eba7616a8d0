/**
 * npm run bench:flow: the Flow page under 10,000 events a second for ten minutes: frames a second, memory of the page and of the
 * site, and what the page says of it. `--minutes 1 --rate 5000` takes less, `--write` puts the table into bench/RESULTS.md.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { ensureBuild } from '../scripts/ensure-build.ts';
import { openBrowser, openConsole } from '../tests/support/browser.ts';
import { memoryOfTree } from './process-memory.ts';
import { machine, writeSection } from './results.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, rate: { type: 'string', default: '10000' }, write: { type: 'boolean', default: false } } });
const MIB = 1_048_576;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Minute {
  readonly minute: number;
  /** Median and worst of the seconds. */
  readonly fps: number;
  readonly worstFps: number;
  readonly fedPerSecond: number;
  /** Events that are in the live feed and not in SQLite yet. */
  readonly behind: number;
  readonly pageMib: number;
  readonly siteMib: number;
  readonly says: string;
}

ensureBuild();
const folder = mkdtempSync(join(tmpdir(), 'spine-bench-flow-'));
chmodSync(folder, 0o755);
const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'flow-host.ts'), folder, values.rate], { stdio: ['ignore', 'pipe', 'inherit'] });
const fed: number[] = [];
let behind = 0;
const link = new Promise<string>((resolve, reject) => {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const found = /^fed (\d+), (\d+) not in SQLite$/.exec(line);
      if (found) [behind] = [Number(found[2]), fed.push(Number(found[1]))];
      else if (line.startsWith('link ')) resolve(line.slice(5));
      else say(line);
    }
  });
  child.once('exit', () => reject(new Error('the host ended')));
});

const browser = await openBrowser();
const minutes: Minute[] = [];
try {
  const { page, problems } = await openConsole(browser, await link);
  await page.evaluate(() => void (location.hash = '#/flow'));
  await page.locator('[role="grid"] [role="row"][aria-rowindex]').first().waitFor();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  // The first seconds compile and fill: none of the ten minutes.
  await page.waitForTimeout(10_000);
  say('| minute | fps median | fps worst second | fed/s | not in SQLite yet | page heap | site | the page says |\n|---|---|---|---|---|---|---|---|');
  for (let minute = 1; minute <= Number(values.minutes); minute += 1) {
    minutes.push(await measure(page, cdp, minute));
    say(rowOf(minutes.at(-1)));
  }
  if (problems.length > 0) throw new Error(`the page reported: ${problems.join('; ')}`);
  if (values.write) write();
} finally {
  await browser.close();
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(folder, { recursive: true, force: true });
}

async function measure(page: Page, cdp: CDPSession, minute: number): Promise<Minute> {
  fed.length = 0;
  const seconds = await page.evaluate(async () => {
    const frames: number[] = [];
    for (let second = 0; second < 58; second += 1) {
      const until = performance.now() + 1_000;
      let count = 0;
      while (performance.now() < until) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        count += 1;
      }
      frames.push(count);
    }
    return frames;
  });
  const sorted = seconds.toSorted((a, b) => a - b);
  // What is garbage counts as none: only what is kept may not grow.
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
  const total = fed.reduce((sum, count) => sum + count, 0);
  const site = memoryOfTree(child.pid ?? 0).filter(({ program }) => program !== 'postgres' && program !== 'nats-server').reduce((sum, { pssBytes }) => sum + pssBytes, 0);
  return {
    minute, fps: sorted[Math.floor(sorted.length / 2)] ?? 0, worstFps: sorted[0] ?? 0, fedPerSecond: total / Math.max(1, fed.length),
    behind, pageMib: heap / MIB, siteMib: site / MIB,
    says: (await page.locator('.grid-foot span').first().textContent()) ?? '',
  };
}

function rowOf(row: Minute | undefined): string {
  if (!row) return '';
  const n = (value: number): string => Math.round(value).toLocaleString('en');
  return `| ${row.minute} | ${row.fps} | ${row.worstFps} | ${n(row.fedPerSecond)} | ${n(row.behind)} | ${n(row.pageMib)} MiB | ${n(row.siteMib)} MiB | ${row.says} |`;
}

function write(): void {
  writeSection('flow', `## Flow under ${Number(values.rate).toLocaleString('en')} events a second

Written by \`npm run bench:flow -- --write\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}. Load of the machine in the minute before its end: ${loadavg()[0]?.toFixed(1) ?? '?'}.
Events, five to a correlation, are fed behind the bus into reading, live feed and SQLite; Chromium is headless and draws without a GPU, on the same two cores. Wanted: at least 45 fps, and memory that does not grow.
Heap of the page after a garbage collection; the site is one process with its threads, proportional set size.

| minute | fps median | fps worst second | fed/s | not in SQLite yet | page heap | site | the page says |
|---|---|---|---|---|---|---|---|
${minutes.map(rowOf).join('\n')}
`);
  say('Written to bench/RESULTS.md.');
}
