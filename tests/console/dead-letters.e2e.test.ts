/** Dead letters as an operator decides about them, in a real Chromium: by family, one by one, with a way back. */
import type { Download, Page } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { consoleStory, SOON } from '../support/console-story.ts';
import { plantDeadLetters } from '../support/plant-dead-letters.ts';
import { Receiver } from '../support/receiver.ts';
import { sqlClient } from '../support/site-clients.ts';
import { SiteProcess } from '../support/site-process.ts';
import { vipSite } from '../support/vip-site.ts';

const receiver = new Receiver();
let site: SiteProcess;
let page: Page;

const story = consoleStory(async () => {
  site = new SiteProcess({ config: vipSite(await receiver.start()) });
  await site.start();
  return site;
}, () => receiver.stop());
const { rowsOf, panel } = story;
beforeEach(() => void ({ page } = story));

async function plant(count: number, cause: string, input: Record<string, unknown> = { channel: 'ops', to: 'ops', body: `${cause} $n` }): Promise<string> {
  const sql = await sqlClient(site);
  const family = await plantDeadLetters(sql, { count, jobType: 'SendOutgoingMessageJob', queue: 'interactive', tier: 'interactive', message: `channels.ops.url answered HTTP 503: order $n is ${cause}`, input });
  await sql.end();
  return family;
}
const delivered = (cause: string): string[] => receiver.received.map(({ body }) => String(body.body)).filter((body) => body.startsWith(cause));
const openDeadLetters = (): Promise<void> => page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /^Dead letters/ }).click();

describe('a family', () => {
  test('is found by its cause, previewed, tried with a canary, and redriven to the last; each message goes out once', async () => {
    await plant(60, 'locked');
    await plant(3, 'lost');
    await openDeadLetters();
    const family = rowsOf('Failure families').filter({ hasText: 'order <n> is locked' });
    await family.waitFor();
    expect(await family.textContent()).toContain('60');
    await family.click();
    await page.getByRole('region', { name: 'Failure family' }).getByText('60 waiting').waitFor();
    await page.getByRole('button', { name: 'Redrive all 60…' }).click();

    const dialog = page.getByRole('dialog', { name: 'Redrive all of this family' });
    const words = await dialog.getByRole('region', { name: 'Dry run' }).innerText();
    expect(words).toContain('60 jobs run again, each once and under its old idempotency key: SendOutgoingMessageJob.');
    expect(words).toContain('may publish communication.MessageSent');
    expect(delivered('locked')).toEqual([]);
    // The receiver is slow, so that the canary can be seen.
    receiver.answer = () => ({ status: 200, delayMs: 400 });
    await dialog.getByRole('textbox', { name: 'First, as a canary' }).fill('5');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('receiver is back');
    await dialog.getByRole('button', { name: 'Redrive 60 jobs' }).click();

    const progress = panel('Redrive');
    await progress.getByText('canary', { exact: true }).waitFor();
    expect(delivered('locked').length).toBeLessThanOrEqual(5);
    receiver.answer = () => ({ status: 200 });
    await progress.getByText('All 60 have succeeded.').waitFor();
    expect(await progress.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('60');
    expect(delivered('locked').sort()).toEqual(Array.from({ length: 60 }, (_, at) => `locked ${at + 1}`).sort());

    await openDeadLetters();
    await rowsOf('Failure families').filter({ hasText: 'is lost' }).waitFor();
    expect(await rowsOf('Failure families').filter({ hasText: 'is locked' }).count()).toBe(0);
  });

  test('that is still broken costs no more than its canary, and says why it stopped', async () => {
    const family = await plant(40, 'broken', { channel: 'nowhere', to: 'ops', body: 'broken $n' });
    await page.goto(`${site.info.url}#/dead-letters?family=${family}`);
    await page.getByRole('button', { name: 'Redrive all 40…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive 40 jobs' }).click();
    await panel('Redrive').getByText(/of the first 10 failed\. The other 3\d were not touched\./).waitFor();
    await page.goto(`${site.info.url}#/dead-letters?family=${family}`);
    await page.getByRole('button', { name: /^Redrive all 3\d…$/ }).waitFor();
  });

  test('is marked as ignored: it counts no more, and says so', async () => {
    const family = await plant(4, 'odd');
    await page.goto(`${site.info.url}#/dead-letters?family=${family}`);
    await page.getByRole('button', { name: 'Mark…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Mark this failure family' });
    await dialog.getByText('Ignored for a while').click();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('being switched off');
    await dialog.getByRole('button', { name: 'Mark the family' }).click();
    await page.getByRole('region', { name: 'Failure family' }).getByText('ignored', { exact: true }).waitFor();
    await expect.poll(async () => (await site.api<SiteStatus>('/site/status')).deadLetters.ignored, SOON).toBe(4);
  });
});

describe('one by one', () => {
  test('an input is mended, with the error at its field, and runs once', async () => {
    const family = await plant(1, 'without a receiver', { channel: 'nowhere', body: 'mended $n' });
    await page.goto(`${site.info.url}#/dead-letters?family=${family}`);
    await rowsOf('Dead letters').first().click();
    await panel('Dead letter').getByRole('button', { name: 'Edit and redrive…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit and redrive SendOutgoingMessageJob' });
    await dialog.getByRole('textbox', { name: 'channel' }).fill('ops');
    await dialog.getByRole('button', { name: 'Redrive 1 job' }).click();
    const to = dialog.getByRole('textbox', { name: 'to', exact: true });
    await expect.poll(() => to.getAttribute('aria-invalid'), SOON).toBe('true');
    expect(delivered('mended')).toEqual([]);
    await to.fill('ops');
    await dialog.getByRole('button', { name: 'Redrive 1 job' }).click();
    await panel('Dead letter').getByText('Runs again as').waitFor();
    await expect.poll(() => delivered('mended'), SOON).toEqual(['mended 1']);
    // The schema speaks on the server, too: a wrong type in the JSON is refused there.
    const other = await plant(1, 'of the wrong type', { channel: 'ops', to: 'ops', body: 'typed $n' });
    await page.goto(`${site.info.url}#/dead-letters?family=${other}`);
    await rowsOf('Dead letters').first().click();
    await panel('Dead letter').getByRole('button', { name: 'Edit and redrive…' }).click();
    await dialog.getByText('JSON', { exact: true }).click();
    await dialog.getByRole('textbox', { name: 'Input as JSON' }).fill('{"channel": "ops", "to": "ops", "body": 7}');
    await dialog.getByRole('button', { name: 'Redrive 1 job' }).click();
    await dialog.getByText(/body: .*expected string/).waitFor();
    expect(delivered('typed')).toEqual([]);
  });

  test('some are picked by keyboard and discarded; the discard is undone from its notice', async () => {
    const family = await plant(8, 'nonsense');
    await page.goto(`${site.info.url}#/dead-letters?family=${family}`);
    await rowsOf('Dead letters').nth(7).waitFor();
    for (const key of ['j', 'x', 'j', 'j', 'x']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'Discard 2 picked…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Discard the picked dead letters' });
    const discard = dialog.getByRole('button', { name: 'Discard 2 jobs' });
    expect(await discard.isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('sent by hand');
    await discard.click();
    await expect.poll(() => rowsOf('Dead letters').count(), SOON).toBe(6);
    await page.getByRole('region', { name: 'Failure family' }).getByText('2 discarded').waitFor();
    await page.getByRole('button', { name: 'Undo the discard' }).click();
    await expect.poll(() => rowsOf('Dead letters').count(), SOON).toBe(8);
    await page.getByRole('region', { name: 'Failure family' }).getByText('0 discarded').waitFor();
  });

  test('they are exported as one JSON object a line', async () => {
    const family = await plant(702, 'exported');
    await page.goto(`${site.info.url}#/dead-letters?family=${family}`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()] as const);
    expect(linesOf(await (download as Download).path())).toHaveLength(702);
  });
});

const linesOf = (file: string): object[] => readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as object);
