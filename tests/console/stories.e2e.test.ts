/** The stories of the house, as an operator lives them: in the console, in a real Chromium, on a real site. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Trace } from '../../shared/operator-api/index.ts';
import { consoleStory, SOON } from '../support/console-story.ts';
import { Receiver } from '../support/receiver.ts';
import { natsClient } from '../support/site-clients.ts';
import { SiteProcess } from '../support/site-process.ts';
import { vipCall, vipSite } from '../support/vip-site.ts';

const receiver = new Receiver();
let site: SiteProcess;
let page: Page;

const story = consoleStory(async () => {
  // A port that stays over a restart, so that the page left open finds its way back.
  site = new SiteProcess({
    config: vipSite(await receiver.start(), {
      http: { port: await freePort() },
      connectors: [{ id: 'customers', kind: 'folder', path: 'drop', idField: 'id', mapping: '{ "entityType": "customer", "entityId": id, "attributes": { "name": name, "city": city } }' }],
    }),
  });
  mkdirSync(join(site.folder, 'drop'));
  await site.start();
  return site;
}, () => receiver.stop());
const { goTo, rowsOf, panel } = story;
beforeEach(() => void ({ page } = story));

const grid = (name: string): Locator => page.getByRole('grid', { name });
const locationOf = (subject: string): Record<string, unknown> => ({ subject, latitude: 52.5, longitude: 13.4 });

/** The tree on screen: level, name and state of each row, from top to bottom. */
async function treeOnScreen(): Promise<string[]> {
  return rowsOf(page.getByRole('treegrid', { name: 'Trace' })).evaluateAll((rows) =>
    rows
      .sort((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')))
      .map((row) => `${row.getAttribute('aria-level')} ${row.querySelector('.node .mono')?.textContent ?? 'gap'} ${row.querySelector('.status')?.textContent ?? ''}`.trim()),
  );
}

describe('from event to effect', () => {
  test('an event published by hand is seen through to the message it caused: one tree, delivered once', async () => {
    await goTo('Flow');
    await page.getByRole('main').getByRole('button', { name: 'Publish', exact: true }).click();
    const form = page.getByRole('dialog', { name: 'Publish an event' });
    const type = form.getByRole('combobox', { name: 'Event type' });
    await type.fill('CallStar');
    await page.getByRole('option', { name: 'communication.CallStarted' }).click();
    // The example stands in the fields.
    await expect.poll(() => form.getByRole('textbox', { name: 'callId' }).inputValue(), SOON).toBe('pbx-7-1029');
    await form.getByRole('textbox', { name: 'from' }).fill('+49 40 777');
    await form.getByRole('textbox', { name: 'customer' }).fill('{ "id": 7, "tier": "vip" }');
    await form.getByRole('button', { name: 'Publish 1 event' }).click();

    await page.getByRole('link', { name: 'Open its trace' }).click();
    await expect.poll(treeOnScreen, SOON).toEqual([
      '1 communication.CallStarted',
      '2 RunRuleEngineJob completed',
      '3 rule.ConditionMatched',
      '3 rule.ActionTriggered',
      '4 SendOutgoingMessageJob completed',
      '5 communication.MessageSent',
      '6 RunRuleEngineJob completed',
    ]);
    const correlationId = /traces\/([0-9a-f-]{36})/.exec(page.url())?.[1];
    const delivered = receiver.received.filter(({ body }) => body.correlationId === correlationId);
    expect(delivered.map(({ body }) => body.body)).toEqual(['VIP +49 40 777 is on the line']);
  });

  test('a refused payload says so at its field, and publishes nothing', async () => {
    const before = (await site.api<{ totals: { events: number } }>('/site/status')).totals.events;
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Publish an event' }).click();
    const form = page.getByRole('dialog', { name: 'Publish an event' });
    await form.getByRole('textbox', { name: 'customer' }).fill('{ "tier": ');
    await form.getByRole('button', { name: 'Publish 1 event' }).click();
    await expect.poll(() => form.getByRole('textbox', { name: 'customer' }).getAttribute('aria-invalid'), SOON).toBe('true');
    await form.getByRole('button', { name: 'Cancel' }).click();
    await form.waitFor({ state: 'hidden' });
    expect((await site.api<{ totals: { events: number } }>('/site/status')).totals.events).toBe(before);
  });

  test('a customer in a file dropped into a folder is found on Documents, and traced to the file', async () => {
    writeFileSync(join(site.folder, 'drop', 'customers.csv'), 'id,name,city\nc-2,Konrad Zuse,Berlin\n');
    await goTo('Documents');
    await page.getByRole('textbox', { name: 'Search documents' }).fill('zuse');
    const hit = page.getByRole('grid', { name: 'Documents' }).getByRole('row').filter({ hasText: 'customer c-2' });
    // The indexer may need a moment; a person presses the button again.
    await expect.poll(async () => {
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      return hit.count();
    }, { ...SOON, interval: 250 }).toBe(1);
    expect(await hit.locator('mark').allTextContents()).toContain('Zuse');
    await hit.getByRole('link').click();
    await expect.poll(treeOnScreen, SOON).toEqual(expect.arrayContaining([
      expect.stringMatching(/^\d connector\.DataReceived$/),
      expect.stringMatching(/^\d ProcessIncomingDataJob completed$/),
      expect.stringMatching(/^\d WriteEntityJob completed$/),
      expect.stringMatching(/^\d data\.EntityCreated$/),
      expect.stringMatching(/^\d IndexDocumentJob completed$/),
    ]));
    const order = (await treeOnScreen()).filter((row) => /DataReceived|ProcessIncoming|WriteEntity|EntityCreated|IndexDocument/.test(row));
    expect(order.map((row) => row.split(' ')[1])).toEqual(['connector.DataReceived', 'ProcessIncomingDataJob', 'WriteEntityJob', 'data.EntityCreated', 'IndexDocumentJob']);
    const levels = order.map((row) => Number(row.split(' ')[0]));
    for (const [at, level] of levels.entries()) if (at > 0) expect(level).toBeGreaterThan(levels[at - 1] ?? Number.POSITIVE_INFINITY);
  });
});

describe('what needs a decision', () => {
  test('a dead letter shows what is missing, is redriven only when confirmed, and discarded with a reason', async () => {
    const { correlationId } = await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'PlaceCallJob', input: { to: '+49 30 1' } });
    await goTo('Dead letters');
    await page.getByRole('main').getByText('One by one', { exact: true }).click();
    const letters = rowsOf(grid('Dead letters'));
    const row = letters.filter({ hasText: 'PlaceCallJob' });
    await row.waitFor();
    expect(await row.textContent()).toContain('gateways.telephony');
    await row.click();
    const letter = panel('Dead letter');
    await letter.getByText('Stack', { exact: true }).click();
    expect(await letter.locator('pre.stack').innerText()).toMatch(/MissingSettingError.*gateways\.telephony[^]*\n\s+at /);

    await letter.getByRole('button', { name: 'Redrive…', exact: true }).click();
    const redrive = letter.getByRole('button', { name: 'Redrive 1 job' });
    expect(await redrive.isDisabled()).toBe(true);
    await letter.getByRole('checkbox', { name: 'I have checked that it may run again' }).check();
    await letter.getByRole('textbox', { name: 'Reason' }).fill('gateway is said to be back');
    await redrive.click();
    await letter.getByText('Runs again as').waitFor();
    expect(await letter.locator('.section').filter({ hasText: 'Decision' }).first().innerText()).toMatch(/redriven[^]*gateway is said to be back/);
    const again = (await letter.locator('dd a.mono').first().textContent()) ?? '';

    // It dies again, as a letter of its own.
    await letter.getByRole('button', { name: 'Close panel (Esc)' }).click();
    await expect.poll(() => letters.evaluateAll((rows) => rows.map(({ id }) => id)), SOON).toEqual([`row-${again}`]);
    await letters.first().click();
    await letter.getByRole('button', { name: 'Discard…' }).click();
    const discard = letter.getByRole('button', { name: 'Discard 1 job' });
    expect(await discard.isDisabled()).toBe(true);
    await letter.getByRole('textbox', { name: 'Reason' }).fill('no gateway here');
    await discard.click();
    await expect.poll(() => letter.locator('.section').filter({ hasText: 'Decision' }).first().innerText(), SOON).toMatch(/discarded[^]*no gateway here/);
    await grid('Dead letters').getByText('No dead letters').waitFor();

    const trace = await site.api<Trace>(`/traces/${correlationId}`);
    expect(trace.jobs.filter(({ jobType }) => jobType === 'PlaceCallJob').map(({ state }) => state).sort()).toEqual(['discarded', 'redriven']);
  });

  test('a message that is no event stands on Set aside with its reason and its bytes', async () => {
    const connection = await natsClient(site);
    await jetstream(connection).publish('communication.CallStarted', new TextEncoder().encode('{"broken": '));
    await jetstream(connection).publish('communication.CallStarted', new Uint8Array([0xff, 0xfe, 0x00, 0x80]));
    await connection.close();
    await goTo('Set aside');
    const rows = rowsOf(grid('Messages set aside'));
    await expect.poll(() => rows.count(), SOON).toBe(2);
    for (const text of await rows.allTextContents()) expect(text).toContain('not JSON');
    expect(await page.getByRole('button', { name: /^not JSON 2$/ }).count()).toBe(1);
    await rows.filter({ hasText: '11 B' }).click();
    const message = panel('Message set aside');
    await expect.poll(() => message.locator('pre').textContent(), SOON).toBe('{"broken": ');
    await message.getByText('Hex', { exact: true }).click();
    expect(await message.locator('pre').textContent()).toContain('7b 22 62 72 6f 6b 65 6e');
    // Two that come at once may be set aside in either order.
    await rows.filter({ hasText: 'not valid for encoding' }).click();
    await expect.poll(() => message.locator('pre').textContent(), SOON).toContain('ff fe 00 80');
    await message.getByText('not UTF-8').waitFor();
    await page.keyboard.press('Escape');
    await message.waitFor({ state: 'hidden' });
  });
});

describe('watching', () => {
  test('Flow: live rows, a filter in the box and in the URL, pause, and the details by keyboard', async () => {
    await goTo('Flow');
    const rows = rowsOf(grid('Events'));
    const { eventId } = await site.publish('connector.LocationUpdated', locationOf('van-live'));
    await rows.filter({ hasText: 'van-live' }).waitFor();

    const box = page.getByRole('combobox', { name: 'Filter' });
    await box.fill('type:connector.LocationUpdated');
    await box.press('Enter');
    await expect.poll(() => new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('type'), SOON).toBe('connector.LocationUpdated');
    await expect.poll(() => rows.count(), SOON).toBe(1);
    await box.press('Escape');

    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await site.publish('communication.CallStarted', { ...vipCall('not-shown'), customer: { tier: 'other' } });
    await site.publish('connector.LocationUpdated', locationOf('van-held-1'));
    await site.publish('connector.LocationUpdated', locationOf('van-held-2'));
    await page.getByRole('button', { name: '2 new' }).waitFor();
    expect(await rows.count()).toBe(1);
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await expect.poll(async () => (await rows.allTextContents()).map((text) => /van-[a-z0-9-]*[a-z0-9]/.exec(text)?.[0]), SOON).toEqual(['van-held-2', 'van-held-1', 'van-live']);

    // A link carries the filter.
    await page.goto(`${site.info.url}#/flow?type=communication.*`);
    await expect.poll(() => box.inputValue(), SOON).toBe('type:communication.*');
    await expect.poll(async () => (await rows.allTextContents()).every((text) => text.includes('communication.')) && rows.count(), SOON).toBeGreaterThan(0);
    await page.goBack();

    await expect.poll(() => rows.count(), SOON).toBe(3);
    for (let n = 0; n < 3; n += 1) await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await panel('Event').getByText(eventId).first().waitFor();
    expect(page.url()).toContain(eventId);
    await page.keyboard.press('Escape');
    await panel('Event').waitFor({ state: 'hidden' });
    expect(page.url()).not.toContain(eventId);
  });

  test('Tiers: percentiles of all three; a paused queue keeps its jobs until it is resumed', async () => {
    await site.publish('communication.CallStarted', vipCall('call-for-tiers'));
    await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'SyncConnectorDataJob', input: { connectorId: 'customers' } });
    await goTo('Tiers');
    for (const tier of ['realtime', 'interactive', 'background']) {
      const block = page.getByRole('region', { name: `Tier ${tier}` });
      await expect.poll(() => block.innerText(), SOON).toMatch(/[1-9]\d* jobs? started in the last 15 min, \d+ late: p50 [\d.]+ m?s, p95 [\d.]+ m?s, p99 [\d.]+ m?s/);
      // A line of each percentile is drawn.
      await expect.poll(() => block.locator('.recharts-line').count(), SOON).toBe(3);
    }
    const row = page.getByRole('row').filter({ has: page.getByRole('cell', { name: 'interactive' }) });
    await row.getByRole('button', { name: 'Pause interactive' }).click();
    const queue = panel('Queue');
    const pause = queue.getByRole('button', { name: 'Pause queue interactive' });
    expect(await pause.isDisabled()).toBe(true);
    await queue.getByRole('textbox', { name: 'Reason' }).fill('receiver is being moved');
    await pause.click();
    await row.getByText('paused', { exact: true }).waitFor();
    expect(await queue.innerText()).toContain('receiver is being moved');

    const { correlationId } = await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', subject: 'x', body: 'held' } });
    const arrived = (): number => receiver.received.filter(({ body }) => body.correlationId === correlationId).length;
    await expect.poll(() => row.getByRole('cell').nth(2).textContent(), SOON).toBe('1');
    expect(arrived()).toBe(0);
    await queue.getByRole('button', { name: 'Resume queue interactive' }).click();
    await row.getByText('taking jobs').waitFor();
    await expect.poll(arrived, SOON).toBe(1);
    await expect.poll(() => row.getByRole('cell').nth(2).textContent(), SOON).toBe('0');
  });
});

describe('losing the services', () => {
  test('a loss is told; after a restart the old page is refused and explains the launch link; a new link opens the console', async () => {
    await goTo('Overview');
    const header = page.getByRole('banner');
    await header.getByText(/live · \d/).waitFor();
    await site.kill();
    await header.getByText('reconnecting…').waitFor();
    await page.getByRole('alert').filter({ hasText: 'The console lost the services' }).waitFor();

    await site.start();
    await page.getByRole('heading', { name: 'This console needs the launch link' }).waitFor();
    await header.getByText('no session').waitFor();
    expect(await page.getByRole('main').innerText()).toContain('npm run console-url');
    await page.getByLabel('Or paste the token').fill('guess');
    await page.getByRole('button', { name: 'Open the console' }).click();
    await page.getByText('The services did not accept it.').waitFor();

    await page.goto(await site.launchUrl());
    await header.getByText(/live · \d/).waitFor();
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    // The browser's own words about the dead socket and the guessed token; nothing of ours.
    expect(story.takeProblems().filter((problem) => !/WebSocket connection|ERR_CONNECTION|401|Failed to load resource/.test(problem))).toEqual([]);
  });
});

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}
