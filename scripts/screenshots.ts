/** npm run screenshots: every page of the console on a demo site, light and dark, 1440×900, into docs/screenshots. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser, openConsole } from '../tests/support/browser.ts';
import { SiteProcess } from '../tests/support/site-process.ts';
import { ensureBuild, root } from './ensure-build.ts';

const PAGES = ['', 'flow', 'traces', 'tiers', 'dead-letters', 'redrives', 'set-aside', 'schedules', 'replay', 'catalogue', 'documents?q=berlin', 'backups'];
/** Long enough for the demo to have had calls, failures and retries, ms. */
const TRAFFIC_MS = Number(process.env.SPINE_SCREENSHOT_TRAFFIC_MS ?? 45_000);

ensureBuild();
const folder = process.argv[2] ?? join(root, 'docs', 'screenshots');
mkdirSync(folder, { recursive: true });
const site = new SiteProcess({ config: { site: 'workshop-3' } });
try {
  await site.start('--demo');
  await new Promise((resolve) => setTimeout(resolve, TRAFFIC_MS));
  const browser = await openBrowser();
  const { traces } = await site.api<{ traces: { correlationId: string; rootType: string; jobs: number }[] }>('/traces?limit=200');
  const richest = traces.filter(({ rootType }) => rootType === 'communication.CallStarted').sort((a, b) => b.jobs - a.jobs)[0];
  for (const scheme of ['light', 'dark'] as const) {
    const { page, problems } = await openConsole(browser, await site.launchUrl(), scheme);
    for (const name of [...PAGES, ...(richest ? [`traces/${richest.correlationId}`] : [])]) {
      await page.goto(`${site.info.url}#/${name}`);
      await page.waitForTimeout(1_500);
      const file = name === '' ? 'overview' : name.startsWith('traces/') ? 'trace' : (name.split('?')[0] ?? name);
      await page.screenshot({ path: join(folder, `${file}-${scheme}.png`) });
    }
    for (const problem of problems) process.stdout.write(`${scheme}: ${problem}\n`);
    await page.context().close();
  }
  await browser.close();
} finally {
  await site.dispose();
}
