/** The console for people of different roles: a viewer looks and is told what they may not, an admin makes a backup with one button. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { openBrowser, openConsole } from '../support/browser.ts';
import { eventually, SiteProcess } from '../support/site-process.ts';
import { vipCall } from '../support/vip-site.ts';

const missing = process.env.SPINE_CHROMIUM_MISSING;
let site: SiteProcess;
let browser: Browser;

function tokenFor(name: string, role: string): string {
  const { stdout } = spawnSync(join(import.meta.dirname, '../../node_modules/.bin/node'), [join(import.meta.dirname, '../../main/cli/cli.ts'), 'tokens', 'create', name, '--role', role], { env: { ...process.env, SPINE_DATA_DIR: site.folder }, encoding: 'utf8' });
  return stdout.trim();
}

/** Sign in as a person does who has a token and no launch link. */
async function signIn(token: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(site.info.url);
  await page.getByLabel(/paste the token/).fill(token);
  await page.getByRole('button', { name: 'Open the console' }).click();
  return page;
}

beforeAll(async () => {
  if (missing) return;
  site = new SiteProcess({ config: { site: 'roles', access: { maskedFields: ['from'] } } });
  [browser] = await Promise.all([openBrowser(), site.start()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.dispose();
});
beforeEach((context) => {
  if (missing) context.skip(missing);
});

test('one button makes a backup, verified, and says how to restore it', async () => {
  const { page } = await openConsole(browser, await site.launchUrl(), 'light');
  await page.getByRole('link', { name: /^Backups/ }).click();
  await page.getByText('There is no backup: a lost disk would lose everything.').waitFor();
  await page.getByRole('button', { name: 'Back up now' }).click();
  const row = page.getByRole('row').filter({ hasText: /roles-\d{8}T\d{6}Z/ });
  await row.waitFor();
  // The notice above the list goes when the job has ended, and the list moves up.
  await page.getByRole('status').filter({ hasText: /Being made|Verifying|Waits|Table|Stream|Taking/ }).waitFor({ state: 'detached' });
  await page.getByText(/A lost disk would cost what happened in the last/).waitFor();
  await row.click();
  await page.getByText(/spine restore .*\/backups\/roles-\d{8}T\d{6}Z --data-dir/).waitFor();
  await page.context().close();
});

test('a viewer sees the site with masks, is told which role an action needs, and is out when the token is revoked', async () => {
  const { eventId } = await site.publish('communication.CallStarted', vipCall('seen'));
  const page = await signIn(tokenFor('vera', 'viewer'));
  await page.getByText('vera · viewer, masked').waitFor();
  await eventually('the event', async () => site.api(`/events/${eventId}`));
  await page.goto(`${site.info.url}#/flow?event=${eventId}`);
  const panel = page.getByRole('complementary', { name: 'Event' });
  await panel.getByText('•••').first().waitFor();
  expect(await page.getByText('+49 30 901820').count()).toBe(0);
  await page.goto(`${site.info.url}#/backups`);
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByText(/This needs the role admin, and yours is viewer/).waitFor();
  spawnSync(join(import.meta.dirname, '../../node_modules/.bin/node'), [join(import.meta.dirname, '../../main/cli/cli.ts'), 'tokens', 'revoke', 'vera'], { env: { ...process.env, SPINE_DATA_DIR: site.folder } });
  await page.getByRole('heading', { name: 'This console needs the launch link' }).waitFor();
  await page.context().close();
});

test('whoever came by a token signs out for good', async () => {
  const page = await signIn(tokenFor('otto', 'operator'));
  await page.getByText('otto · operator').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'This console needs the launch link' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'This console needs the launch link' }).waitFor();
  await page.context().close();
});

test('what was done stands in the audit, by whom and why; a job is found by its type and leads to its trace', async () => {
  await site.api('/queues/background/pause', { reason: 'maintenance window' });
  const { page } = await openConsole(browser, await site.launchUrl(), 'light');
  await page.getByRole('link', { name: /^Audit/ }).click();
  const paused = page.getByRole('row').filter({ hasText: 'paused the queue background' });
  await paused.waitFor();
  await page.getByText(/The last to act was script, who paused the queue background/).waitFor();
  expect(await paused.innerText()).toContain('maintenance window');
  await paused.click();
  await page.getByRole('complementary', { name: 'Event' }).getByText('system.QueuePaused').first().waitFor();
  await site.api('/queues/background/resume', {});

  await page.getByRole('link', { name: /^Jobs/ }).click();
  await page.getByRole('combobox', { name: 'Job type' }).fill('RunRuleEngineJob');
  await page.keyboard.press('Enter');
  const job = page.getByRole('grid', { name: 'Jobs' }).locator('[role="row"][aria-rowindex]').filter({ hasText: 'RunRuleEngineJob' }).first();
  await job.click();
  await page.getByRole('link', { name: 'Show it in its trace' }).click();
  await page.getByRole('heading', { name: 'Trace', exact: true }).waitFor();
  await page.getByRole('complementary', { name: 'Job' }).getByText('RunRuleEngineJob').first().waitFor();
  await page.context().close();
});
