/** Draws the icons of app and tray from one sign, with Chromium: `node scripts/draw-icons.ts`. Their files are committed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ensureChromium } from './ensure-chromium.ts';

const folder = join(import.meta.dirname, '../electron/icons');
const found = ensureChromium();
if ('missing' in found) throw new Error(found.missing);

const SPINE = '<path d="M16 6v20M16 9.5h7M16 16H8M16 22.5h7" stroke="#fff" stroke-width="2.6" stroke-linecap="round" fill="none"/>';
const APP = `<rect width="32" height="32" rx="7" fill="#4453c9"/>${SPINE}`;
/** Told by form as well as by colour: a disc, a triangle, a cross, nothing. */
const SIGNS = {
  ok: '<circle cx="24.5" cy="24.5" r="7.5" fill="#fff"/><circle cx="24.5" cy="24.5" r="5.7" fill="#1f9d5c"/>',
  warn: '<path d="M24 15.5l8 15.2H16z" fill="#fff" stroke="#fff" stroke-width="2" stroke-linejoin="round"/><path d="M24 17.8l6 11.4H18z" fill="#e0930b" stroke="#e0930b" stroke-width="1.4" stroke-linejoin="round"/>',
  bad: '<rect x="16.5" y="16.5" width="15.5" height="15.5" rx="3" fill="#fff"/><rect x="18.2" y="18.2" width="12.1" height="12.1" rx="2" fill="#d0303c"/><path d="M21.5 21.5l5.5 5.5M27 21.5l-5.5 5.5" stroke="#fff" stroke-width="2" stroke-linecap="round"/>',
  off: '',
};

const browser = await chromium.launch({ executablePath: found.path, args: ['--headless=new', '--no-sandbox', '--disable-gpu'] });
const draw = async (name: string, size: number, inner: string, grey = false): Promise<void> => {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const body = grey ? inner.replace('#4453c9', '#8a8f9c') : inner;
  await page.setContent(`<style>html,body{margin:0;background:transparent}svg{display:block}</style><svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 32 32">${body}</svg>`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), await page.screenshot({ omitBackground: true }));
  await page.close();
};
try {
  await draw('app.png', 512, APP);
  for (const [tone, sign] of Object.entries(SIGNS)) {
    await draw(`tray-${tone}.png`, 22, APP + sign, tone === 'off');
    await draw(`tray-${tone}@2x.png`, 44, APP + sign, tone === 'off');
  }
} finally {
  await browser.close();
}
