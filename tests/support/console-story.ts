/**
 * One site and one browser for the tests of a file, and a console freshly opened for each test. A test that leaves an error in the
 * console's own log has failed. Without a Chromium the tests are skipped, with the reason.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type ConsolePage, openBrowser, openConsole } from './browser.ts';
import type { SiteProcess } from './site-process.ts';

/** For `expect.poll` of what a person would wait for. */
export const SOON = { timeout: 15_000, interval: 50 };

export interface ConsoleStory {
  readonly browser: Browser;
  /** The page of the test that runs. */
  readonly page: Page;
  /** Go by the navigation, as a person does. */
  goTo(name: string): Promise<void>;
  /** Go by the address: `/flow?type=rule.*`. */
  open(path: string): Promise<void>;
  /** Open the console anew: the site was started again. */
  reopen(): Promise<Page>;
  /** What the console's own log holds so far; taken out, it fails the test no more. */
  takeProblems(): string[];
  /** Rows of a table without its head. */
  rowsOf(table: string | Locator): Locator;
  panel(name: string): Locator;
  /** What axe has to say against the page as it stands, one line a node. */
  violations(): Promise<string[]>;
}

/**
 * Registers the hooks; call it once, at the top of a file.
 * @param prepare starts the site, while the browser starts @param after ends what `prepare` started beside it
 */
export function consoleStory(prepare: () => Promise<SiteProcess>, after: () => Promise<unknown> = async () => {}): ConsoleStory {
  const missing = process.env.SPINE_CHROMIUM_MISSING;
  let browser: Browser | undefined;
  let site: SiteProcess | undefined;
  let opened: ConsolePage | undefined;
  const there = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error('not open yet: use it in a test');
    return value;
  };
  const openAnew = async (): Promise<Page> => {
    opened = await openConsole(there(browser), await there(site).launchUrl());
    opened.page.setDefaultTimeout(15_000);
    return opened.page;
  };
  const page = (): Page => there(opened).page;

  beforeAll(async () => {
    if (!missing) [browser, site] = await Promise.all([openBrowser(), prepare()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.dispose();
    await after();
  });
  beforeEach(async (context) => {
    if (missing) context.skip(missing);
    await openAnew();
  });
  afterEach(async () => {
    await opened?.page.context().close();
    if (!missing) expect(opened?.problems.splice(0)).toEqual([]);
  });

  return {
    get browser() {
      return there(browser);
    },
    get page() {
      return page();
    },
    goTo: (name) => page().getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: new RegExp(`^${name}`) }).click(),
    open: (path) => page().evaluate((hash) => void (location.hash = hash), `#${path}`),
    async reopen() {
      await opened?.page.context().close();
      return openAnew();
    },
    takeProblems: () => there(opened).problems.splice(0),
    rowsOf: (table) => (typeof table === 'string' ? page().getByRole('grid', { name: table, exact: true }) : table).locator('[role="row"][aria-rowindex]'),
    panel: (name) => page().getByRole('complementary', { name, exact: true }),
    async violations() {
      const found = await new AxeBuilder({ page: page() }).setLegacyMode(true).analyze();
      return found.violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help}: ${target.join(' ')}`));
    },
  };
}
