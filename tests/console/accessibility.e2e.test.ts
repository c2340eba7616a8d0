/** The console for everybody: no rule of axe is broken on any page in either scheme, and all of it works without a mouse. */
import { AxeBuilder } from '@axe-core/playwright';
import { jetstream } from '@nats-io/jetstream';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RedriveRow, SiteStatus } from '../../shared/operator-api/index.ts';
import { type ConsolePage, openBrowser, openConsole } from '../support/browser.ts';
import { natsClient } from '../support/site-clients.ts';
import { eventually, SiteProcess } from '../support/site-process.ts';
import { vipCall } from '../support/vip-site.ts';

const missing = process.env.SPINE_CHROMIUM_MISSING;
const SOON = { timeout: 15_000, interval: 50 };

let site: SiteProcess;
let browser: Browser;
let opened: ConsolePage;
let page: Page;
/** A correlation with a dead letter in it, so that a failed job is on the pages, too. */
let correlationId: string;
let eventId: string;
let redriveId: string;
let entityId: string;

beforeAll(async () => {
  if (missing) return;
  site = new SiteProcess();
  [browser] = await Promise.all([openBrowser(), site.start('--demo')]);
  ({ correlationId, eventId } = await site.publish('communication.CallStarted', vipCall('call-seen')));
  await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'SendOutgoingMessageJob', input: { channel: 'nowhere', to: 'ops', subject: 'x', body: 'x' } }, { correlationId });
  const connection = await natsClient(site);
  await jetstream(connection).publish('communication.CallStarted', new TextEncoder().encode('{"broken": '));
  await connection.close();
  await eventually('a dead letter, a message set aside and a document', async () => {
    const { deadLetters, setAside } = await site.api<SiteStatus>('/site/status');
    const { hits } = await site.api<{ hits: { entityId: string }[] }>('/documents?query=berlin');
    entityId = hits[0]?.entityId ?? '';
    return deadLetters.waiting > 0 && setAside.total > 0 && hits.length > 0;
  }, 60_000);
  // It fails again, so that a redrive and a dead letter are there to be seen.
  ({ redriveId } = await site.api<RedriveRow>('/redrives', { scope: { kind: 'filter', filter: { jobType: 'SendOutgoingMessageJob' } }, reason: 'to be seen' }));
  await eventually('the dead letter again', async () => {
    const [{ finishedMs }, { deadLetters }] = [await site.api<RedriveRow>(`/redrives/${redriveId}`), await site.api<SiteStatus>('/site/status')];
    return finishedMs !== null && deadLetters.waiting > 0;
  });
});
afterAll(async () => {
  await browser?.close();
  await site?.dispose();
});
beforeEach((context) => {
  if (missing) context.skip(missing);
});

async function open(scheme: 'light' | 'dark'): Promise<void> {
  opened = await openConsole(browser, await site.launchUrl(), scheme);
  page = opened.page;
  page.setDefaultTimeout(15_000);
}
afterEach(async () => {
  if (missing) return;
  await page.context().close();
  expect(opened.problems.splice(0)).toEqual([]);
});

const rows = (): Locator => page.locator('main [role="row"][aria-rowindex]');

/** What axe has to say against the page as it stands, one line a node. */
async function violations(): Promise<string[]> {
  const found = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return found.violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help}: ${target.join(' ')}`));
}

/** Each page, and by what it is seen to be filled. */
const PAGES: readonly (readonly [name: string, path: () => string, filled: () => Locator])[] = [
  ['Overview', () => '', () => page.locator('.percentile b').filter({ hasText: /\d/ })],
  ['Flow', () => 'flow', rows],
  ['Flow with an event', () => `flow?event=${eventId}`, () => page.getByRole('complementary', { name: 'Event' }).getByText(eventId)],
  ['Traces', () => 'traces', rows],
  ['a trace with a job', () => `traces/${correlationId}`, () => rows().filter({ hasText: 'dead letter' })],
  ['the slowest traces', () => 'traces?order=slowest', rows],
  ['a trace as a graph', () => `traces/${correlationId}?view=graph`, () => page.locator('.graph-box')],
  ['two traces compared', () => `compare?a=${correlationId}&b=${correlationId}`, rows],
  ['Tiers', () => 'tiers', () => page.getByText(/started in the last 15 min/)],
  ['a queue', () => 'tiers?queue=interactive', () => page.getByRole('button', { name: 'Pause queue interactive' })],
  ['Dead letters by cause', () => 'dead-letters', rows],
  ['Dead letters one by one', () => 'dead-letters?view=letters', rows],
  ['Redrives', () => 'redrives', rows],
  ['a redrive', () => `redrives?redrive=${redriveId}`, () => page.getByRole('complementary', { name: 'Redrive', exact: true }).getByText('succeeded').first()],
  ['Set aside', () => 'set-aside', rows],
  ['Schedules', () => 'schedules', () => page.getByText('No schedules')],
  ['Replay', () => 'replay', () => page.getByText('No replays yet')],
  ['Rules', () => 'rules', rows],
  ['a rule', () => 'rules?rule=demo-vip-call', () => page.getByText(/^Version 1/).first()],
  ['Streams', () => 'streams', rows],
  ['a stream’s retention', () => 'streams?retention=audit-log', () => page.getByText(/denies delete and purge/)],
  ['Catalogue', () => 'catalogue', () => page.getByRole('main').getByText('communication.CallStarted')],
  ['Catalogue of jobs', () => 'catalogue?tab=jobs', () => page.getByRole('main').getByText('PlaceCallJob')],
  ['Connections', () => 'connections?open=demo-crm', () => page.getByRole('complementary', { name: 'Connector', exact: true })],
  ['Channels', () => 'connections?tab=channels&open=channels.demo-ops%20webhook', () => page.getByRole('form', { name: 'Test' })],
  ['Plugins', () => 'connections?tab=plugins', () => page.getByText('No folder of plugins is configured')],
  ['Documents', () => 'documents?q=berlin', () => page.locator('mark')],
  ['an entity', () => `documents?q=berlin&type=demo-customer&id=${entityId}`, () => page.getByRole('complementary', { name: 'Entity' }).getByRole('link', { name: /EntityCreated$/ })],
  ['a type of the catalogue', () => 'catalogue?type=communication.CallStarted', () => page.getByRole('complementary', { name: 'Event type' }).getByText('Published by')],
  ['Jobs', () => 'jobs', rows],
  ['a job', () => 'jobs?state=dead', rows],
  ['Audit', () => 'audit', rows],
  ['Settings', () => 'settings?group=workers', () => page.getByRole('switch', { name: 'Run jobs' })],
  ['Alerts', () => 'alerts?rule=dead-letters', () => page.getByRole('button', { name: 'Change the rule' })],
  ['Backups', () => 'backups', () => page.getByText('No backup yet')],
];

describe.each(['light', 'dark'] as const)('in the %s scheme', (scheme) => {
  test('axe finds nothing on any page', async () => {
    await open(scheme);
    expect(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe(scheme);
    const found: Record<string, string[]> = {};
    for (const [name, path, filled] of PAGES) {
      await page.goto(`${site.info.url}#/${path()}`);
      await filled().first().waitFor();
      found[name] = await violations();
    }
    // Opened by a click: what stands over or beside the pages.
    await page.goto(`${site.info.url}#/dead-letters`);
    await rows().first().click();
    await page.getByRole('region', { name: 'Failure family' }).waitFor();
    found['a failure family'] = await violations();
    for (const [button, named] of [[/^Redrive all/, 'Redrive all of this family'], [/^Discard all/, 'Discard all of this family'], [/^Mark/, 'Mark this failure family']] as const) {
      await page.getByRole('button', { name: button }).click();
      const dialog = page.getByRole('dialog', { name: named });
      await dialog.getByRole('button', { name: 'Cancel' }).waitFor();
      found[named] = await violations();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
    }
    await rows().first().click();
    await page.getByRole('button', { name: 'Edit and redrive…' }).click();
    await page.getByRole('dialog', { name: /^Edit and redrive/ }).getByRole('button', { name: 'Redrive 1 job' }).waitFor();
    found['edit and redrive'] = await violations();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('complementary', { name: 'Dead letter' }).getByRole('button', { name: 'Redrive…', exact: true }).click();
    await page.getByRole('button', { name: 'Redrive 1 job' }).waitFor();
    found['a dead letter'] = await violations();
    await page.keyboard.press('Escape');
    await page.goto(`${site.info.url}#/set-aside`);
    await rows().first().click();
    await page.getByRole('complementary', { name: 'Message set aside' }).locator('pre').waitFor();
    found['a message set aside'] = await violations();
    await page.getByRole('button', { name: 'Publish an event' }).click();
    await page.getByRole('textbox', { name: 'callId' }).waitFor();
    found['the publish form'] = await violations();
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
  });
});

/** Each page in German, by its heading. */
const GERMAN: readonly (readonly [path: () => string, heading: string])[] = [
  [() => '', 'Übersicht'], [() => `flow?event=${eventId}`, 'Fluss'], [() => 'traces', 'Traces'], [() => `traces/${correlationId}`, 'Trace'], [() => `compare?a=${correlationId}&b=${correlationId}`, 'Vergleichen'],
  [() => 'tiers?queue=interactive', 'Stufen'], [() => 'dead-letters', 'Dead Letters'], [() => 'dead-letters?view=letters', 'Dead Letters'], [() => `redrives?redrive=${redriveId}`, 'Redrives'],
  [() => 'set-aside', 'Ausgesondert'], [() => 'schedules', 'Zeitpläne'], [() => 'replay', 'Replay'], [() => 'streams', 'Streams'], [() => 'catalogue', 'Katalog'], [() => 'catalogue?tab=jobs', 'Katalog'],
  [() => 'documents?q=berlin', 'Dokumente'], [() => 'jobs', 'Jobs'], [() => 'audit', 'Audit'], [() => 'alerts', 'Alarme'], [() => 'settings?group=workers', 'Einstellungen'], [() => 'rules', 'Regeln'],
  [() => 'connections', 'Verbindungen'], [() => 'connections?tab=channels&open=channels.demo-ops%20webhook', 'Verbindungen'], [() => 'connections?tab=plugins', 'Verbindungen'], [() => 'rules?rule=demo-vip-call', 'Regeln'],
  [() => `documents?q=berlin&type=demo-customer&id=${entityId}`, 'Dokumente'], [() => 'catalogue?type=communication.CallStarted', 'Katalog'], [() => 'backups', 'Backups'],
];
/** Words that stand on almost every page in English, and in no payload, name or error of this site. */
const ENGLISH = /(?<![-\w])(ago|newest first|scroll down|waiting|completed|started|dead letters?|Reason|State|Started|Waited|Waiting|Stored|Source|Search|Close|Cancel|Publish|Show|Open|events|jobs|promise|kept|since)\b/g;

describe('in German', () => {
  test('every page says its heading, nothing is left in English, axe finds nothing; and back', async () => {
    await open('light');
    await page.getByRole('button', { name: 'Language' }).click();
    await page.getByRole('menuitem', { name: 'Deutsch' }).click();
    await page.getByRole('heading', { name: 'Übersicht', level: 1 }).waitFor();
    const left: Record<string, string[]> = {};
    const found: Record<string, string[]> = {};
    for (const [path, heading] of GERMAN) {
      await page.goto(`${site.info.url}#/${path()}`);
      await page.getByRole('heading', { name: heading, level: 1, exact: true }).waitFor();
      await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      expect(await page.title()).toBe(`${heading} · Spine Console`);
      expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
      // Ids, types, payloads and what other people and systems said are the same in every language.
      const said = await page.evaluate(() => {
        const copy = document.body.cloneNode(true) as HTMLElement;
        copy.querySelectorAll('.mono, .clip, .id, .json-label, code, pre, kbd, script, style, .family-cell').forEach((element) => element.remove());
        const heard = [...copy.querySelectorAll('[aria-label], [placeholder], [title]')].flatMap((element) => ['aria-label', 'placeholder'].map((name) => element.getAttribute(name) ?? ''));
        return [copy.textContent, ...heard].join('\n');
      });
      left[path()] = said.match(ENGLISH) ?? [];
      found[path()] = await violations();
    }
    const nothing = Object.fromEntries(Object.keys(found).map((path) => [path, []]));
    expect(left).toEqual(nothing);
    expect(found).toEqual(nothing);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Suchen oder springen' }).getByRole('textbox').and(page.locator(':focus')).waitFor();
    await page.keyboard.insertText('English');
    await page.getByText('Sprache: English').click();
    await page.getByRole('heading', { name: 'Backups', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Back up now' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
  });
});

describe('by keyboard alone', () => {
  beforeEach(() => open('light'));

  test('g t, /, j, Enter, Esc: to a page, to its filter, along its rows, into one and back', async () => {
    await page.keyboard.type('gt');
    await page.getByRole('heading', { name: 'Traces', level: 1 }).waitFor();
    await page.keyboard.press('/');
    const inFocus = (): Promise<string | null> => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);
    const filter = page.locator('input[data-page-filter]');
    await expect.poll(inFocus, SOON).toBe(await filter.getAttribute('aria-label'));
    await page.keyboard.type('gd?');
    expect(await filter.inputValue()).toBe('gd?');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Escape');
    await expect.poll(inFocus, SOON).toBe(null);

    await page.keyboard.type('gf');
    await page.getByRole('heading', { name: 'Flow', level: 1 }).waitFor();
    await rows().first().waitFor();
    await page.keyboard.press('j');
    const active = page.locator('.grid-row.is-active');
    await active.waitFor();
    const named = await page.getByRole('grid', { name: 'Events' }).getAttribute('aria-activedescendant');
    expect(named).toBe(await active.getAttribute('id'));
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Event' });
    await panel.getByRole('link', { name: 'Open trace' }).waitFor();
    const first = new URL(page.url()).hash;
    await page.keyboard.press('j');
    await expect.poll(() => new URL(page.url()).hash, SOON).not.toBe(first);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
  });

  test('? shows the keys, and Escape takes them away', async () => {
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keys' });
    await sheet.getByText('Search or jump').waitFor();
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'hidden' });
  });

  test('Ctrl-K: a pasted id leads to its trace, and a page to itself', async () => {
    await page.keyboard.press('Control+k');
    const search = page.getByRole('dialog', { name: 'Search or jump' }).getByRole('textbox', { name: 'Search or jump' });
    await search.and(page.locator(':focus')).waitFor();
    expect(await violations()).toEqual([]);
    await page.keyboard.insertText(correlationId);
    await page.getByText(`Find traces by “${correlationId}”`).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('treegrid', { name: 'Trace' }).waitFor();
    expect(page.url()).toContain(correlationId);

    await page.keyboard.press('Control+k');
    await search.and(page.locator(':focus')).waitFor();
    await page.keyboard.insertText('Dead letters');
    await page.getByRole('dialog', { name: 'Search or jump' }).getByText('Find traces by “Dead letters”').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Dead letters', level: 1 }).waitFor();
  });

  test('Tab: first the link past the navigation, then the navigation; every stop is seen', async () => {
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), SOON).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id), SOON).toBe('main');
    await page.keyboard.press('Shift+Tab');
    const outline = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement ?? document.body);
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
    });
    expect(outline).toBe(true);
  });
});
