/**
 * npm run bench:pages: every page of the console on a read model of 5 million events and more than a million jobs, in a real
 * Chromium: from the press until what the page is about stands on screen. Then payload searches in Flow and Jobs. `--file` takes a
 * read model that `bench:traces -- --file` has filled; `--write` puts the table into bench/RESULTS.md.
 */
import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { TextIndex } from '../main/projections/text-index.ts';
import { ensureBuild } from '../scripts/ensure-build.ts';
import { openBrowser, openConsole } from '../tests/support/browser.ts';
import { SiteProcess } from '../tests/support/site-process.ts';
import { type Filled, fillProjection } from './fill-projection.ts';
import { machine, writeSection } from './results.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '5000000' }, file: { type: 'string' }, write: { type: 'boolean', default: false } } });
const RUNS = 7;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const ROW = '[role="grid"] [role="row"][aria-rowindex]';
/** Page, address, and what stands once it is open. `$trace`, `$event`, `$job` are of the read model. */
const PAGES: readonly (readonly [name: string, address: string, stands: string])[] = [
  ['Overview', '/', '.tier-card'],
  ['Flow', '/flow', ROW],
  ['Flow, filtered by source', '/flow?source=connector.crm', ROW],
  ['Flow map', '/flow?view=map', '.flow-box'],
  ['an event', '/flow?event=$event', 'aside .facts'],
  ['Traces', '/traces', ROW],
  ['a trace', '/traces/$trace', '[role="treegrid"] [role="row"][aria-rowindex]'],
  ['Tiers', '/tiers', '.tier-split tbody tr'],
  ['Tiers, histogram of a day', '/tiers?chart=histogram&range=24h', '.tier-split tbody tr'],
  ['Jobs', '/jobs', ROW],
  ['Jobs, dead', '/jobs?state=dead', ROW],
  ['Jobs of a tier that started late', '/jobs?tier=realtime&late=true', '[role="grid"] :is([role="row"][aria-rowindex], .empty)'],
  ['a job', '/jobs?job=$job', 'aside .facts'],
  ['Dead letters', '/dead-letters', 'main :is([role="row"][aria-rowindex], .empty)'],
  ['Redrives', '/redrives', '[role="grid"]'],
  ['Set aside', '/set-aside', '[role="grid"]'],
  ['Schedules', '/schedules', 'main .empty, [role="grid"]'],
  ['Replay', '/replay', '[role="grid"]'],
  ['Connections', '/connections', 'main [role="grid"]'],
  ['Rules', '/rules', 'main :is(.empty, [role="grid"], table)'],
  ['Streams', '/streams', 'main table tbody tr'],
  ['Catalogue', '/catalogue', 'main :is(table tbody tr, [role="row"][aria-rowindex])'],
  ['Documents', '/documents', 'main input'],
  ['Alerts', '/alerts', 'main table tbody tr'],
  ['Audit', '/audit', 'main :is([role="row"][aria-rowindex], .empty)'],
  ['Backups', '/backups', 'main :is(.empty, table, [role="grid"])'],
  ['Settings', '/settings', '.settings-table tbody tr'],
];

ensureBuild();
const folder = mkdtempSync(join(tmpdir(), 'spine-bench-pages-'));
const file = values.file ?? join(folder, 'lineage.sqlite');
const filled = existsSync(`${file}.json`) ? (JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Filled) : fill(Number(values.events));
const rows: string[][] = [];
const site = new SiteProcess({ config: { site: 'bench' } });
const browser = await openBrowser();
try {
  // A first start makes the streams and the stamp that the read model is held against.
  await site.start();
  await site.stop();
  const own = join(site.folder, 'projections', 'lineage.sqlite');
  for (const ending of ['', '-wal', '-shm', '.text', '.text-wal', '.text-shm']) rmSync(own + ending, { force: true });
  for (const ending of ['', '.text']) linkSync(file + ending, own + ending);
  await site.start();
  const { page } = await openConsole(browser, await site.launchUrl());
  // The console loads the code of its pages while nothing is asked of it; an operator has done so long before.
  await page.waitForTimeout(6_000);
  const trace = filled.small[0] ?? '';
  const { events, jobs } = await site.api<{ events: { eventId: string }[]; jobs: { jobId: string }[] }>(`/traces/${trace}`);
  for (const [name, address, stands] of PAGES) {
    const to = address.replace('$trace', trace).replace('$event', events[0]?.eventId ?? '').replace('$job', jobs[0]?.jobId ?? '');
    const times: number[] = [];
    // Another page lies between: what is on screen must come anew.
    const between = address.startsWith('/documents') ? '/backups' : '/documents';
    for (let run = 0; run < RUNS; run += 1) times.push(await openTimed(page, between, to, stands));
    add(name, times, '< 300 ms');
  }
  for (const [name, path] of [
    ['Flow: a payload field, in thousands', 'events?filter[fields][0][path][0]=customer&filter[fields][0][path][1]=tier&filter[fields][0][value]=vip'],
    ['Flow: a payload field, in few', 'events?filter[fields][0][path][0]=customer&filter[fields][0][path][1]=id&filter[fields][0][value]=$n'],
    ['Flow: one word in one event', `events?filter[text][0]=${filled.rareWord}`],
    ['Jobs: a field of the input, in few', 'jobs?fields[0][path][0]=customer&fields[0][path][1]=id&fields[0][value]=$n'],
    ['Jobs: words of the input', 'jobs?text[0]=Lovelace'],
  ] as const) {
    const times: number[] = [];
    for (let run = 0; run < 15; run += 1) times.push((await site.api<{ tookMs: number }>(`/${path.replace('$n', String((run * 611) % 20_000))}`)).tookMs);
    add(name, times, '< 1,000 ms');
  }
  if (values.write) write();
} finally {
  await browser.close();
  await site.dispose();
  rmSync(folder, { recursive: true, force: true });
}

/** From the change of the address until it stands and is painted, by the clock of the page. */
async function openTimed(page: Page, between: string, to: string, stands: string): Promise<number> {
  await page.evaluate((hash) => void (location.hash = hash), `#${between}`);
  await page.waitForTimeout(400);
  return page.evaluate(
    async ([hash, selector]) => {
      const heading = (): string | null | undefined => document.querySelector('main h1')?.textContent;
      const [from, before] = [performance.now(), heading()];
      location.hash = hash ?? '';
      // What stood on the page before may fit the selector too.
      while (heading() === before || document.querySelector(selector ?? '') === null) {
        if (performance.now() - from > 15_000) throw new Error(`${hash} did not come to ${selector}`);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
      return performance.now() - from;
    },
    [`#${to}`, stands],
  );
}

function add(what: string, times: readonly number[], wanted: string): void {
  const sorted = times.toSorted((a, b) => a - b);
  const ms = (value: number | undefined): string => `${(value ?? Number.NaN).toFixed(0)} ms`;
  rows.push([what, ms(times[0]), ms(sorted[Math.floor(sorted.length / 2)]), ms(sorted.at(-1)), wanted]);
  say(`| ${rows.at(-1)?.join(' | ') ?? ''} |`);
}

function write(): void {
  writeSection('pages', `## Pages: ${filled.events.toLocaleString('en')} events, ${filled.jobs.toLocaleString('en')} jobs in the read model

Written by \`npm run bench:pages -- --write\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}. Load of the machine in the minute before its end: ${loadavg()[0]?.toFixed(1) ?? '?'}.
From the change of the address until what the page is about is painted, ${RUNS} times each in a headless Chromium on the same two cores; "first" reads from a cold cache. Searches: \`tookMs\` of the answer, 15 times.

| what | first | p50 | max | wanted |
|---|---|---|---|---|
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`);
  say('Written to bench/RESULTS.md.');
}

function fill(events: number): Filled {
  say(`Filling ${file} with ${events.toLocaleString('en')} events …`);
  const made = fillProjection(file, { events, large: [50_000, 5_000] });
  const index = new TextIndex(file, `${file}.text`);
  while (index.advance(1_000));
  index.close();
  writeFileSync(`${file}.json`, JSON.stringify(made));
  return made;
}
