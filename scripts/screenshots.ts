/**
 * npm run screenshots: every page of the console on a demo site, and some traces on one of their own; light and dark, 1440×900,
 * into docs/screenshots or the folder that is named. `--only pages` or `--only traces` takes a part.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { openBrowser, openConsole } from '../tests/support/browser.ts';
import type { SiteProcess } from '../tests/support/site-process.ts';
import { ensureBuild, root } from './ensure-build.ts';
import { openPageScenes } from './page-scenes.ts';
import { openTraceScenes, type TraceScene } from './trace-scenes.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
ensureBuild();
const folder = positionals[0] ?? join(root, 'docs', 'screenshots');
mkdirSync(folder, { recursive: true });

const browser = await openBrowser();
try {
  if (values.only !== 'traces') await takeScenes(browser, await openPageScenes());
  if (values.only !== 'pages') await takeScenes(browser, await openTraceScenes());
} finally {
  await browser.close();
}

async function takeScenes(browser: Browser, { site, scenes, close }: Awaited<ReturnType<typeof openTraceScenes>>): Promise<void> {
  try {
    await take(browser, site, scenes);
  } finally {
    await close();
  }
}

async function take(browser: Browser, site: SiteProcess, scenes: readonly TraceScene[]): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    const { page, problems } = await openConsole(browser, await site.launchUrl(), scheme);
    for (const { name, path, act } of scenes) {
      await page.goto(`${site.info.url}#/${path}`);
      await page.waitForTimeout(1_500);
      await act?.(page);
      await page.screenshot({ path: join(folder, `${name}-${scheme}.png`) });
    }
    for (const problem of problems) process.stdout.write(`${scheme}: ${problem}\n`);
    await page.context().close();
  }
}
