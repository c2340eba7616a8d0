/** What an operator does and finds in the console all day: jobs and queues steered, events found, views kept, alerts, settings; on a real site, in Chromium. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { createEvent } from '../../shared/envelope.ts';
import type { JobRow, QueueStatus } from '../../shared/operator-api/index.ts';
import { consoleStory, SOON } from '../support/console-story.ts';
import { HOLD_WANTED, writeHoldingPlugin } from '../support/holding-plugin.ts';
import { Receiver } from '../support/receiver.ts';
import { natsClient, publishUntilAcked, sqlClient } from '../support/site-clients.ts';
import { SiteProcess } from '../support/site-process.ts';
import { vipCall, vipSite } from '../support/vip-site.ts';

const receiver = new Receiver();
let site: SiteProcess;
let page: Page;

const story = consoleStory(async () => {
  site = new SiteProcess({ config: vipSite(await receiver.start(), { plugins: { folder: 'plugins' }, backpressure: { background: { waiting: 200 } } }) });
  writeHoldingPlugin(site.folder);
  await site.start();
  return site;
}, () => receiver.stop());
const { rowsOf, panel, open } = story;
beforeEach(() => void ({ page } = story));

const holdJob = async (who: string, does: 'hold' | 'fail' | 'end', state: JobRow['state']): Promise<JobRow> => {
  const { correlationId } = await site.publish(HOLD_WANTED, { who, does });
  const found = await expect.poll(async () => (await site.api<{ jobs: JobRow[] }>(`/traces/${correlationId}`)).jobs.find((job) => job.state === state), SOON).toBeTruthy().then(async () => (await site.api<{ jobs: JobRow[] }>(`/traces/${correlationId}`)).jobs[0]);
  if (!found) throw new Error('no job');
  return found;
};
const stateOf = async (jobId: string): Promise<string> => (await site.api<{ job: JobRow }>(`/jobs/${jobId}`)).job.state;

describe('jobs', () => {
  test('a running job shows how far it is and is cancelled with a reason; its dead letter says so', async () => {
    const { jobId } = await holdJob('runs', 'hold', 'running');
    await open(`/jobs?job=${jobId}`);
    await panel('Job').getByText('40%, holding').waitFor();
    await panel('Job').getByRole('button', { name: 'Cancel…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel 1 job' });
    await dialog.getByText(/its handler is told to stop/).waitFor();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('wrong customer');
    await dialog.getByRole('button', { name: 'Cancel 1 job' }).click();
    await panel('Job').getByRole('link', { name: 'Decide about this dead letter' }).waitFor();
    await panel('Job').getByText(/Cancelled by .+: wrong customer/).first().waitFor();
  });

  test('a retrying job tries again at once; a waiting one goes to the front of a queue that is made narrow', async () => {
    const failing = await holdJob('fails', 'fail', 'retrying');
    await open(`/jobs?job=${failing.jobId}`);
    await panel('Job').getByRole('button', { name: 'Retry now' }).click();
    await expect.poll(async () => (await site.api<{ job: JobRow }>(`/jobs/${failing.jobId}`)).job.attempts, SOON).toBe(2);
    await panel('Job').getByRole('img', { name: /attempt 1 failed .* attempt 2 failed/ }).waitFor();

    await open('/tiers?queue=hold');
    const queue = panel('Queue');
    await queue.getByRole('textbox', { name: 'At once' }).fill('1');
    await queue.getByRole('textbox', { name: 'Why' }).fill('the other side is slow');
    await queue.getByRole('button', { name: 'Run at most 1 at once' }).click();
    await queue.getByRole('button', { name: 'Back to the configured 16' }).waitFor();
    expect((await site.api<{ queues: QueueStatus[] }>('/queues')).queues.find((each) => each.queue === 'hold')).toMatchObject({ concurrency: 1, concurrencyChanged: { reason: 'the other side is slow' } });

    const holder = await holdJob('holder', 'hold', 'running');
    await holdJob('first', 'hold', 'waiting');
    const second = await holdJob('second', 'hold', 'waiting');
    await open(`/jobs?job=${second.jobId}`);
    await panel('Job').getByRole('button', { name: 'Move to the front' }).click();
    await page.getByText('It is the next of hold').waitFor();
    await site.api(`/jobs/${holder.jobId}/cancel`, { reason: 'done' });
    await expect.poll(() => stateOf(second.jobId), SOON).toBe('running');

    await open('/tiers?queue=hold');
    await panel('Queue').getByRole('button', { name: 'Back to the configured 16' }).click();
    await expect.poll(async () => (await site.api<{ queues: QueueStatus[] }>('/queues')).queues.find((each) => each.queue === 'hold')?.running, SOON).toBe(2);
  });

  test('are found by a field of their input', async () => {
    await holdJob('Ada Lovelace', 'end', 'completed');
    await open('/jobs');
    await page.getByRole('textbox', { name: 'Search in the input' }).fill('who="ada lovelace"');
    await page.keyboard.press('Enter');
    await expect.poll(() => rowsOf('Jobs').allTextContents(), SOON).toEqual([expect.stringContaining('HoldJob')]);
  });
});

describe('tiers', () => {
  test('a histogram against the promise, and where the time went', async () => {
    await open('/tiers');
    await page.getByText('Histogram', { exact: true }).click();
    await page.locator('.tier-block', { hasText: 'interactive' }).locator('.recharts-bar-rectangle path').first().waitFor({ state: 'attached' });
    const split = page.getByRole('table', { name: 'Where the time went, interactive' });
    expect(await split.getByRole('row').allTextContents()).toEqual([expect.stringContaining('Part'), expect.stringMatching(/^To the start[1-9]/), expect.stringMatching(/^Bus[1-9]/), expect.stringMatching(/^Wait[1-9]/), expect.stringMatching(/^Run[1-9]/)]);
  });
});

describe('flow', () => {
  const call = (tier: string, name: string): Promise<unknown> => site.publish('communication.CallStarted', { ...vipCall(`c-${name}`), customer: { id: 42, tier, name } });

  test('a filter that was built as a form finds by payload what was, and what comes', async () => {
    await call('gold', 'Grace Hopper');
    await call('silver', 'Konrad Zuse');
    await open('/flow');
    await page.getByRole('button', { name: 'Build a filter' }).click();
    const form = page.getByRole('dialog', { name: 'Build a filter' });
    await form.getByRole('button', { name: 'Add a field' }).click();
    await form.getByRole('textbox', { name: 'Field' }).fill('customer.tier');
    await form.getByRole('textbox', { name: 'Value' }).fill('gold');
    await form.getByRole('textbox', { name: 'Words in the payload' }).fill('"grace hopper"');
    await form.getByRole('button', { name: 'Apply' }).click();
    expect(await page.getByRole('combobox', { name: 'Filter' }).inputValue()).toBe('data.customer.tier:gold "grace hopper"');
    await expect.poll(() => rowsOf('Events').count(), SOON).toBe(1);
    await call('gold', 'Grace Hopper again');
    await call('silver', 'Grace Hopper');
    await expect.poll(() => rowsOf('Events').count(), SOON).toBe(2);
  });

  test('a mistake in the filter is explained; columns are chosen and kept; a type of the strip filters', async () => {
    await call('gold', 'Ada');
    await open('/flow');
    const filter = page.getByRole('combobox', { name: 'Filter' });
    await filter.fill('colour:red');
    await page.keyboard.press('Enter');
    await page.getByText(/There is no filter “colour”/).waitFor();
    await filter.fill('');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('menuitem', { name: 'Version' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'Version' }).waitFor();
    await page.reload();
    await page.getByRole('columnheader', { name: 'Version' }).waitFor();
    const type = page.getByRole('button', { name: /CallStarted/ });
    await expect.poll(async () => (await call('gold', 'Ada'), type.count()), { ...SOON, interval: 500 }).toBe(1);
    await type.click();
    expect(new URL(page.url()).hash).toContain('type=communication.CallStarted');
  });

  test('the map draws what causes what, and leads from a box to its events', async () => {
    await call('vip', 'Ada');
    await open('/flow?view=map');
    await page.getByRole('group', { name: 'Event type communication.CallStarted' }).or(page.getByLabel('Event type communication.CallStarted')).first().waitFor();
    await page.getByLabel('Job type RunRuleEngineJob').first().waitFor();
    await page.getByLabel('Event type communication.CallStarted').first().click();
    await rowsOf('Events').first().waitFor();
    expect(new URL(page.url()).hash).toContain('type=communication.CallStarted');
  });

  test('an event: its fields with their paths, its schema, and a replay of it', async () => {
    const { eventId, seq } = await site.publish('communication.CallStarted', { ...vipCall('c-panel'), customer: { id: 42, tier: 'platinum' } });
    await expect.poll(async () => (await site.request(`/api/v1/events/${eventId}`)).status, SOON).toBe(200);
    await open(`/flow?event=${eventId}`);
    const event = panel('Event');
    await event.getByText(/Valid by the schema of communication.CallStarted/).waitFor();
    await event.getByText('Fields', { exact: true }).click();
    await event.getByRole('button', { name: 'Copy the path data.customer.tier' }).waitFor();
    await event.getByRole('link', { name: 'platinum' }).click();
    await expect.poll(() => rowsOf('Events').count(), SOON).toBe(1);
    await rowsOf('Events').first().getByText('CallStarted').click();
    await panel('Event').getByRole('link', { name: 'Replay…' }).click();
    await expect.poll(() => page.getByRole('textbox', { name: 'From sequence' }).inputValue(), SOON).toBe(String(seq));
  });
});

describe('views', () => {
  test('a view is saved, found in menu and palette, and taken out with undo', async () => {
    await open('/jobs?state=dead');
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('menuitem', { name: 'Save this view…' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('What died');
    await page.getByRole('button', { name: 'Save 1 view' }).click();
    await open('/');
    await page.keyboard.press('Control+k');
    const box = page.getByRole('textbox', { name: 'Search or jump' });
    await expect.poll(() => box.evaluate((element) => element === document.activeElement), SOON).toBe(true);
    await page.keyboard.type('What died');
    // The palette has taken in what was typed once pages that do not fit are gone.
    const offers = page.locator('.mantine-Spotlight-action');
    await expect.poll(() => offers.first().textContent(), SOON).toContain('What died');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).hash, SOON).toBe('#/jobs?state=dead');
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('menuitem', { name: 'What died' }).focus();
    await page.keyboard.press('Delete');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('menuitem', { name: 'What died' }).waitFor();
  });
});

describe('alerts', () => {
  test('a rule is changed, its way of telling tried; what it watches for rings, is told by its channel, and somebody looks after it', async () => {
    await open('/alerts?rule=dead-letters');
    const rule = panel('Rule');
    await rule.getByRole('textbox', { name: 'More than' }).fill('0');
    await rule.getByRole('combobox', { name: 'Also told by' }).click();
    await page.getByRole('option', { name: 'ops' }).click();
    await rule.getByRole('button', { name: 'Send 1 test message' }).click();
    await expect.poll(() => receiver.received.some(({ body }) => String(body.subject).startsWith('Test message')), SOON).toBe(true);
    await rule.getByRole('button', { name: 'Change the rule' }).click();

    const { jobId } = await holdJob('alert', 'hold', 'running');
    await site.api(`/jobs/${jobId}/cancel`, { reason: 'to have a dead letter' });
    await page.getByRole('link', { name: '1 alert' }).waitFor();
    await expect.poll(() => receiver.received.filter(({ body }) => /dead letter/.test(String(body.body))).length, SOON).toBe(1);
    await page.getByRole('button', { name: 'I look after it' }).click();
    await page.getByText(/looks after it$/).waitFor();
  });
});

describe('settings', () => {
  test('say what changes before it is written, and wait for the next start', async () => {
    await open('/settings?group=retention');
    const group = panel('Settings');
    const events = group.getByRole('textbox', { name: 'Events', exact: true });
    await events.fill('5min');
    await group.getByRole('button', { name: 'Change 1 setting' }).click();
    await page.getByText(/streams\.platformEvents.*duplicateWindow/).waitFor();
    await events.fill('90d');
    await group.getByText('Events: 30d → 90d').waitFor();
    await group.getByRole('button', { name: 'Change 1 setting' }).click();
    await page.getByText('1 change waits for the next start of the services.').waitFor();
    expect(readFileSync(join(site.folder, 'spine.yaml'), 'utf8')).toContain('platformEvents: 90d');
    await open('/audit');
    await page.getByRole('gridcell', { name: 'changed settings: streams.platformEvents' }).waitFor();
  });

  test('a save closes the group that it saved, and not the one that was opened meanwhile', async () => {
    await open('/settings?group=retention');
    // The audit event can't be written: the save waits until it can.
    const sql = await sqlClient(site);
    await sql.query('BEGIN; LOCK TABLE spine.outbox IN SHARE ROW EXCLUSIVE MODE');
    await panel('Settings').getByRole('textbox', { name: 'Events', exact: true }).fill('80d');
    await panel('Settings').getByRole('button', { name: 'Change 1 setting' }).click();
    await expect.poll(async () => (await sql.query(`SELECT 1 FROM pg_locks WHERE relation = 'spine.outbox'::regclass AND NOT granted`)).rowCount, SOON).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Change: Workers' }).click();
    await panel('Settings').getByRole('switch', { name: 'Run jobs' }).waitFor();
    await sql.query('COMMIT');
    await sql.end();
    await page.getByText('The file is changed').waitFor();
    await page.getByText('→ 80d from the next start').waitFor();
    expect(await panel('Settings').getByRole('switch', { name: 'Run jobs' }).count()).toBe(1);
    await page.keyboard.press('Escape');
    await panel('Settings').waitFor({ state: 'hidden' });
  });
});

describe('by keyboard alone', () => {
  const focused = (): Promise<string> => page.evaluate(() => (document.activeElement === document.body ? '' : (document.activeElement?.textContent ?? '')));

  test('is the site healthy, and why not', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
    for (let steps = 0; steps < 80 && !/dead letters? waits? for a decision|dead letters wait/.test(await focused()); steps++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Dead letters', exact: true }).waitFor();
  });

  test('find every event of one customer', async () => {
    await site.publish('communication.CallStarted', { ...vipCall('c-key'), customer: { id: 777, tier: 'new' } });
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await page.getByRole('heading', { name: 'Flow', exact: true }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('data.customer.id=777');
    await page.keyboard.press('Enter');
    await expect.poll(() => rowsOf('Events').count(), SOON).toBe(1);
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await panel('Event').getByText('777').waitFor();
  });

  test('redrive a family safely', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Dead letters', exact: true }).waitFor();
    await rowsOf('Failure families').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).hash, SOON).toContain('family=');
    for (let steps = 0; steps < 80 && !/^Redrive\b/.test(await focused()); steps++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: /Redrive/ });
    await dialog.waitFor();
    for (let steps = 0; steps < 40 && !/^Redrive \d/.test(await focused()); steps++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await site.api<{ redrives: { total: number }[] }>('/redrives')).redrives.map(({ total }) => total), SOON).toEqual([expect.any(Number)]);
  });
});

describe('under load', () => {
  test('a paused queue, its backlog and backpressure are said as they are; resumed, all of it is done', async () => {
    const queueRow = page.getByRole('row').filter({ has: page.getByRole('button', { name: 'background', exact: true }) });
    await open('/tiers?queue=background');
    await panel('Queue').getByRole('textbox', { name: 'Reason' }).fill('to fill it');
    await panel('Queue').getByRole('button', { name: 'Pause queue background' }).click();
    await queueRow.getByText('paused', { exact: true }).waitFor();
    const connection = await natsClient(site);
    const wave = Array.from({ length: 350 }, (_, i) => createEvent({ eventType: 'data.EntityCreated', source: 'flood', data: { entityType: 'box', entityId: `b-${i}`, version: 1, attributes: { name: 'x' } } }));
    await Promise.all(wave.slice(0, 220).map((event) => publishUntilAcked(connection, event)));
    // What waits is what Postgres has, and the table says no less.
    await expect.poll(() => queueRow.getByRole('cell').nth(2).textContent(), SOON).toBe('220');
    await open('/');
    await page.getByText(/takes no events: 220 background jobs wait; the limit is 200/).first().waitFor();
    await Promise.all(wave.slice(220).map((event) => publishUntilAcked(connection, event)));
    await connection.close();

    await open('/tiers?queue=background');
    expect(await queueRow.getByRole('cell').nth(2).textContent()).toBe('220');
    await panel('Queue').getByRole('button', { name: 'Resume queue background' }).click();
    await expect.poll(async () => (await site.api<{ queues: QueueStatus[] }>('/queues')).queues.find((each) => each.queue === 'background')?.completedTotal, { timeout: 60_000, interval: 100 }).toBe(350);
    await expect.poll(() => queueRow.getByRole('cell').nth(2).textContent(), SOON).toBe('0');
    await open('/');
    await expect.poll(() => page.getByText(/takes no events/).count(), SOON).toBe(0);
  });

  test('background gives way while a faster tier is at work, and the table says so', async () => {
    const queueRow = page.getByRole('row').filter({ has: page.getByRole('button', { name: 'background', exact: true }) });
    const waiting = async (): Promise<number | undefined> => (await site.api<{ queues: QueueStatus[] }>('/queues')).queues.find((each) => each.queue === 'background')?.waiting;
    await site.api('/queues/background/pause', { reason: 'to fill it' });
    const connection = await natsClient(site);
    const wave = Array.from({ length: 150 }, (_, i) => createEvent({ eventType: 'data.EntityCreated', source: 'flood', data: { entityType: 'box', entityId: `c-${i}`, version: 1, attributes: { name: 'x' } } }));
    await Promise.all(wave.map((event) => publishUntilAcked(connection, event)));
    await expect.poll(waiting, SOON).toBe(150);
    await open('/tiers');
    let calling = true;
    const calls = (async () => {
      for (let n = 0; calling; n += 1) {
        await publishUntilAcked(connection, createEvent({ eventType: 'communication.CallStarted', source: 'busy', data: vipCall(`busy-${n}`) }));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    await site.api('/queues/background/resume', { reason: 'it is full' });
    await queueRow.getByText('giving way', { exact: true }).waitFor();
    await expect.poll(waiting, SOON).toBe(0);
    calling = false;
    await calls;
    await connection.close();
    await queueRow.getByText('taking jobs', { exact: true }).waitFor();
  });

  test('a killed worker: its attempt is lost, the job runs again, and both are seen', async () => {
    const { jobId } = await holdJob('killed', 'hold', 'running');
    await page.context().close();
    await site.kill();
    await site.start();
    page = await story.reopen();
    await open(`/jobs?job=${jobId}`);
    await panel('Job').getByText('worker lost').waitFor();
    await panel('Job').getByText('running', { exact: true }).first().waitFor();
    expect((await site.api<{ job: { attemptList: { attempt: number; outcome: string }[] } }>(`/jobs/${jobId}`)).job.attemptList).toMatchObject([{ attempt: 1, outcome: 'lost' }, { attempt: 2, outcome: 'running' }]);
  });
});
