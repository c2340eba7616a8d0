/** Pages about the site itself as an operator lives them: streams, rules, connections, catalogue, entities. One site, a real Chromium. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import type { Locator, Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createEvent } from '../../shared/envelope.ts';
import { consoleStory, SOON } from '../support/console-story.ts';
import { MailServer } from '../support/mail-server.ts';
import { Receiver } from '../support/receiver.ts';
import { natsClient, sqlClient } from '../support/site-clients.ts';
import { eventually, SiteProcess } from '../support/site-process.ts';
import { vipCall, vipSite } from '../support/vip-site.ts';

const receiver = new Receiver();
const mail = new MailServer();
const [ADA, GRACE] = ['{"id": "c-1", "name": "Ada", "city": "London"}\n', '{"id": "c-2", "name": "Grace", "city": "New York"}\n'] as const;
let site: SiteProcess;
let page: Page;

const story = consoleStory(async () => {
  const [webhook, mailPort] = await Promise.all([receiver.start(), mail.start()]);
  site = new SiteProcess({
    config: vipSite(webhook, {
      channels: {
        ops: { kind: 'webhook', url: webhook },
        mail: { kind: 'smtp', host: '127.0.0.1', port: mailPort, from: 'spine@example.org' },
        locked: { kind: 'webhook', url: webhook, headers: { authorization: { env: 'SPINE_TEST_NOT_SET' } } },
      },
      connectors: [{ id: 'crm', kind: 'folder', path: 'drop', watch: false, idField: 'id', mapping: '{ "entityType": "customer", "entityId": id, "attributes": { "name": name, "city": city } }', schedule: { cron: '0 3 * * *' } }],
      plugins: { folder: 'plugins' },
    }),
  });
  for (const folder of ['drop', 'plugins']) mkdirSync(join(site.folder, folder));
  writeFileSync(join(site.folder, 'drop', 'customers.ndjson'), ADA + GRACE);
  cpSync(join(import.meta.dirname, '../../examples/plugins/greeter'), join(site.folder, 'plugins', 'greeter'), { recursive: true });
  await site.start();
  for (let n = 0; n < 150; n += 1) await site.publish('communication.CallEnded', { callId: `call-${n}`, durationSeconds: n, outcome: 'answered' });
  await site.publish('communication.CallStarted', vipCall('call-vip'));
  await site.publish('connector.SyncFailed', { connectorId: 'crm', error: 'no answer', willRetry: false });
  return site;
}, async () => {
  await receiver.stop();
  await mail.stop();
});
const { goTo, rowsOf, panel, violations } = story;
beforeEach(() => void ({ page } = story));

test('streams: measures, consumers, and every message by sequence and by time, both ways', async () => {
  await goTo('Streams');
  const table = page.getByRole('table', { name: 'Streams' });
  const line = (name: string): Locator => table.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  await line('platform-events').getByText('default', { exact: true }).waitFor();
  await line('platform-events').getByText(/^over \d+ s$/).waitFor();
  await line('connector-data').getByText('in step').waitFor();
  await line('audit-log').getByText('in step').waitFor();
  await page.getByText('The copies are in step.').waitFor();

  // Back in growing steps through what a subject leaves over, over the edge of a page.
  await page.getByRole('combobox', { name: 'Subject' }).fill('communication.CallEnded');
  await page.keyboard.press('Enter');
  await page.getByText('100 messages shown, newest first').waitFor();
  await rowsOf('Messages').first().getByText('call-149').waitFor();
  await page.getByRole('grid', { name: 'Messages' }).press('End');
  await page.getByText('150 messages shown, newest first').waitFor();
  await page.getByText('back to the oldest').waitFor();
  await page.getByRole('grid', { name: 'Messages' }).press('End');
  // Jobs tell of themselves in between, so sequences have gaps.
  const third = rowsOf('Messages').filter({ hasText: /call-2 / });
  const seq = Number((await third.getByRole('gridcell').first().innerText()).replaceAll(',', ''));

  // By sequence, then the newer ones above it.
  await page.getByRole('textbox', { name: 'From sequence' }).fill(String(seq));
  await page.keyboard.press('Enter');
  await page.getByText('3 messages shown, newest first').waitFor();
  await page.getByRole('button', { name: 'Look for newer ones' }).click();
  await page.getByText('103 messages shown, newest first').waitFor();
  await rowsOf('Messages').filter({ hasText: /call-2 / }).first().click();
  const message = panel('Message');
  await message.getByText('ce-correlationid').waitFor();
  expect(await message.getByRole('row', { name: /^ce-type/ }).innerText()).toContain('communication.CallEnded');
  expect(await violations()).toEqual([]);
  await message.getByRole('link', { name: 'Open event' }).click();
  await panel('Event').getByText('fits the catalogue').waitFor();

  // By time: what was stored by then, in a copy with gaps.
  const { messages: [failure] } = await site.api<{ messages: { storedMs: number }[] }>('/streams/connector-data/messages');
  const second = Math.floor((failure?.storedMs ?? 0) / 1_000) * 1_000;
  await page.goto(`${site.info.url}#/streams?stream=connector-data&at=${second - 1}`);
  await page.getByText('The stream holds none before this place.').waitFor();
  await page.goto(`${site.info.url}#/streams?stream=connector-data&at=${second + 999}`);
  await rowsOf('Messages').filter({ hasText: 'connector.SyncFailed' }).waitFor();

  await page.goto(`${site.info.url}#/streams?view=consumers`);
  const routing = page.getByRole('region', { name: 'Consumers of platform-events' }).getByRole('row').filter({ hasText: 'job-service' });
  await routing.getByText('routing: turns events into jobs').waitFor();
  await expect.poll(async () => (await routing.getByRole('cell').allInnerTexts()).slice(1, 4), SOON).toEqual(['0', '0', '0']);
  expect(await violations()).toEqual([]);
});

test('rules: one is made with its dry run in sight, does its work, is switched, changed and removed; every mistake names its field', async () => {
  await goTo('Rules');
  const fromFile = rowsOf('Rules').filter({ hasText: 'vip-caller' });
  await fromFile.getByText('on', { exact: true }).waitFor();
  // The call at the start has matched; the tally is by its rule.
  await expect.poll(async () => (await site.api<{ rules: { matches: number }[] }>('/rules')).rules[0]?.matches, SOON).toBe(1);

  await page.getByRole('button', { name: 'New rule' }).click();
  const form = page.getByRole('dialog', { name: 'New rule' });
  await form.getByRole('textbox', { name: 'Id' }).fill('long-calls');
  await form.getByRole('textbox', { name: 'Name' }).fill('Tell ops of long calls');
  await form.getByRole('combobox', { name: 'Path of condition 1' }).fill('data.durationSeconds');
  await page.keyboard.press('Escape');
  await form.getByRole('combobox', { name: 'Comparison of condition 1' }).click();
  await page.getByRole('option', { name: 'at least' }).click();
  await form.getByRole('textbox', { name: 'Value of condition 1' }).fill('140');
  const actionJson = form.getByRole('textbox', { name: 'Input of action 1 as JSON' });
  await actionJson.fill('{\n  "channel": "ops",\n  oops\n}');
  await form.getByRole('button', { name: 'Dry run' }).click();
  await form.getByText('No valid JSON: look at line 3, column 3.').waitFor();
  await actionJson.fill('{ "channel": "ops", "body": "{{ data.callId }} took {{ data.durationSeconds }} s" }');
  await form.getByRole('button', { name: 'Dry run' }).click();
  await form.getByText(/actions\.0\.input\.to: is missing\. Expected what SendOutgoingMessageJob needs: channel, to, body/).waitFor();
  await actionJson.fill('{ "channel": "ops", "to": "ops", "body": "{{ data.callId }} took {{ data.durationSeconds }} s" }');
  await form.getByRole('button', { name: 'Dry run' }).click();
  // It looks at calls that start, and none of those has a duration.
  await form.getByText('0 events would match.').waitFor();
  await form.getByText(/It looks at 1 of the 15[12] events that reach the rules/).waitFor();
  await form.getByRole('combobox', { name: 'Looks at' }).press('Backspace');
  await form.getByRole('combobox', { name: 'Looks at' }).fill('communication.CallEnded');
  await page.keyboard.press('Enter');
  await form.getByRole('button', { name: 'Dry run' }).click();
  await form.getByText('10 events would match.').waitFor();
  const dry = form.getByRole('region', { name: 'Dry run' });
  await dry.getByText('call-140 took 140 s').waitFor();
  expect(await violations()).toEqual([]);
  const sent = receiver.received.length;
  await form.getByRole('textbox', { name: 'Reason' }).fill('asked for by the desk');
  await form.getByRole('button', { name: 'Make 1 rule' }).click();

  const rule = panel('Rule');
  await rule.getByText('never, as far back as the view goes').waitFor();
  // What the dry run found was not sent; what comes now is.
  expect(receiver.received).toHaveLength(sent);
  await site.publish('communication.CallEnded', { callId: 'call-long', durationSeconds: 3_600, outcome: 'answered' });
  await expect.poll(() => receiver.received.slice(sent).map(({ body }) => body.body), SOON).toEqual(['call-long took 3600 s']);
  await rule.getByText('1 match', { exact: true }).first().waitFor();

  await rule.getByRole('button', { name: 'Switch off…' }).click();
  await rule.getByRole('textbox', { name: 'Reason' }).fill('too many messages');
  await rule.getByRole('button', { name: 'Switch 1 rule off' }).click();
  await rule.getByText(/switched by .*: too many messages/).waitFor();
  await rowsOf('Rules').filter({ hasText: 'long-calls' }).getByText('off', { exact: true }).waitFor();
  expect(await violations()).toEqual([]);

  // A change is compared with what is stored, also while that is off.
  await rule.getByRole('button', { name: 'Change…' }).click();
  const change = page.getByRole('dialog', { name: 'Change long-calls' });
  await change.getByRole('textbox', { name: 'Value of condition 1' }).fill('100');
  await change.getByRole('button', { name: 'Dry run' }).click();
  await change.getByText('As it is stored it matches 11 events: 40 more with this change, 0 fewer.').waitFor();
  await change.getByRole('textbox', { name: 'Reason' }).fill('shorter ones, too');
  await change.getByRole('button', { name: 'Change 1 rule' }).click();
  await rule.getByText('Version 2', { exact: true }).click();
  await rule.locator('.rules-is').getByText(/"value": 100/).waitFor();
  await expect(site.api('/rules/long-calls/change', { definition: { id: 'long-calls', name: 'x', conditions: { all: [] }, actions: [{ jobType: 'SendPigeonJob', input: {} }] }, version: 2, reason: 'x' })).rejects.toThrow(/400.*actions\.0\.jobType/);
  const { rules } = await site.api<{ rules: { definition: { id: string } }[] }>('/rules');
  await expect(site.api('/rules/long-calls/change', { definition: rules.find(({ definition }) => definition.id === 'long-calls')?.definition, version: 1, reason: 'x' })).rejects.toThrow(/409.*version 2, yours was 1/);

  await rule.getByRole('button', { name: 'Remove…' }).click();
  await rule.getByRole('textbox', { name: 'Reason' }).fill('only a trial');
  await rule.getByRole('button', { name: 'Remove 1 rule' }).click();
  await page.getByText('long-calls is removed').waitFor();
  await expect.poll(() => rowsOf('Rules').count(), SOON).toBe(1);
  const { versions } = await site.api<{ versions: { version: number; reason: string; definition: object | null }[] }>('/rules/long-calls/versions');
  expect(versions.map(({ version, reason, definition }) => [version, reason, definition === null])).toEqual([[3, 'only a trial', true], [2, 'shorter ones, too', false], [1, 'asked for by the desk', false]]);

  // One from the file is changed there; a change can be tried here.
  await fromFile.click();
  await rule.getByRole('button', { name: 'Try a change…' }).click();
  const trial = page.getByRole('dialog', { name: 'Try a change of vip-caller' });
  await trial.getByRole('button', { name: 'Dry run' }).click();
  await trial.getByText('The same as the rule does as it is stored.').waitFor();
  expect(await trial.getByRole('button', { name: 'Change 1 rule' }).count()).toBe(0);
});

test('connections: a connector is tested without storing anything, then synced; channels send a real test; plugins are told', async () => {
  await goTo('Connections');
  await rowsOf('Connectors').filter({ hasText: 'crm' }).getByText('never synced').waitFor();
  await rowsOf('Connectors').filter({ hasText: 'crm' }).click();
  const connector = panel('Connector');
  await connector.getByRole('button', { name: 'Test' }).click();
  await connector.getByText('2 new records.').waitFor();
  await connector.getByText('becomes 1 entity').first().waitFor();
  expect(await site.api('/connectors')).toMatchObject([{ id: 'crm', lastOutcome: 'never', records: 0, scheduled: { id: 'connector-crm', paused: false }, nextSyncMs: expect.any(Number) as number }]);
  await connector.getByRole('button', { name: 'Sync now' }).click();
  await connector.getByText('2 records published in all').waitFor();
  await connector.getByText('SyncCompleted').waitFor();
  writeFileSync(join(site.folder, 'drop', 'customers.ndjson'), `${ADA.replace('London', 'Paris')}${GRACE}no json\n`);
  await connector.getByRole('button', { name: 'Test' }).click();
  await connector.getByText('1 changed, 1 as they were.').waitFor();
  await connector.getByText('1 record can’t be read').waitFor();
  expect(await violations()).toEqual([]);
  await site.api('/schedules/connector-crm/pause', { reason: 'the CRM is being moved' });
  await connector.getByRole('link', { name: /resume it there/ }).waitFor();

  await page.getByRole('group', { name: 'Show' }).or(page.getByRole('radiogroup', { name: 'Show' })).getByText('Channels').click();
  const channels = rowsOf('Channels');
  await channels.filter({ hasText: 'gateways.fax' }).getByText('Not configured. Set gateways.fax.url, and restart.').waitFor();
  await channels.filter({ hasText: 'channels.locked' }).getByText('secret missing').waitFor();
  await channels.filter({ hasText: 'channels.locked' }).click();
  const channel = panel('Channel');
  await channel.getByText(/channels\.locked\.headers\.authorization can’t be read: \$SPINE_TEST_NOT_SET is not there/).waitFor();
  expect(await channel.getByRole('form', { name: 'Test' }).count()).toBe(0);

  await channels.filter({ hasText: 'channels.ops' }).click();
  const sent = receiver.received.length;
  const test = channel.getByRole('form', { name: 'Test' });
  expect(await test.getByRole('button', { name: 'Send 1 message' }).isDisabled()).toBe(true);
  await test.getByRole('textbox', { name: /^Recipient/ }).fill('ops');
  await test.getByRole('button', { name: 'Send 1 message' }).click();
  await test.getByText(/^The other side took it, after/).waitFor();
  await test.getByText('It answered: x').waitFor();
  expect(receiver.received.slice(sent).map(({ body }) => [body.to, body.body])).toEqual([['ops', 'This is a test of Spine Console.']]);
  expect(await violations()).toEqual([]);
  await channels.filter({ hasText: 'channels.mail' }).click();
  await test.getByRole('textbox', { name: 'Mail address' }).fill('nobody@example.org');
  await test.getByRole('button', { name: 'Send 1 mail' }).click();
  await test.getByText(/no such mailbox/).waitFor();
  await test.getByRole('textbox', { name: 'Mail address' }).fill('ada@example.org');
  await test.getByRole('button', { name: 'Send 1 mail' }).click();
  await test.getByText(/^The other side took it, after/).waitFor();
  expect(mail.mails.filter((each) => each.includes('To: ada@example.org') && each.includes('This is a test of Spine Console.'))).toHaveLength(1);
  const { rows } = await eventually('the audit', async () => {
    const found = await site.api<{ rows: { eventType: string; data: object }[] }>('/audit');
    return found.rows.filter(({ eventType }) => eventType === 'system.ChannelTested').length === 3 && found;
  });
  expect(rows.find(({ eventType }) => eventType === 'system.ChannelTested')?.data).toMatchObject({ channel: 'channels.mail', kind: 'smtp', to: 'ada@example.org' });

  await page.goto(`${site.info.url}#/connections?tab=plugins`);
  const greeter = page.getByRole('region', { name: 'Plugins' }).getByRole('row').filter({ hasText: 'greeter' });
  await greeter.getByText('GreetJob').waitFor();
  await greeter.getByText('1.0.0').waitFor();
  expect(await violations()).toEqual([]);
});

test('catalogue: how often a type comes, from whom, what does not fit, what is not known; as AsyncAPI and JSON Schema', async () => {
  const connection = await natsClient(site);
  const bad = (data: object): Promise<unknown> => {
    const event = createEvent({ eventType: 'communication.CallEnded', source: 'old-pbx', data: data as Record<string, unknown> });
    return jetstream(connection).publish(event.eventType, JSON.stringify(event));
  };
  await bad({ callId: 7, durationSeconds: 1, outcome: 'answered' });
  await bad({ callId: 'call-x', durationSeconds: 'long', outcome: 'answered' });
  await connection.close();
  await site.publish('communication.CallQueued', { callId: 'call-q' });
  await site.publish('communication.CallStarted', vipCall('call-new'), { eventVersion: '9.0' });

  await goTo('Catalogue');
  await page.getByText(/2 payloads do not fit the schema of their type\. 2 types or versions were seen that the catalogue does not know\./).waitFor();
  const types = rowsOf('Event types');
  await page.getByRole('textbox', { name: 'Filter' }).fill('communication.Call');
  const ended = types.filter({ hasText: 'CallEnded' });
  await ended.getByText('2', { exact: true }).waitFor();
  await types.filter({ hasText: 'CallStarted' }).getByText('new version').waitFor();
  await ended.click();
  const entry = panel('Event type');
  await entry.getByText(/2 events of this type were set aside/).waitFor();
  await entry.getByText(/data\.durationSeconds: /).waitFor();
  await entry.getByRole('row').filter({ hasText: 'test' }).getByText(/^15\d$/).first().waitFor();
  expect(await entry.getByRole('link', { name: 'RunRuleEngineJob' }).count()).toBe(1);
  expect(await violations()).toEqual([]);
  await entry.getByRole('button', { name: 'Publish this' }).click();
  const form = page.getByRole('dialog', { name: 'Publish an event' });
  await expect.poll(() => form.getByRole('textbox', { name: 'callId' }).inputValue(), SOON).not.toBe('');
  await page.keyboard.press('Escape');
  await types.filter({ hasText: 'CallQueued' }).click();
  await entry.getByText('The catalogue does not know it: its payload is not checked.').waitFor();
  await types.filter({ hasText: 'CallEnded' }).click();
  await entry.getByRole('link', { name: /data\.callId: / }).click();
  await panel('Message set aside').getByText(/data\.callId: /).first().waitFor();

  await goTo('Catalogue');
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'AsyncAPI 3.0, YAML' }).click()]);
  expect(download.suggestedFilename()).toBe('test.asyncapi.yaml');
  const document = parse(readFileSync(await download.path(), 'utf8')) as { asyncapi: string; channels: object };
  expect(document.asyncapi).toBe('3.0.0');
  expect(Object.keys(document.channels)).toContain('communication.VisitorArrived');
  const { text } = await site.api<{ text: string }>('/catalogue/export?format=json-schema');
  expect(JSON.parse(text)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: { 'communication.VisitorArrived-1.0': {} } });
});

test('entities: every version with the event that told of it, what differs between two, by keyboard from the search', async () => {
  const write = async (attributes: object, version: number): Promise<void> => {
    await site.api('/jobs', { jobType: 'WriteEntityJob', input: { entityType: 'customer', entityId: 'c-9', attributes } });
    await eventually(`version ${version}`, async () => (await site.api<{ hits: { version: number }[] }>('/documents?query=Lovelace')).hits[0]?.version === version);
  };
  await write({ name: 'Ada Lovelace', address: { city: 'London', zip: 'W1' }, tier: 'vip' }, 1);
  await write({ name: 'Ada Lovelace', address: { city: 'Paris', zip: 'W1' }, tier: 'vip' }, 2);
  await write({ name: 'Ada Lovelace', address: { city: 'Paris' }, tier: 'vip', phone: '+33 1' }, 3);

  await goTo('Documents');
  await page.getByRole('textbox', { name: 'Search documents' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('lovelace');
  await page.keyboard.press('Enter');
  await page.getByRole('grid', { name: 'Documents' }).getByText('Ada Lovelace').first().waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  const entity = panel('Entity');
  const changes = entity.getByRole('table', { name: 'What differs' });
  await changes.getByRole('row').filter({ hasText: 'phone' }).getByText('+33 1').waitFor();
  expect(await changes.getByRole('row').allInnerTexts()).toEqual(['Attribute\tVersion 2\tVersion 3', 'address.zip\tW1\t—', 'phone\t—\t+33 1']);
  await entity.getByText('3 attributes are the same.').waitFor();
  await entity.getByRole('combobox', { name: 'Old version' }).click();
  await page.getByRole('option', { name: 'Version 1' }).click();
  await changes.getByRole('row').filter({ hasText: 'address.city' }).getByText('London').waitFor();
  await entity.getByText('changed: address, phone').waitFor();
  await expect.poll(() => entity.getByRole('link', { name: /EntityUpdated$/ }).count(), SOON).toBe(2);
  expect(await violations()).toEqual([]);
  await entity.getByRole('link', { name: /EntityCreated$/ }).click();
  await panel('Event').getByText('fits the catalogue').waitFor();
  expect(page.url()).toContain('/traces/');
});

test('documents: a search has more hits than one page, and each is reached once by scrolling', async () => {
  const sql = await sqlClient(site);
  await sql.query(`INSERT INTO spine.document (entity_type, entity_id, version, title, body, correlation_id) SELECT 'order', 'o-' || n, 1, 'Order ' || n, repeat('Parcel ', 1 + n % 2), gen_random_uuid() FROM generate_series(1, 130) n`);
  await sql.end();
  await goTo('Documents');
  await page.getByRole('textbox', { name: 'Search documents' }).fill('parcel');
  await page.keyboard.press('Enter');
  const grid = page.getByRole('grid', { name: 'Documents' });
  await grid.getByText('50 of 130 documents shown, best first; scroll down for more').waitFor();
  expect(await violations()).toEqual([]);
  const seen = new Map<number, string>();
  const look = async (): Promise<number> => {
    for (const [index, id] of await grid.locator('[aria-rowindex]').evaluateAll((rows) => rows.map((row) => [Number(row.getAttribute('aria-rowindex')), row.id] as const))) seen.set(index, id);
    return Math.max(...seen.keys());
  };
  await grid.focus();
  expect(await look()).toBeLessThan(50);
  for (let last = 0; last < 130; last = await look()) {
    await page.keyboard.press('PageDown');
    // What a page shows is looked at before the next one is asked for.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  }
  await grid.getByText('130 of 130 documents shown, best first', { exact: true }).waitFor();
  expect([seen.size, new Set(seen.values()).size]).toEqual([130, 130]);
  await page.getByRole('textbox', { name: 'Search documents' }).fill('"order 7"');
  await page.keyboard.press('Enter');
  await grid.getByText('1 of 1 document shown, best first', { exact: true }).waitFor();
});

test('streams: another retention is shown with what it takes away, refused below the duplicate window, kept over a restart', async () => {
  await goTo('Streams');
  const table = page.getByRole('table', { name: 'Streams' });
  const edit = (name: string): Locator => table.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) }).getByRole('button');
  const retention = panel('Retention');
  await edit('audit-log').click();
  await retention.getByText(/denies delete and purge, and the user by which the site works is denied/).waitFor();
  expect(await retention.getByRole('form').count()).toBe(0);
  await page.keyboard.press('Escape');

  await edit('platform-events').click();
  await retention.getByRole('textbox', { name: 'Longest age' }).fill('10');
  await retention.getByRole('combobox', { name: 'Unit of the age' }).click();
  await page.getByRole('option', { name: 'minutes' }).click();
  await retention.getByText(/max_age of 10 min is shorter than duplicate_window, which is 20 min/).waitFor();
  await retention.getByRole('textbox', { name: 'Reason' }).fill('the disk is small');
  expect(await retention.getByRole('button', { name: 'Change retention' }).isDisabled()).toBe(true);
  await expect(site.api('/streams/platform-events/retention', { retention: { maxAgeMs: 600_000, maxBytes: null }, before: { maxAgeMs: 2_592_000_000, maxBytes: null }, reason: 'x' })).rejects.toThrow(/max_age of 10 min is shorter than duplicate_window/);

  // By size it is an estimate, and the button says how many.
  await retention.getByRole('textbox', { name: 'Longest age' }).fill('30');
  await retention.getByRole('textbox', { name: 'Largest size' }).fill('0.05');
  await retention.getByRole('combobox', { name: 'Unit of the size' }).click();
  await page.getByRole('option', { name: 'MiB' }).click();
  await retention.getByText(/^About \d+ messages will go, for good/).waitFor();
  expect(await retention.getByText('30 d → 30 min or 51.2 KiB').count()).toBe(1);
  expect(await violations()).toEqual([]);
  const before = await site.api<{ streams: { messages: number; lastSeq: number }[] }>('/streams');
  await retention.getByRole('button', { name: /^Change retention, let about \d+ messages go$/ }).click();
  await page.getByText('platform-events keeps 30 min or 51.2 KiB now').waitFor();
  await table.getByText('set by an operator').waitFor();
  const kept = async () => (await site.api<{ streams: { name: string; messages: number; bytes: number; retention: object; override: object | null }[] }>('/streams')).streams;
  await expect.poll(async () => (await kept())[0]?.bytes, SOON).toBeLessThanOrEqual(52_429);
  expect((await kept())[0]?.messages).toBeLessThan(before.streams[0]?.messages ?? 0);
  await page.goto(`${site.info.url}#/audit`);
  await page.getByText('the disk is small').first().waitFor();

  await page.goto('about:blank');
  story.takeProblems();
  await site.stop();
  await site.start();
  expect((await kept())[0]).toMatchObject({ retention: { maxAgeMs: 1_800_000, maxBytes: 52_429 }, override: { reason: 'the disk is small' } });
  // Back to what the configuration says: then it rules again.
  await site.api('/streams/platform-events/retention', { retention: { maxAgeMs: 2_592_000_000, maxBytes: null }, before: { maxAgeMs: 1_800_000, maxBytes: 52_429 }, reason: 'a new disk' });
  expect((await kept())[0]).toMatchObject({ retention: { maxAgeMs: 2_592_000_000, maxBytes: null }, override: null, drift: [] });
});
