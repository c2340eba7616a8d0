/**
 * npm run bench:traces: the trace explorer over a read model of 5 million events. Fills the file (about ten minutes; `--file`
 * keeps it for the next run), starts a site on it, asks its API and a real Chromium, prints a table, and with `--write` puts it
 * into bench/RESULTS.md. `--events 200000` takes fewer, `--only server` or `--only browser` a part.
 */
import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { ensureBuild } from '../scripts/ensure-build.ts';
import type { TraceSearchResult } from '../shared/operator-api/index.ts';
import { TextIndex } from '../main/projections/text-index.ts';
import { openBrowser, openConsole } from '../tests/support/browser.ts';
import { SiteProcess } from '../tests/support/site-process.ts';
import { type Filled, fillProjection } from './fill-projection.ts';
import { machine, writeSection } from './results.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '5000000' }, file: { type: 'string' }, only: { type: 'string' }, write: { type: 'boolean', default: false } } });
const LARGE = 50_000;
const RUNS = 30;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Each query n times; `$n` is another number each time, so that no answer is remembered. */
const SEARCHES: readonly (readonly [what: string, line: string, most: number])[] = [
  ['event type', 'type:communication.MessageSent', 300],
  ['all types of a domain', 'type:rule.*', 300],
  ['job type', 'job:SendOutgoingMessageJob', 300],
  ['source', 'source:connector.crm', 300],
  ['rare source', 'source:operator', 300],
  ['name of an error', 'error:RateLimitedError', 300],
  ['state', 'state:dead', 300],
  ['duration', 'took:>1min', 300],
  ['time', 'since:6h', 300],
  ['type, duration and state', 'type:rule.* took:>3s state:failed', 300],
  ['payload field, in thousands', 'data.customer.tier:vip', 1_000],
  ['payload field, in some', 'data.customer.id:$n', 1_000],
  ['words of a payload', '"Lovelace" data.record.city:Berlin', 1_000],
  ['one word in one event', '$rare', 1_000],
  ['words of an error', 'error:"receiver is being restarted"', 1_000],
];

ensureBuild();
const folder = mkdtempSync(join(tmpdir(), 'spine-bench-traces-'));
const file = values.file ?? join(folder, 'lineage.sqlite');
const filled = existsSync(`${file}.json`) ? (JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Filled) : fill(Number(values.events));
const rows: string[][] = [];
const site = new SiteProcess({ config: { site: 'bench' } });
try {
  // A first start makes the streams and the stamp that the read model is held against.
  await site.start();
  await site.stop();
  const own = join(site.folder, 'projections', 'lineage.sqlite');
  for (const ending of ['', '-wal', '-shm', '.text', '.text-wal', '.text-shm']) rmSync(own + ending, { force: true });
  for (const ending of ['', '.text']) linkSync(file + ending, own + ending);
  await site.start();
  if (values.only !== 'browser') {
    await askServer();
    write('server', `Whole HTTP requests for traces by id, \`tookMs\` of the answer for searches: ${RUNS} runs each, the first of each kind from a cold cache; the process has answered three requests before.`);
  }
  if (values.only !== 'server') {
    await askBrowser();
    write('browser', 'Chromium is headless and draws without a GPU, on the same two cores as the site. For frames a second, "max" is the worst of three runs.');
  }
} finally {
  await site.dispose();
  rmSync(folder, { recursive: true, force: true });
}

function write(part: 'server' | 'browser', about: string): void {
  const own = rows.splice(0);
  if (!values.write) return;
  const loads = `Load of the machine in the minute before its end: ${loadavg()[0]?.toFixed(1) ?? '?'}, other work ran beside.`;
  writeSection(`traces-${part}`, `## Traces (${part}): ${filled.events.toLocaleString('en')} events, ${filled.jobs.toLocaleString('en')} jobs in the read model

Written by \`npm run bench:traces -- --only ${part} --write\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}. ${loads}
${about}

| what | first | p50 | max | wanted |
|---|---|---|---|---|
${own.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`);
  say('Written to bench/RESULTS.md.');
}

function fill(events: number): Filled {
  say(`Filling ${file} with ${events.toLocaleString('en')} events …`);
  let told = 0;
  const made = fillProjection(file, {
    events, large: [LARGE, 5_000],
    onProgress: (count) => {
      if (count - told < events / 10) return;
      told = count;
      say(`  ${count.toLocaleString('en')}`);
    },
  });
  const index = new TextIndex(file, `${file}.text`);
  while (index.advance(1_000));
  index.close();
  writeFileSync(`${file}.json`, JSON.stringify(made));
  return made;
}

function add(what: string, times: readonly number[], wanted: string, unit = 'ms'): void {
  const sorted = times.toSorted((a, b) => a - b);
  const written = (value: number | undefined): string => `${(value ?? Number.NaN).toFixed(value !== undefined && value < 10 ? 1 : 0)} ${unit}`;
  rows.push([what, written(times[0]), written(sorted[Math.floor(sorted.length / 2)]), written(unit === 'ms' ? sorted.at(-1) : sorted[0]), wanted]);
  say(`| ${rows.at(-1)?.join(' | ') ?? ''} |`);
}

async function askServer(): Promise<void> {
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const from = performance.now();
    await work();
    return performance.now() - from;
  };
  const byId: number[] = [];
  // What a process does once, at its first request, is none of these.
  for (const id of filled.small.slice(-3)) await site.api(`/traces/${id}`);
  for (const id of filled.small.slice(0, 200)) byId.push(await timed(() => site.api(`/traces/${id}`)));
  add('trace by id, 200 different ones', byId, '< 100 ms');
  for (const [what, line, most] of SEARCHES) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const query = line.replace('$n', String((run * 611) % 20_000)).replace('$rare', filled.rareWord);
      times.push((await site.api<TraceSearchResult>(`/traces/search?query=${encodeURIComponent(query)}`)).tookMs);
    }
    add(`search by ${what}: \`${line}\``, times, `< ${most} ms`);
  }
  const slowest: number[] = [];
  for (let run = 0; run < RUNS; run += 1) slowest.push((await site.api<TraceSearchResult>('/traces/search?query=&order=slowest')).tookMs);
  add('the slowest of all', slowest, '< 300 ms');
}

async function askBrowser(): Promise<void> {
  const browser = await openBrowser();
  try {
    for (const [at, nodes] of [[1, 5_000], [0, LARGE]] as const) {
      const { page } = await openConsole(browser, await site.launchUrl());
      const id = filled.large[at] ?? '';
      const opening: number[] = [];
      for (let run = 0; run < 5; run += 1) opening.push(await openTrace(page, id));
      add(`open a trace of ${nodes.toLocaleString('en')} nodes, until its rows stand`, opening, nodes === LARGE ? '< 1,500 ms' : '');
      for (const [how, perFrame] of [['by a wheel, 120 px a frame', 120], ['through all of it in 5 s', null]] as const) {
        const fps: number[] = [];
        for (let run = 0; run < 3; run += 1) fps.push(await scrollFps(page, perFrame));
        add(`scroll ${nodes.toLocaleString('en')} nodes ${how}`, fps, '≥ 50 fps', 'fps');
      }
      await page.context().close();
    }
  } finally {
    await browser.close();
  }
}

/** From the press on a link until the rows of the trace are on screen, by the clock of the page. */
async function openTrace(page: Page, id: string): Promise<number> {
  await page.evaluate(() => (location.hash = '#/traces'));
  await page.getByRole('grid', { name: 'Traces' }).waitFor();
  await page.waitForTimeout(1_500);
  return page.evaluate(async (correlationId) => {
    const from = performance.now();
    location.hash = `#/traces/${correlationId}`;
    while (document.querySelector('[role="treegrid"] [role="row"][aria-rowindex]') === null) await new Promise((resolve) => requestAnimationFrame(resolve));
    // One frame more: what was laid out is painted by then.
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.now() - from;
  }, id);
}

/** Frames a second while the rows are scrolled for five seconds: so many px a frame, or all of them in that time. */
async function scrollFps(page: Page, perFrame: number | null): Promise<number> {
  return page.evaluate(async (step) => {
    const box = document.querySelector<HTMLElement>('[role="treegrid"] .grid-scroll');
    if (!box) throw new Error('no rows');
    box.scrollTop = 0;
    await new Promise((resolve) => setTimeout(resolve, 500));
    const from = performance.now();
    let frames = 0;
    while (performance.now() - from < 5_000) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      frames += 1;
      box.scrollTop = step === null ? ((performance.now() - from) / 5_000) * box.scrollHeight : box.scrollTop + step;
    }
    return frames / ((performance.now() - from) / 1_000);
  }, perFrame);
}
