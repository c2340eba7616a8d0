/** A real Chromium for tests of the console. */
import { type Browser, chromium, type Page } from 'playwright-core';

/** Flags for a Chromium without a display, a GPU or a network; as root it needs --no-sandbox, in tests only. */
const FLAGS = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.SPINE_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

export interface ConsolePage {
  readonly page: Page;
  /** Errors of the page and of its console, CSP violations among them. A test that ends with any has failed. */
  readonly problems: string[];
}

/** Open the console by its launch link, at a scheme and the size that the pages are looked at. */
export async function openConsole(browser: Browser, launchUrl: string, scheme: 'light' | 'dark' = 'light'): Promise<ConsolePage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: scheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(launchUrl);
  await page.getByRole('navigation').first().waitFor();
  return { page, problems };
}
