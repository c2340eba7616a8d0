/** The built desktop app, unmodified, with real services, on a double of Electron (which machines without internet can't have). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { ensureBuild } from '../../scripts/ensure-build.ts';
import { eventually } from '../support/site-process.ts';
import { ShellProcess } from './shell-process.ts';

const noChromium = process.env.SPINE_CHROMIUM_MISSING;

beforeAll(() => ensureBuild());

describe.skipIf(noChromium !== undefined)('the desktop app', () => {
  let shell: ShellProcess;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    shell = new ShellProcess({ args: ['--demo'] });
    page = await shell.page();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterAll(() => shell.dispose());

  const live = (): Promise<void> => page.locator('.connection.tone-ok').waitFor({ timeout: 30_000 });
  const servicesPid = (nth: number): Promise<number> => shell.report('services', nth).then(({ pid }) => pid);

  test('shows the Overview live, over the port', async () => {
    await live();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.locator('.tier-card').nth(2).waitFor();
    // Events of the demo's traffic have gone through bus, projection and port.
    await page.evaluate(() => void (location.hash = '#/flow'));
    await eventually('rows of events', async () => (await page.getByText(/^(communication|connector|data|ai|job|rule)\./).count()) > 3);
    expect(shell.reports('shown')).toHaveLength(1);
  });

  test('locks the window down', async () => {
    const { webPreferences } = await shell.report('window');
    expect(webPreferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false });
    const { allowed } = await shell.report('permissions');
    expect(Object.keys(allowed).filter((permission) => allowed[permission])).toEqual(['clipboard-sanitized-write']);
  });

  test('isolates the page: it sees what the preload exposed, and nothing of Node or of the preload', async () => {
    const seen = await page.evaluate(() => ({
      shell: (globalThis as unknown as { spineShell: unknown }).spineShell,
      strangers: ['require', 'process', 'module', 'ipcRenderer', '__ipc', '__deliver', '__require'].filter((name) => name in globalThis),
    }));
    expect(seen).toEqual({ shell: { platform: process.platform, versions: { electron: 'double', chrome: expect.stringMatching(/^\d+\./) } }, strangers: [] });
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
    await page.evaluate(() => void (location.href = 'http://elsewhere.localhost/'));
    await eventually('the refusal', async () => shell.reports('refused').some(({ kind, url }) => kind === 'navigation' && url === 'http://elsewhere.localhost/'));
    expect(page.url()).toMatch(/^http:\/\/console\.localhost\//);
  });

  test('opens no windows, and hands only web and mail addresses to the system', async () => {
    const urls = ['https://docs.example.invalid/guide', 'http://plain.example.invalid/', 'https://user:secret@example.invalid/', 'smb://server/share'];
    for (const url of urls) await page.evaluate((address) => void window.open(address), url);
    await eventually('four refusals', async () => shell.reports('refused').filter(({ kind }) => kind === 'window').length === urls.length);
    expect(shell.reports('opened-outside').map(({ url }) => url)).toEqual(['https://docs.example.invalid/guide']);
    await eventually('one page', async () => page.context().pages().length === 1);
  });

  test('gives a reloaded page a fresh port', async () => {
    await page.reload();
    await live();
    expect(shell.reports('services')).toHaveLength(1);
  });

  test('starts killed services again, and the same page goes on with a new port', async () => {
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    process.kill(await servicesPid(1), 'SIGKILL');
    await page.locator('.connection.tone-failed').waitFor();
    expect(await servicesPid(2)).not.toBe(await servicesPid(1));
    await live();
    expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
  });

  test('asks nothing of the network', () => {
    expect(shell.reports('outside-request')).toEqual([]);
  });

  test('stops everything in order when the window is closed', async () => {
    expect(shell.servers().length).toBeGreaterThan(0);
    const from = performance.now();
    shell.wish('close-window');
    expect(await shell.ended()).toBe(0);
    expect(performance.now() - from).toBeLessThan(6_000);
    expect(shell.servers()).toEqual([]);
  });
});

describe.skipIf(noChromium !== undefined)('a desktop app that can’t start its services', () => {
  let shell: ShellProcess;
  afterAll(() => shell.dispose());

  test('says why, and ends', async () => {
    shell = new ShellProcess({ env: { SPINE_NATS_URL: 'http://not-a-bus' } });
    const { content } = await shell.report('error-box');
    expect(content).toContain('SPINE_NATS_URL');
    expect(content).toContain('nats://');
    expect(await shell.ended()).toBe(1);
  });
});
