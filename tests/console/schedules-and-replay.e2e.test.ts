/** Schedules and replays as an operator lives them: in the console, in a real Chromium, on a real site. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import type { Trace } from '../../shared/operator-api/index.ts';
import { consoleStory, SOON } from '../support/console-story.ts';
import { Receiver } from '../support/receiver.ts';
import { eventually, SiteProcess } from '../support/site-process.ts';
import { vipSite } from '../support/vip-site.ts';

const receiver = new Receiver();
let site: SiteProcess;
let page: Page;
/** Correlations of visitors that came before the plugin that greets them. */
const early: string[] = [];

const story = consoleStory(async () => {
  site = new SiteProcess({
    config: vipSite(await receiver.start(), {
      plugins: { folder: 'plugins' },
      schedules: [{ id: 'from-file', cron: '30 2 * * 1-5', timeZone: 'Asia/Tokyo', jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', subject: 's', body: 'b' } }],
    }),
  });
  mkdirSync(join(site.folder, 'plugins'));
  await site.start();
  for (const name of ['Ada', 'Grace', 'Edsger']) early.push((await site.publish('communication.VisitorArrived', { name, language: 'en' })).correlationId);
  await eventually('the visitors to be routed', async () => (await Promise.all(early.map((id) => site.api<Trace>(`/traces/${id}`)))).every(({ jobs }) => jobs.length === 1 && jobs[0]?.state === 'completed'));
  await site.stop();
  cpSync(join(import.meta.dirname, '../../examples/plugins/greeter'), join(site.folder, 'plugins', 'greeter'), { recursive: true });
  await site.start();
  return site;
}, () => receiver.stop());
const { goTo, rowsOf, panel, violations } = story;
beforeEach(() => void ({ page } = story));

test('a schedule is made with what it means in sight, run now, and paused', async () => {
  await goTo('Schedules');
  const fromFile = rowsOf('Schedules').filter({ hasText: 'from-file' });
  expect(await fromFile.textContent()).toContain('At 02:30, Monday through Friday');
  await page.getByRole('button', { name: 'New schedule' }).click();
  const form = page.getByRole('dialog', { name: 'New schedule' });
  await form.getByRole('textbox', { name: 'Name' }).fill('drill');
  await form.getByRole('textbox', { name: 'Cron' }).fill('0 25 * * *');
  await form.getByText(/is not a cron expression/).waitFor();
  await form.getByRole('textbox', { name: 'Cron' }).fill('15 4 * * *');
  await form.getByRole('region', { name: 'What it means' }).getByText('At 04:15').waitFor();
  expect(await form.getByRole('region', { name: 'What it means' }).getByRole('listitem').count()).toBe(5);
  await form.getByRole('combobox', { name: 'Job type' }).click();
  await page.getByRole('option', { name: 'SendOutgoingMessageJob' }).click();
  for (const [name, value] of [['channel', 'ops'], ['to', 'ops'], ['subject', 'Drill'], ['body', 'This is a drill']] as const) await form.getByRole('textbox', { name, exact: true }).fill(value);
  expect(await violations()).toEqual([]);
  await form.getByRole('button', { name: 'Make 1 schedule' }).click();

  const schedule = panel('Schedule');
  await schedule.getByText('At 04:15', { exact: true }).waitFor();
  expect(await schedule.getByRole('list').first().getByRole('listitem').count()).toBe(5);
  await schedule.getByRole('button', { name: 'Run now…' }).click();
  await schedule.getByRole('textbox', { name: 'Reason' }).fill('to see it');
  await schedule.getByRole('button', { name: 'Run 1 job now' }).click();
  await page.getByRole('link', { name: 'Watch it in its trace' }).waitFor();
  await expect.poll(() => receiver.received.filter(({ body }) => body.body === 'This is a drill').length, SOON).toBe(1);
  await schedule.getByText('fired by hand').first().waitFor();

  await schedule.getByRole('button', { name: 'Pause…' }).click();
  expect(await schedule.getByRole('button', { name: 'Pause 1 schedule' }).isDisabled()).toBe(true);
  await schedule.getByRole('textbox', { name: 'Reason' }).fill('no more drills');
  await schedule.getByRole('button', { name: 'Pause 1 schedule' }).click();
  await schedule.getByText('None while it is paused.').waitFor();
  await rowsOf('Schedules').filter({ hasText: 'drill' }).getByText('paused').waitFor();
  expect(await violations()).toEqual([]);
  // One from the file can be paused and run, but is changed there.
  await fromFile.click();
  await schedule.getByText(/its rule is changed there/).waitFor();
  expect(await schedule.getByRole('button', { name: 'Change…' }).count()).toBe(0);
});

test('yesterday’s missing jobs are found by a dry run and made up for, by keyboard alone', async () => {
  // For the page it is the day after: what the site stored today is of yesterday.
  const { events: [visit] } = await site.api<Trace>(`/traces/${early[0] ?? ''}`);
  await page.clock.setFixedTime((visit?.storedMs ?? Number.NaN) + 86_400_000);
  await page.keyboard.press('g');
  await page.keyboard.press('y');
  const form = page.getByRole('form', { name: 'Which events' });
  await form.getByRole('button', { name: 'Yesterday' }).focus();
  await page.keyboard.press('Enter');
  await form.getByRole('combobox', { name: 'Event type' }).fill('communication.VisitorArrived');
  await page.keyboard.press('Escape');
  await form.getByRole('button', { name: 'Dry run' }).focus();
  await page.keyboard.press('Enter');

  const replay = panel('Replay');
  await replay.getByRole('button', { name: 'Run 3 jobs' }).waitFor();
  const verdicts = replay.locator('table.verdicts');
  expect(await verdicts.locator('tr').filter({ hasText: 'GreetJob' }).innerText()).toMatch(/idempotent\s+missing: is enqueued\s+3/);
  expect(await verdicts.locator('tr').filter({ hasText: 'RunRuleEngineJob' }).innerText()).toMatch(/done: left alone\s+3/);
  expect(await violations()).toEqual([]);
  // Nothing has happened yet; asked why, each event says so.
  const { events } = await site.api<Trace>(`/traces/${early[0] ?? ''}`);
  expect(await site.api(`/events/${events[0]?.eventId ?? ''}/owed`)).toMatchObject({ steps: expect.arrayContaining([expect.objectContaining({ verdict: 'missing', words: expect.objectContaining({ text: expect.stringMatching(/GreetJob.*A replay of this event makes up for it/) }) })]) });
  expect((await site.api<Trace>(`/traces/${early[0] ?? ''}`)).jobs).toHaveLength(1);
  expect(await replay.getByRole('button', { name: 'Run 3 jobs' }).isDisabled()).toBe(true);
  await replay.getByRole('textbox', { name: 'Reason' }).fill('the plugin came late');
  await replay.getByRole('button', { name: 'Run 3 jobs' }).focus();
  await page.keyboard.press('Enter');

  await replay.getByRole('heading', { name: 'What it did' }).waitFor();
  await replay.getByText('completed', { exact: true }).waitFor();
  for (const correlationId of early) {
    await expect.poll(async () => (await site.api<Trace>(`/traces/${correlationId}`)).events.map(({ eventType }) => eventType), SOON).toEqual(['communication.VisitorArrived', 'communication.VisitorGreeted']);
  }
  expect(await violations()).toEqual([]);
  // Into the trace of the first job, which says that it was replayed.
  await replay.getByRole('table').last().getByRole('link').first().click();
  await page.getByText('interactive · replay').waitFor();
  await panel('Job').getByRole('link', { name: /^[0-9a-f-]{36}$/ }).first().waitFor();
});
