import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CONSOLE_URL, isOnPage, mayOpenOutside } from './addresses.ts';
import { serveConsole } from './app-protocol.ts';

describe('the console by app:', () => {
  const parent = mkdtempSync(join(tmpdir(), 'spine-protocol-'));
  const folder = join(parent, 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__">');
  writeFileSync(join(folder, 'assets', 'index.js'), 'export {}');
  writeFileSync(join(parent, 'secret'), 'secret');
  mkdirSync(join(parent, 'renderer-backup'));
  writeFileSync(join(parent, 'renderer-backup', 'secret'), 'secret');
  afterAll(() => rmSync(parent, { recursive: true }));

  const serve = serveConsole(folder);
  const get = (url: string, method = 'GET'): Promise<Response> => serve(new Request(url, { method }));

  test('is its page, with a nonce that is new each time and stands in the policy', async () => {
    const nonces = await Promise.all(
      [CONSOLE_URL, `${CONSOLE_URL}index.html`].map(async (url) => {
        const answer = await get(url);
        const nonce = /content="(.+)"/.exec(await answer.text())?.[1] ?? '';
        expect(answer.headers.get('content-security-policy')).toContain(`style-src 'self' 'nonce-${nonce}'`);
        return nonce;
      }),
    );
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  test('is its files, by their type', async () => {
    const answer = await get(`${CONSOLE_URL}assets/index.js`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each(['missing.js', 'assets', '..%2fsecret', '..%2frenderer-backup%2fsecret', '%2e%2e/secret', '..\\secret', '%', 'index.html%00'])('is nothing else: %s', async (path) => {
    expect((await get(CONSOLE_URL + path)).status).toBe(404);
  });

  test('answers no other host and no other method', async () => {
    expect((await get('app://elsewhere/index.html')).status).toBe(403);
    expect((await get(CONSOLE_URL, 'POST')).status).toBe(403);
  });
});

describe('addresses', () => {
  test.each([
    ['app://console/', true], ['app://console/index.html#/flow', true],
    ['app://console.example.invalid/', false], ['app://user@console/', false], ['http://console/', false], ['file:///app://console/', false], ['about:blank', false], ['', false],
  ])('%s is on the page: %s', (url, expected) => expect(isOnPage(url, CONSOLE_URL)).toBe(expected));

  test.each([
    ['https://example.invalid/', true], ['mailto:operator@example.invalid', true],
    ['http://example.invalid/', false], ['https://user:secret@example.invalid/', false], ['file:///etc/passwd', false], ['smb://server/share', false], ['javascript:alert(1)', false], ['not an address', false],
  ])('%s may be opened outside: %s', (url, expected) => expect(mayOpenOutside(url)).toBe(expected));
});
