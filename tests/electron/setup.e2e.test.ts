/** The first run: no environment says where the site is, so the window asks. On the double, or on the real runtime. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { DataFolder } from '../../embedded/data-folder.ts';
import { startEmbeddedNats, type EmbeddedNats } from '../../embedded/nats-server.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../embedded/postgres.ts';
import { testSite } from '../../embedded/test-site.ts';
import { ensureBuild } from '../../scripts/ensure-build.ts';
import { eventually } from '../support/site-process.ts';
import { complaintsOf, type DesktopDriver } from './desktop-driver.ts';
import { launchDesktop, whyNot } from './launch.ts';

beforeAll(() => ensureBuild());
const live = (page: Page): Promise<void> => page.locator('.connection.tone-ok').waitFor({ timeout: 30_000 });
/** What axe has to say, one line a node. */
async function violations(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  const { violations: broken } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return broken.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help}: ${target.join(' ')}`));
}
const goOn = (page: Page): Promise<void> => page.getByRole('button', { name: /^(Test and g|G)o on/ }).click();

describe.skipIf(whyNot !== undefined)('a first run on its own', () => {
  let app: DesktopDriver;
  afterAll(() => app.dispose());

  test('asks how to run, where the data goes and what to begin with; then the site runs, and is not asked about again', async () => {
    app = await launchDesktop({ wizard: true });
    let page = await app.page();
    const complaints = complaintsOf(page);
    await page.getByRole('heading', { name: 'How should this site run?' }).waitFor({ timeout: 20_000 });
    // There are no services to reach yet, and nothing claims that there are.
    expect(app.servers()).toEqual([]);
    expect(await violations(page, 'light')).toEqual([]);
    await goOn(page);

    const folder = page.getByLabel('Data folder');
    await folder.fill('relative/path');
    await goOn(page);
    await page.getByText('The folder must be a full path').waitFor();
    await folder.fill(app.folder);
    await goOn(page);
    await page.getByText('The folder holds other files').waitFor();
    expect(await violations(page, 'dark')).toEqual([]);
    // The system's own dialog.
    await app.answer('open', join(app.folder, 'site'));
    await page.getByRole('button', { name: 'Choose…' }).click();
    await page.getByText('The folder will be made').waitFor();
    await goOn(page);

    await page.getByLabel('Start demo traffic').click();
    expect(await violations(page, 'light')).toEqual([]);
    expect(await page.getByText('PostgreSQL that this app brings along').count()).toBe(1);
    await page.getByRole('button', { name: 'Start the site' }).click();
    await live(page);
    await page.getByText('Demo traffic is running').waitFor();
    expect(app.servers()).toHaveLength(2);
    expect(complaints).toEqual([]);

    await app.dispose({ keep: true });
    app = await launchDesktop({ wizard: true, folder: app.folder });
    page = await app.page();
    await live(page);
    // Demo traffic was for the first start.
    expect(await page.getByText('Demo traffic is running').count()).toBe(0);
  });
});

describe.skipIf(whyNot !== undefined)('a first run that connects', () => {
  const outside = testSite();
  let folder: DataFolder;
  let nats: EmbeddedNats;
  let postgres: EmbeddedPostgres;
  let app: DesktopDriver;
  beforeAll(async () => {
    folder = outside.open();
    [nats, postgres] = await Promise.all([startEmbeddedNats({ folder, domains: ['system'], log: outside.log }), startEmbeddedPostgres({ folder, log: outside.log })]);
    outside.defer(() => Promise.all([nats.stop(), postgres.stop()]));
  });
  afterAll(async () => {
    await app.dispose();
    await outside.end();
  });

  test('says what is wrong with each server, keeps the secrets out of every file, and comes up by itself the next time', async () => {
    const { host, port, user, password, database } = postgres.connection;
    const seed = new TextDecoder().decode(nats.credentials.admin.seed).trim();
    app = await launchDesktop({ wizard: true });
    const page = await app.page();
    await page.getByRole('radio', { name: 'Connect to servers' }).click({ timeout: 20_000 });
    await goOn(page);

    const bus = page.getByRole('region', { name: 'NATS' });
    const store = page.getByRole('region', { name: 'PostgreSQL' });
    await bus.getByLabel('Address').fill('http://bus');
    await bus.getByRole('button', { name: 'Test NATS' }).click();
    await bus.getByText('An address can’t begin with http://').waitFor();
    await bus.getByLabel('Address').fill(nats.url);
    await store.getByLabel('Address').fill(`postgres://${user}:wrong@${host}:${port}/${database}`);
    await goOn(page);
    await bus.getByText('refuses these credentials').waitFor();
    await store.getByText(`The password of ${user} is wrong`).waitFor();
    expect(await violations(page, 'dark')).toEqual([]);
    await store.getByLabel('Address').fill(`postgres://${user}@${host}:${port}/nowhere`);
    await store.getByLabel('Password', { exact: true }).fill(password);
    await store.getByRole('button', { name: 'Test PostgreSQL' }).click();
    await store.getByText('There is no database “nowhere”').waitFor();
    await store.getByLabel('Address').fill(`postgres://${user}@${host}:${port}/${database}`);
    await bus.getByLabel('Credentials').fill(seed);
    // The double's keyring is the one of a Linux without any.
    if (app.double) await page.getByText('This system has no keyring').waitFor();
    await goOn(page);
    await page.getByLabel('Data folder').fill(join(app.folder, 'site'));
    await goOn(page);
    await page.getByRole('button', { name: 'Start the site' }).click();
    await live(page);
    await page.getByText(/· connected/).waitFor();

    for (const file of [join(app.folder, 'site', 'spine.yaml'), join(app.folder, 'user-data', 'vault.json'), join(app.folder, 'user-data', 'desktop.json')]) {
      const text = readFileSync(file, 'utf8');
      expect(text, file).not.toContain(password);
      expect(text, file).not.toContain(seed);
    }
    expect(readFileSync(join(app.folder, 'site', 'spine.yaml'), 'utf8')).toContain('env: SPINE_SECRET_DATABASE_PASSWORD');
    expect(existsSync(join(app.folder, 'site', 'postgres', 'data'))).toBe(false);

    await app.dispose({ keep: true });
    app = await launchDesktop({ wizard: true, folder: app.folder });
    await live(await app.page());
  });

  test('waits for a server that is away, says so, and comes up when it is back', async () => {
    await app.dispose({ keep: true });
    await postgres.stop();
    app = await launchDesktop({ wizard: true, folder: app.folder });
    const page = await app.page();
    const notice = page.getByRole('alert').filter({ hasText: 'They are' });
    await notice.waitFor({ timeout: 20_000 });
    await notice.getByText('Why').click();
    await eventually('the reason', async () => /SPINE_DATABASE_URL|ECONNREFUSED/.test((await notice.textContent()) ?? ''));
    // The server comes back, and with it the site, by itself.
    postgres = await startEmbeddedPostgres({ folder, log: outside.log });
    await live(page);
  });
});
