/** The built desktop app, unmodified, with real services: on a double of Electron, or on its real runtime (npm run test:electron). */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextWriter, Uint8ArrayReader, ZipReader } from '@zip.js/zip.js';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { ensureBuild } from '../../scripts/ensure-build.ts';
import { createEvent } from '../../shared/envelope.ts';
import { Receiver } from '../support/receiver.ts';
import { plantDeadLetters } from '../support/plant-dead-letters.ts';
import { publishByBus, sqlClient } from '../support/site-clients.ts';
import { eventually } from '../support/site-process.ts';
import { vipCall, vipSite } from '../support/vip-site.ts';
import { complaintsOf, type DesktopDriver } from './desktop-driver.ts';
import { isReal, launchDesktop, whyNot } from './launch.ts';

beforeAll(() => ensureBuild());

describe.skipIf(whyNot !== undefined)('the desktop app', () => {
  let app: DesktopDriver;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    app = await launchDesktop({ args: ['--demo'] });
    page = await app.page();
    complaints = complaintsOf(page);
  });
  afterAll(() => app.dispose());

  const live = (): Promise<void> => page.locator('.connection.tone-ok').waitFor({ timeout: 30_000 });
  const hash = (): Promise<string> => page.evaluate(() => location.hash);

  test('shows the Overview live, over the port', async () => {
    await live();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.locator('.tier-card').nth(2).waitFor();
    // Events of the demo's traffic have gone through bus, projection and port.
    await page.evaluate(() => void (location.hash = '#/flow'));
    await eventually('rows of events', async () => (await page.getByText(/^(communication|connector|data|ai|job|rule)\./).count()) > 3);
    expect(await app.isWindowShown()).toBe(true);
  });

  test.skipIf(isReal)('locks the window down', async () => {
    const double = app.double!;
    expect(double.reports('window')[0]?.webPreferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false });
    expect(double.reports('sandbox'), 'app.enableSandbox() was called').toHaveLength(1);
    const allowed = double.reports('permissions').map(({ way, allowed: answers }) => [way, Object.keys(answers).filter((permission) => answers[permission])]);
    expect(Object.fromEntries(allowed)).toEqual({ check: ['clipboard-sanitized-write'], request: ['clipboard-sanitized-write'], device: [] });
    // Neither may fetch around the policy, nor be fetched from elsewhere.
    expect(double.reports('scheme')[0]).toMatchObject({ scheme: 'app', privileges: { standard: true, secure: true } });
    expect(double.reports('scheme')[0]?.privileges).not.toHaveProperty('bypassCSP');
  });

  test('isolates the page: it sees what the preload exposed, and nothing of Node or of the preload', async () => {
    const seen = await page.evaluate(() => ({
      shell: (globalThis as unknown as { spineShell: unknown }).spineShell,
      strangers: ['require', 'process', 'module', 'ipcRenderer', '__ipc', '__deliver', '__require'].filter((name) => name in globalThis),
    }));
    expect(seen).toEqual({ shell: { platform: process.platform, versions: { electron: expect.any(String), chrome: expect.stringMatching(/^\d+\./) } }, strangers: [] });
  });

  test('serves the console under a strict content security policy', async () => {
    const { policy, inlineRan } = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.inlineRan = true';
      document.head.append(script);
      const answer = await fetch(location.pathname);
      return { policy: answer.headers.get('content-security-policy') ?? '', inlineRan: 'inlineRan' in globalThis };
    });
    expect(inlineRan).toBe(false);
    expect(policy).toMatch(/^default-src 'self'; script-src 'self'; style-src 'self' 'nonce-[\w+/=]{24}';/);
    // Our own inline script is the only thing that it had to refuse.
    expect(complaints.filter((text) => /Content Security Policy/.test(text))).toHaveLength(1);
    expect(await page.evaluate(() => document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content'))).not.toBe('__CSP_NONCE__');
  });

  test('refuses to be led away', async () => {
    const before = page.url();
    await page.evaluate(() => void (location.href = 'http://elsewhere.localhost/'));
    if (app.double) await eventually('the refusal', async () => app.double?.reports('refused').some(({ kind, url }) => kind === 'navigation' && url === 'http://elsewhere.localhost/'));
    else await page.waitForTimeout(1_000);
    expect(page.url()).toBe(before);
  });

  test('keeps frames where they are, follows no redirect away, and takes no webview', async () => {
    for (const event of ['will-frame-navigate', 'will-redirect'] as const) {
      expect(await app.isPrevented(event, 'https://elsewhere.example.invalid/'), event).toBe(true);
      expect(await app.isPrevented(event, 'app://console/index.html'), event).toBe(false);
    }
    expect(await app.isPrevented('will-attach-webview', 'app://console/')).toBe(true);
  });

  test('opens no windows, and hands only web and mail addresses to the system', async () => {
    const urls = ['https://docs.example.invalid/guide', 'http://plain.example.invalid/', 'https://user:secret@example.invalid/', 'smb://server/share', 'mailto:operator@example.invalid'];
    for (const url of urls) await page.evaluate((address) => void window.open(address), url);
    await eventually('the last of them', async () => (await app.openedOutside()).includes('mailto:operator@example.invalid'));
    expect(await app.openedOutside()).toEqual(['https://docs.example.invalid/guide', 'mailto:operator@example.invalid']);
    await eventually('one page', async () => page.context().pages().length === 1);
  });

  test('hands its ports to the console alone: a frame inside it, or a strange page, gets none', async () => {
    expect(await app.forge('app://console/')).toBe(0);
    expect(await app.forge('https://evil.example.invalid/')).toBe(0);
  });

  test('gives a reloaded page fresh ports', async () => {
    const pid = await app.servicesPid();
    await page.reload();
    await live();
    expect(await app.servicesPid()).toBe(pid);
  });

  test('leads to pages by menu and link, also from a second instance, and not by a link that is none', async () => {
    await app.clickMenu('Go', 'Dead letters');
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    expect(await app.startSecond('spine://traces/7f3a0000-0000-4000-8000-000000000000')).toBe(0);
    await eventually('the page of the link', async () => (await hash()).startsWith('#/traces/7f3a0000'));
    expect(await app.startSecond('spine://flow?q=type%3Arule.*')).toBe(0);
    await eventually('the page of the link', async () => (await hash()).startsWith('#/flow?'));
    expect(await app.startSecond('spine://evil/../../x')).toBe(0);
    expect(await app.startSecond('spine://tiers')).toBe(0);
    await eventually('the page of the next link', async () => (await hash()) === '#/tiers');
    expect(page.url()).not.toContain('evil');
  });

  test('starts killed services again; the window says so, and the same page goes on with a new port', async () => {
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    await app.closeWindow();
    const before = await app.servicesPid();
    process.kill(before, 'SIGKILL');
    await page.getByRole('alert').filter({ hasText: 'The services died' }).waitFor();
    expect(await app.servicesPid(before)).not.toBe(before);
    await live();
    await eventually('all notices to go', async () => (await page.getByRole('alert').count()) === 0);
    expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
    expect((await app.notifications()).map(({ title }) => title)).toContain('The services died');
  });

  test('closes to the tray, with a hint the first time; the site goes on, and is opened again', async () => {
    expect(await app.isWindowShown()).toBe(false);
    const notices = await app.notifications();
    expect(notices.map(({ title }) => title)).toContain('Spine Console goes on in the tray');
    // A server that is just starting helpers has more processes for a moment.
    await eventually('the site’s two servers', async () => app.servers().length === 2);
    await app.clickNotification(notices.findIndex(({ title }) => title === 'The services died'));
    await eventually('the window', () => app.isWindowShown());
    await eventually('its page', async () => (await hash()) === '#/');
    await app.closeWindow();
    await eventually('the hidden window', async () => !(await app.isWindowShown()));
    expect((await app.notifications()).filter(({ title }) => title.includes('tray'))).toHaveLength(1);
    expect(await app.startSecond()).toBe(0);
    await eventually('the window again', () => app.isWindowShown());
  });

  test.skipIf(isReal)('shows health, promises and dead letters in the tray, and pauses workers after asking', async () => {
    const labels = (): readonly string[] => app.double!.reports('tray').at(-1)?.labels ?? [];
    await eventually('promises in the tray', async () => labels().filter((label) => /^(realtime|interactive|background): /.test(label)).length === 3);
    expect(labels().some((label) => /^\d* ?(No )?dead letters?/i.test(label) || /dead letter waits|dead letters wait/.test(label))).toBe(true);
    expect(app.double!.reports('tray').at(-1)?.icon).toMatch(/tray-(ok|warn|bad)\.png$/);
    await eventually('the switch', async () => labels().includes('Pause workers…'));
    await app.answer('message', 0);
    app.double!.clickTray('Pause workers…');
    await eventually('paused workers', async () => labels().includes('Resume workers'));
    expect((await app.dialogs('message')).at(-1)).toMatchObject({ message: expect.stringMatching(/^Pause all \d+ queues\?$/) });
    app.double!.clickTray('Resume workers');
    await eventually('running workers', async () => labels().includes('Pause workers…'));
    expect(app.double!.reports('badge').length).toBeGreaterThan(0);
  });

  test('audits what the tray did, under its own name', async () => {
    await page.evaluate(() => void (location.hash = '#/flow?q=type:system.Queue*'));
    await eventually('the audit', async () => (await page.getByText('QueuePaused').count()) > 0);
  });

  test.skipIf(process.platform !== 'linux')('starts at login, hidden, by the desktop’s own means', async () => {
    const entry = join(app.folder, 'config', 'autostart', 'spine-console.desktop');
    await app.clickMenu('Site', 'Start at login');
    await eventually('the entry', async () => existsSync(entry));
    expect(readFileSync(entry, 'utf8')).toMatch(/^Exec=env "SPINE_DATA_DIR=.+" ".+" --hidden$/m);
  });

  test('copies diagnostics into one zip without secrets', async () => {
    const file = join(app.folder, 'report.zip');
    await app.answer('save', file);
    await app.clickMenu('Help', 'Copy diagnostics…');
    const zip = await eventually('the zip', async () => new ZipReader(new Uint8ArrayReader(new Uint8Array(readFileSync(file)))).getEntries());
    const names = zip.map(({ filename }) => filename);
    expect(names).toEqual(expect.arrayContaining(['versions.json', 'settings.yaml', 'desktop.json', 'logs/spine.log', 'logs/nats.log', 'desktop-logs/desktop.log', 'desktop-logs/services-output.log']));
    const password = readFileSync(join(app.folder, 'secrets', 'postgres.password'), 'utf8').trim();
    for (const entry of zip) if (!entry.directory) expect(await entry.getData(new TextWriter()), entry.filename).not.toContain(password);
  });

  test('asks the network for nothing, and complains about nothing beside what the tests provoked', async () => {
    if (app.double) expect(app.double.reports('outside-request')).toEqual([]);
    expect(complaints.filter((text) => !/Content Security Policy|elsewhere\.localhost|Not allowed to launch/.test(text))).toEqual([]);
  });

  test('remembers where its window was; started at login it stays in the tray until it is asked for, and follows the link that started it', async () => {
    await app.dispose({ keep: true });
    expect(app.servers()).toEqual([]);
    const settings = join(app.folder, 'desktop', 'desktop.json');
    const kept = JSON.parse(readFileSync(settings, 'utf8')) as { window: { bounds: object } };
    writeFileSync(settings, JSON.stringify({ ...kept, window: { bounds: { x: 40, y: 30, width: 1_100, height: 700 }, maximized: false }, closeToTray: false }));
    app = await launchDesktop({ folder: app.folder, args: ['--hidden', 'spine://tiers'] });
    page = await app.page();
    await live();
    expect(await hash()).toBe('#/tiers');
    expect(await app.isWindowShown()).toBe(false);
    expect(await app.startSecond()).toBe(0);
    await eventually('the window', () => app.isWindowShown());
    if (app.double) expect(app.double.reports('window')[0]?.bounds).toEqual({ x: 40, y: 30, width: 1_100, height: 700 });
  });

  test('ends with its window when the tray is not wanted, and leaves nothing behind', async () => {
    const from = performance.now();
    await app.closeWindow();
    expect(await app.ended()).toBe(0);
    expect(performance.now() - from).toBeLessThan(6_000);
    expect(app.servers()).toEqual([]);
  });
});

describe.skipIf(whyNot !== undefined)('a desktop app in the background', () => {
  const receiver = new Receiver();
  let app: DesktopDriver;
  afterAll(async () => {
    await app.dispose();
    await receiver.stop();
  });

  let folder: string;
  let page: Page;
  let release: () => void = () => undefined;
  beforeAll(async () => {
    receiver.answer = () => ({ status: 200, until: new Promise<void>((resolve) => (release = resolve)) });
    folder = mkdtempSync(join(tmpdir(), 'spine-shell-'));
    writeFileSync(join(folder, 'spine.yaml'), stringify(vipSite(await receiver.start())));
    app = await launchDesktop({ folder });
    page = await app.page();
    await page.locator('.connection.tone-ok').waitFor({ timeout: 30_000 });
  });

  test('tells of new trouble while nobody looks, and a click opens its page', async () => {
    await app.closeWindow();
    const sql = await sqlClient({ folder });
    await plantDeadLetters(sql, { count: 2, jobType: 'SendOutgoingMessageJob', queue: 'interactive', tier: 'interactive', overMs: 1_000, message: 'order $n is lost', input: { channel: 'ops', to: 'ops', subject: 'x', body: 'x' } });
    await sql.end();
    const told = await eventually('the alert', async () => {
      const index = (await app.notifications()).findIndex(({ body }) => body === '2 dead letters wait for a decision.');
      return index < 0 ? null : { index };
    });
    await app.clickNotification(told.index);
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    expect(await app.isWindowShown()).toBe(true);
    if (app.double) await eventually('the badge', async () => app.double?.reports('badge').at(-1)?.count === 2);
  });

  test('asks before it quits; lets the job end if told to, and says what it waits for', async () => {
    await publishByBus(folder, createEvent({ eventType: 'communication.CallStarted', source: 'test', data: vipCall('call-1') }));
    await eventually('the delivery', async () => receiver.received.length === 1);
    await page.evaluate(() => void (location.hash = '#/tiers'));
    await page.getByText('0 waiting, 1 running').first().waitFor();

    // Cancel: nothing happens.
    await app.answer('message', 2);
    await app.clickMenu('Site', 'Quit…');
    const asked = await eventually('the question', async () => (await app.dialogs('message'))[0]);
    expect(asked).toMatchObject({ message: '1 job is running. Quit?', buttons: ['Let them end, then quit', 'Quit now', 'Cancel'] });

    await app.answer('message', 0);
    await app.clickMenu('Site', 'Quit…');
    await page.getByText('Waiting for 1 running job, then the app quits.').waitFor();
    await eventually('its two servers', async () => app.servers().length === 2);
    release();
    expect(await app.ended()).toBe(0);
    expect(app.servers()).toEqual([]);
    // It ended: a delivery that is cut off would be made again.
    expect(receiver.received).toHaveLength(1);
  });
});

describe.skipIf(whyNot !== undefined)('a desktop app that can’t start its services', () => {
  let app: DesktopDriver;
  afterAll(() => app.dispose());

  test('says why, tries again when told to, and quits', async () => {
    app = await launchDesktop({ env: { SPINE_NATS_URL: 'http://not-a-bus' } });
    const page = await app.page();
    await page.getByRole('heading', { name: 'This site can’t be started' }).waitFor({ timeout: 15_000 });
    const words = page.locator('.failed-words');
    expect(await words.textContent()).toContain('SPINE_NATS_URL');
    expect(await words.textContent()).toContain('nats://');
    // Its setup is the environment's: the wizard can't change that.
    expect(await page.getByRole('button', { name: 'Change the setup' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Try again' }).click();
    await words.waitFor();
    await page.getByRole('button', { name: 'Quit' }).click();
    expect(await app.ended()).toBe(0);
  });
});
