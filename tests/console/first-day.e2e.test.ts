/** A site on which nothing has happened: what its pages teach, the first press of a button, and what is changed for good. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { consoleStory, SOON } from '../support/console-story.ts';
import { eventually, SiteProcess } from '../support/site-process.ts';
import { vipCall } from '../support/vip-site.ts';

let site: SiteProcess;
let page: Page;

const story = consoleStory(async () => {
  // Without a configuration of its own: what is changed on the page must be what the next start reads.
  site = new SiteProcess();
  await site.start();
  return site;
});
const { panel, open, violations } = story;
beforeEach(() => void ({ page } = story));

test('every page that is empty says what will stand there and how it comes to be; axe finds nothing', async () => {
  const found: Record<string, string[]> = {};
  for (const [path, title, teaches] of [
    ['/', 'Nothing has happened yet', 'Or publish from a script'], ['/flow?type=ai.QueryReceived', 'No event matches the filter', 'New ones appear here as they come.'], ['/traces?show=dead', 'No traces with dead letters', 'Nothing waits for a decision.'],
    ['/jobs', 'No jobs yet', 'An event that a job type waits for owes a job'], ['/dead-letters', 'No dead letters', 'sorted by cause. It stays until a person decides.'], ['/dead-letters?view=letters', 'No dead letters', 'It stays until a person decides.'],
    ['/redrives', 'No redrives yet', 'see what running them again would do'], ['/set-aside', 'Nothing is set aside', 'so that nothing disappears unseen'], ['/schedules', 'No schedules', 'Make one here'], ['/replay', 'No replays yet', 'begin with a dry run'],
    ['/rules', 'No rules', 'try it against past events first'], ['/connections', 'No connectors are configured', 'Add one to the site’s configuration'], ['/connections?tab=plugins', 'No folder of plugins is configured', 'Set plugins.folder'],
    ['/streams?view=consumers&stream=audit-log', 'Nobody reads this stream', 'A consumer appears here as soon as somebody reads it'], ['/catalogue?q=pigeon', 'No event type fits the filter', 'It looks in names and descriptions.'],
    ['/documents', 'What are you looking for?', 'Entities are indexed'], ['/alerts', 'None so far', 'An alert that is over stands here'], ['/audit', 'Nobody has steered yet', 'who did it and why'], ['/backups', 'No backup yet', 'Make one now'],
    ['/compare', 'Two traces are needed', 'Open one, then press Compare.'], ['/traces/0af76519-16cd-43dd-8448-eb211c80319c', 'Nothing is known of this correlation', 'when it does, it appears here'],
  ] as const) {
    await open(path);
    const main = page.getByRole('main');
    await main.getByText(title, { exact: true }).waitFor();
    await main.getByText(teaches).first().waitFor();
    found[path] = await violations();
  }
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((path) => [path, []])));
});

test('demo traffic is started from the overview and marked as such on every page, until it is stopped', async () => {
  await page.getByRole('button', { name: 'Start demo traffic' }).click();
  const banner = page.getByRole('status').filter({ hasText: 'Demo traffic is running' });
  await banner.waitFor();
  await open('/audit');
  await page.getByText('started demo traffic').first().waitFor();
  await banner.getByRole('button', { name: 'Stop demo traffic' }).click();
  await banner.waitFor({ state: 'detached' });
});

test('the palette leads from a pasted id to the event or the job of it, and does what it names', async () => {
  const { correlationId, eventId } = await site.publish('communication.CallStarted', vipCall('pasted'));
  const follower = await site.publish('communication.CallEnded', { callId: 'pasted', durationSeconds: 1, outcome: 'answered' }, { correlationId, causationId: eventId });
  const { jobId } = await eventually('the job', async () => (await site.api<{ jobs: { jobId: string; state: string }[] }>(`/traces/${correlationId}`)).jobs.find(({ state }) => state === 'completed'));
  const choose = async (words: string, offer: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.getByRole('textbox', { name: 'Search or jump' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.insertText(words);
    await page.locator('.mantine-Spotlight-action').filter({ hasText: offer }).first().waitFor();
    await page.keyboard.press('Enter');
  };
  for (const [id, kind] of [[follower.eventId, 'Event'], [jobId, 'Job']] as const) {
    await choose(id, `Find traces by “${id}”`);
    await panel(kind).getByText(id).first().waitFor();
    expect(new URL(page.url()).hash).toContain(`/traces/${correlationId}?node=`);
  }
  await choose('Colour scheme: Dark', 'Colour scheme: Dark');
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.mantineColorScheme), SOON).toBe('dark');
  await choose('Settings: Backup', 'Settings: Backup');
  await panel('Settings').getByRole('textbox', { name: 'Backups kept' }).waitFor();
});

test('settings: workers, backups, telemetry and the site’s name are written; from the next start on the site is an observer', async () => {
  await open('/settings?group=workers');
  await panel('Settings').getByRole('switch', { name: 'Run jobs' }).click();
  await panel('Settings').getByText('Run jobs: on → off').waitFor();
  await panel('Settings').getByRole('textbox', { name: 'Reason' }).fill('another host works');
  const write = async (): Promise<void> => {
    await panel('Settings').getByRole('button', { name: 'Change 1 setting' }).click();
    await panel('Settings').waitFor({ state: 'hidden' });
  };
  await write();
  for (const [group, field, value] of [['backup', 'Backups kept', '3'], ['telemetry', 'Address of a trace', 'https://traces.invalid/{traceId}'], ['connection', 'Name of the site', 'renamed']] as const) {
    await open(`/settings?group=${group}`);
    await panel('Settings').getByRole('textbox', { name: field }).fill(value);
    await write();
  }
  await page.getByText('4 changes wait for the next start of the services.').waitFor();
  const file = readFileSync(join(site.folder, 'spine.yaml'), 'utf8');
  expect(file).toMatch(/enabled: false[^]*keep: 3|keep: 3[^]*enabled: false/);
  expect(file).toContain('https://traces.invalid/{traceId}');
  await open('/audit');
  await page.getByText('another host works').waitFor();

  await page.context().close();
  await site.stop();
  await site.start();
  page = await story.reopen();
  await page.getByText('This site is an observer: it runs no jobs.').waitFor();
  await page.getByText('renamed', { exact: true }).waitFor();
});
