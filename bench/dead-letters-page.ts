/** How long the Dead letters page takes to open with 100,000 of them: from the press on its link to its rows on screen, in Chromium. Prints a table. */
import { openBrowser, openConsole } from '../tests/support/browser.ts';
import { plantDeadLetters } from '../tests/support/plant-dead-letters.ts';
import { sqlClient } from '../tests/support/site-clients.ts';
import { eventually, SiteProcess } from '../tests/support/site-process.ts';
import type { SiteStatus } from '../shared/operator-api/index.ts';
import { ensureBuild } from '../scripts/ensure-build.ts';

const RUNS = 15;
const FAMILIES = ['locked', 'lost', 'refused', 'unknown', 'late', 'busy', 'closed', 'moved', 'empty', 'stuck'];

ensureBuild();
const site = new SiteProcess();
await site.start();
const sql = await sqlClient(site);
const browser = await openBrowser();
try {
  for (const cause of FAMILIES) {
    await plantDeadLetters(sql, { count: 10_000, jobType: 'SendOutgoingMessageJob', queue: 'interactive', tier: 'interactive', overMs: 86_400_000, message: `channels.ops.url answered HTTP 503: order $n is ${cause}`, input: { channel: 'ops', to: 'ops', subject: 'Order $n', body: 'x' } });
  }
  await eventually('the view to have caught up', async () => (await site.api<SiteStatus>('/site/status')).totals.jobs >= 100_000, 300_000);
  const { page } = await openConsole(browser, await site.launchUrl());
  process.stdout.write(`100,000 dead letters in ${FAMILIES.length} families; ms from the press to the rows on screen, ${RUNS} times.\n\n| page | first | p50 | max |\n|---|---|---|---|\n`);
  for (const [name, address] of [['by cause', '#/dead-letters'], ['one by one', '#/dead-letters?view=letters']] as const) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      await page.evaluate(() => void (location.hash = '#/schedules'));
      await page.getByText('No schedules').waitFor();
      times.push(await page.evaluate(async (to) => {
        const from = performance.now();
        location.hash = to;
        while (document.querySelector('[role="grid"] [role="row"][aria-rowindex]') === null) await new Promise(requestAnimationFrame);
        return performance.now() - from;
      }, address));
    }
    const sorted = times.toSorted((a, b) => a - b);
    const ms = (value: number | undefined): string => (value ?? Number.NaN).toFixed(0);
    process.stdout.write(`| ${name} | ${ms(times[0])} | ${ms(sorted[Math.floor(RUNS / 2)])} | ${ms(sorted.at(-1))} |\n`);
  }
} finally {
  await browser.close();
  await sql.end();
  await site.dispose();
}
