/** What holds on every page: addresses that say what is shown, both sizes of screen, colours, times, the clipboard, undo; and the overview in words. */
import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { QueueStatus } from '../../shared/operator-api/index.ts';
import { consoleStory, SOON } from '../support/console-story.ts';
import { Receiver } from '../support/receiver.ts';
import { eventually, SiteProcess } from '../support/site-process.ts';
import { vipCall, vipSite } from '../support/vip-site.ts';

const receiver = new Receiver();
let site: SiteProcess;
let page: Page;
/** A call that was answered at once, and one whose job was late and whose fax died. */
let well: { correlationId: string; eventId: string };
let dead: string;
let deadJobId: string;
let replayId: string;

const queueNamed = async (name: string): Promise<QueueStatus | undefined> => (await site.api<{ queues: QueueStatus[] }>('/queues')).queues.find(({ queue }) => queue === name);
const jobsOf = async (correlationId: string, state: string): Promise<{ jobId: string; jobType: string }[]> => (await site.api<{ jobs: { jobId: string; jobType: string; state: string }[] }>(`/traces/${correlationId}`)).jobs.filter((job) => job.state === state);

const story = consoleStory(async () => {
  site = new SiteProcess({ config: vipSite(await receiver.start()) });
  await site.start();
  well = await site.publish('communication.CallStarted', vipCall('goes-well'));
  await eventually('the call to be answered', async () => (await jobsOf(well.correlationId, 'completed')).length === 3);
  // The promise of realtime is 100 ms: what waits longer in a paused queue is late.
  await site.api('/queues/realtime/pause', { reason: 'to make a job late' });
  await site.publish('communication.CallStarted', { ...vipCall('is-late'), customer: { tier: 'other' } });
  await eventually('the job to be late', async () => ((await queueNamed('realtime'))?.oldestMs ?? 0) > 200);
  await site.api('/queues/realtime/resume', {});
  dead = (await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'SendFaxJob', input: { to: '+49 30 2', documentUrl: 'http://x.invalid/a.pdf' } })).correlationId;
  deadJobId = await eventually('the fax to die', async () => (await jobsOf(dead, 'dead'))[0]?.jobId);
  await site.api('/replays/dry-run', { filter: { type: 'communication.*' } });
  replayId = await eventually('the dry run to end', async () => (await site.api<{ replays: { replayId: string; status: string }[] }>('/replays')).replays.find(({ status }) => status === 'completed')?.replayId);
  return site;
}, () => receiver.stop());
const { rowsOf, panel, open, goTo } = story;
beforeEach(() => void ({ page } = story));

const search = (): URLSearchParams => new URLSearchParams(new URL(page.url()).hash.split('?')[1]);

describe('the overview', () => {
  test('says in words what holds, with the settings as they are now, and what does not with its remedy', async () => {
    const line = (title: string): Locator => page.locator('.guarantees li').filter({ hasText: title });
    for (const [title, found] of [
      ['Acknowledged events survive a power cut', 'sync_interval: always'], ['Events are kept on disk', 'file storage, one server'], ['The audit log can’t be rewritten', 'delete and purge are denied'],
      ['Events are kept as long as configured', 'platform-events 30 d'], ['The copies are in step', 'audit-log'], ['Committed work survives a power cut', 'fsync on'], ['Damaged pages are noticed', 'data_checksums on'],
      ['What jobs emit reaches the bus', 'the outbox is empty'], ['There is room', 'GiB free'],
    ] as const) await line(title).filter({ hasText: 'holds' }).getByText(found).waitFor();
    // Owed = completed + dead + waiting.
    const [owed, ...parts] = [...(await line('No job is lost and none is doubled').innerText()).matchAll(/\d+/g)].map(Number);
    expect(owed).toBeGreaterThanOrEqual(5);
    expect(parts.slice(0, 3).reduce((sum, part) => sum + part, 0)).toBe(owed);
    await line('A lost disk is no loss').filter({ hasText: 'weak' }).getByText('Back up now on the Backups page').waitFor();
    await page.getByRole('row').filter({ hasText: 'NATS JetStream' }).getByText(/^\d+\.\d+\.\d+$/).waitFor();
  });

  test('leads from a burnt budget to the jobs that were late, and from a failing family to its letters', async () => {
    const realtime = page.locator('.tier-card').filter({ hasText: 'realtime' });
    await expect.poll(() => realtime.getByText(/^1 h/).locator('b').innerText(), SOON).not.toBe('0 %');
    await realtime.getByRole('link', { name: '1 late job' }).click();
    await expect.poll(() => rowsOf('Jobs').allTextContents(), SOON).toEqual([expect.stringContaining('RunRuleEngineJob')]);
    expect(await page.getByRole('checkbox', { name: 'Started late' }).isChecked()).toBe(true);
    await goTo('Overview');
    await page.locator('.overview-families').getByRole('link', { name: 'SendFaxJob' }).click();
    await expect.poll(() => rowsOf('Dead letters').count(), SOON).toBe(1);
  });
});

describe('addresses', () => {
  test('hold the filter of a catalogue, of a trace and of a comparison: whoever opens them sees the same', async () => {
    await open('/catalogue');
    await page.getByRole('textbox', { name: 'Filter' }).fill('faxsent');
    await expect.poll(() => rowsOf('Event types').count(), SOON).toBe(1);
    await page.keyboard.press('Enter');
    await expect.poll(() => search().get('q'), SOON).toBe('faxsent');
    await page.reload();
    await expect.poll(() => rowsOf('Event types').allTextContents(), SOON).toEqual([expect.stringContaining('FaxSent')]);
    // An open type leaves the filter as it is; the other tab, too.
    await rowsOf('Event types').first().click();
    await panel('Event type').waitFor();
    expect(search().get('q')).toBe('faxsent');

    const nodes = rowsOf(page.getByRole('treegrid', { name: 'Trace' }));
    await open(`/traces/${well.correlationId}`);
    await expect.poll(() => nodes.count(), SOON).toBe(7);
    await page.getByRole('textbox', { name: 'Filter this trace' }).fill('MessageSent');
    await page.keyboard.press('Enter');
    await expect.poll(() => search().get('find'), SOON).toBe('MessageSent');
    await expect.poll(() => nodes.count(), SOON).toBeLessThan(7);
    const found = await nodes.count();
    await page.reload();
    await expect.poll(() => nodes.count(), SOON).toBe(found);
    await open(`/traces/${dead}?trouble=true`);
    await page.getByRole('button', { name: /^Trouble 1/, pressed: true }).waitFor();
    // The next trouble is shown by name; a node that the filter hides lifts it.
    await nodes.filter({ hasText: 'SendFaxJob' }).click();
    await panel('Job').waitFor();
    expect(search().get('trouble')).toBe('true');

    await open(`/compare?a=${well.correlationId}&b=${dead}`);
    await page.getByRole('button', { name: 'Differences only' }).click();
    await expect.poll(() => search().get('only'), SOON).toBe('differences');
    await page.getByRole('button', { name: 'Swap' }).click();
    await expect.poll(() => search().get('a'), SOON).toBe(dead);
    await page.getByRole('button', { name: 'Differences only', pressed: true }).waitFor();
  });
});

describe('flow', () => {
  test('scrolled back from what is live to the first of all, nothing is missing and nothing stands twice', async () => {
    await site.publish('connector.LocationUpdated', { subject: 'the-first', latitude: 1, longitude: 2 });
    for (let from = 0; from < 240; from += 40) await Promise.all(Array.from({ length: 40 }, (_, n) => site.publish('connector.LocationUpdated', { subject: `van-${from + n}`, latitude: 1, longitude: 2 })));
    await open('/flow?type=connector.LocationUpdated');
    const grid = page.getByRole('grid', { name: 'Events' });
    const firstRow = rowsOf('Events').first();
    await firstRow.waitFor();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await expect.poll(async () => (await grid.press('End'), page.getByText('back to the oldest kept').innerText({ timeout: 500 }).catch(() => '')), { ...SOON, interval: 100 }).toBe('241 rows, back to the oldest kept');
    await expect.poll(async () => (await grid.press('End'), grid.getByText('the-first').count()), { ...SOON, interval: 100 }).toBe(1);
    for (const subject of ['late-1', 'late-2', 'late-3']) await site.publish('connector.LocationUpdated', { subject, latitude: 1, longitude: 2 });
    await page.getByRole('button', { name: '3 new' }).waitFor();
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await grid.press('Home');
    await page.getByText('244 rows, back to the oldest kept').waitFor();
    await rowsOf('Events').first().getByText('late-3').waitFor();
  });

  test('an event is copied as curl, nats CLI and TypeScript, its paths one by one; a refusal of the browser is told', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
    await open(`/flow?event=${well.eventId}`);
    const event = panel('Event');
    for (const [format, text] of [['curl', /^curl -X POST http:\/\/127\.0\.0\.1:\d+\/api\/events [^]*"eventType":"communication\.CallStarted"/], ['nats CLI', /nats pub communication\.CallStarted --jetstream/], ['TypeScript', /import \{ jetstream \}[^]*"communication\.CallStarted"/]] as const) {
      await event.getByRole('button', { name: 'Copy as…' }).click();
      await page.getByRole('menuitem', { name: format, exact: true }).click();
      await page.getByText(`Copied as ${format}`).waitFor();
      expect(await clipboard()).toMatch(text);
    }
    await event.getByText('Fields', { exact: true }).click();
    await event.getByRole('button', { name: 'Copy the path data.customer.tier' }).click();
    await event.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await clipboard()).toBe('data.customer.tier');
    // Local on screen; on hover local and UTC.
    const published = event.locator('time').first();
    expect(await published.getAttribute('title')).toMatch(/ local · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/);

    await page.evaluate(() => void (navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed here'))));
    await event.getByRole('button', { name: 'Copy the path data.customer.tier' }).click();
    await page.getByRole('alert').filter({ hasText: 'Nothing was copied' }).getByText('not allowed here').waitFor();
  });
});

describe('the frame', () => {
  test('a queue that was paused by mistake takes jobs again from its notice', async () => {
    await open('/tiers?queue=background');
    await panel('Queue').getByRole('textbox', { name: 'Reason' }).fill('the wrong one');
    await panel('Queue').getByRole('button', { name: 'Pause queue background' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Queue background takes jobs again').waitFor();
    await panel('Queue').getByRole('button', { name: 'Pause queue background' }).waitFor();
    expect((await queueNamed('background'))?.paused).toBeNull();
  });

  test('colours follow the system until somebody chooses, and stay chosen', async () => {
    const scheme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(scheme, SOON).toBe('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(scheme, SOON).toBe('light');
    await page.getByRole('button', { name: 'Colour scheme' }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).click();
    await expect.poll(scheme, SOON).toBe('dark');
    await page.reload();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    expect(await scheme()).toBe('dark');
  });

  test('relative times tick, and say how old what is shown is', async () => {
    await open('/jobs');
    const first = rowsOf('Jobs').first().locator('time');
    const before = await first.innerText();
    await expect.poll(() => first.innerText(), SOON).not.toBe(before);
    await page.getByRole('banner').getByText(/live · \d/).waitFor();
  });

  test('a table draws the columns that fit from its first frame on', async () => {
    await page.setViewportSize({ width: 1_000, height: 720 });
    await open('/settings');
    await page.getByRole('main').getByRole('heading', { name: 'Settings' }).waitFor();
    // What stands at the begin of a frame is what the one before has drawn.
    await page.evaluate(() => {
      const drawn = new Set<string>();
      const look = (): void => {
        for (const head of document.querySelectorAll('.grid [role="columnheader"]')) drawn.add(head.textContent ?? '');
        requestAnimationFrame(look);
      };
      look();
      Object.assign(globalThis, { drawn });
    });
    for (const [path, grid] of [['/jobs', 'Jobs'], ['/audit', 'Audit'], ['/dead-letters', 'Failure families']] as const) {
      await open(path);
      await page.getByRole('grid', { name: grid }).waitFor();
    }
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    const drawn = await page.evaluate(() => [...(globalThis as unknown as { drawn: Set<string> }).drawn]);
    expect(drawn).toEqual(expect.arrayContaining(['Did what', 'Last seen']));
    expect(drawn.filter((head) => ['Event', 'Trend', 'First seen', 'Mark'].includes(head))).toEqual([]);
  });

  test.each([[1280, 720], [3840, 2160]] as const)('at %d × %d nothing stands over an edge, in English and in German', async (width, height) => {
    await page.setViewportSize({ width, height });
    const paths = [
      '/', `/flow?event=${well.eventId}`, '/flow?view=map', '/traces', `/traces/${well.correlationId}`, `/traces/${dead}?node=job:${deadJobId}`, '/tiers', '/tiers?queue=interactive', `/jobs?job=${deadJobId}`, '/dead-letters', `/dead-letters?view=letters&letter=${deadJobId}`,
      '/redrives', '/set-aside', '/schedules', '/replay', `/replay?replay=${replayId}`, '/rules?rule=vip-caller', '/connections', '/connections?tab=channels&open=channels.ops', '/streams', '/catalogue?type=communication.CallStarted', '/catalogue?tab=jobs', '/documents?q=x', '/alerts?rule=dead-letters', '/audit', '/settings?group=retention', '/backups',
    ];
    const over: Record<string, string[]> = {};
    for (const language of ['en', 'de'] as const) {
      if (language === 'de') {
        await page.getByRole('button', { name: 'Language' }).click();
        await page.getByRole('menuitem', { name: 'Deutsch' }).click();
        await page.getByRole('button', { name: 'Sprache' }).waitFor();
      }
      for (const path of paths) {
        // Loaded anew: the page before must not be the one that is measured.
        await open(path);
        await page.reload();
        await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
        await page.locator('.skeleton').first().waitFor({ state: 'detached' });
        const wideNow = (): Promise<string[]> => page.evaluate(() => {
          const wide = [...document.querySelectorAll<HTMLElement>('html, main, .tier-card, .page-head, .toolbar, .facts, .side-panel-body, [role="grid"], [role="treegrid"]')].filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1);
          const cut = [...document.querySelectorAll<HTMLElement>('.grid [role="columnheader"]')].filter((head) => head.getBoundingClientRect().right > (head.closest('.grid')?.getBoundingClientRect().right ?? 0) + 1);
          return [...wide.map((box) => `${box.tagName}.${box.className}: ${box.scrollWidth} in ${box.clientWidth}`), ...cut.map((head) => `column ${head.innerText}`)];
        });
        // Fonts and charts may come a moment later.
        over[`${language} ${path}`] = await expect.poll(wideNow, { timeout: 2_000, interval: 50 }).toEqual([]).then(() => [], wideNow);
      }
    }
    expect(over).toEqual(Object.fromEntries(Object.keys(over).map((path) => [path, []])));
  });
});
