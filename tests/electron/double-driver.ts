/** The built desktop app on the double, with a second hand on its page for the test. */
import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { serversOn } from '../../embedded/test-site.ts';
import { eventually } from '../support/site-process.ts';
import type { DesktopDriver, LaunchOptions, Notice } from './desktop-driver.ts';
import type { DialogKind, Report, Wish } from './double/report.ts';

type ReportOf<What extends Report['what']> = Extract<Report, { what: What }>;
const RUNNER = join(import.meta.dirname, 'double', 'run-shell.ts');
const NODE = join(import.meta.dirname, '../../node_modules/.bin/node');

export class DoubleDriver implements DesktopDriver {
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #env: NodeJS.ProcessEnv;
  readonly #reports: Report[] = [];
  #output = '';
  #browser: Browser | null = null;

  constructor({ args = [], env = {}, folder, wizard = false }: LaunchOptions = {}) {
    this.folder = folder ?? mkdtempSync(join(tmpdir(), 'spine-shell-'));
    // Postgres runs as another user when the tests run as root: the folder must be passable.
    chmodSync(this.folder, 0o755);
    const { SPINE_DATA_DIR: _none, ...rest } = process.env;
    this.#env = { ...rest, XDG_CONFIG_HOME: join(this.folder, 'config'), ...(wizard ? { DOUBLE_USER_DATA: join(this.folder, 'user-data') } : { SPINE_DATA_DIR: this.folder }), ...env };
    this.#child = this.#launch(args);
    this.#child.on('message', (message: Report) => this.#reports.push(message));
  }

  #launch(args: readonly string[]): ChildProcess {
    const child = fork(RUNNER, [...args], { execPath: NODE, execArgv: [], env: this.#env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const append = (chunk: Buffer): void => void (this.#output += chunk.toString());
    child.stdout?.on('data', append);
    child.stderr?.on('data', append);
    return child;
  }

  get output(): string {
    return this.#output;
  }

  readonly double = {
    reports: <What extends Report['what']>(what: What): ReportOf<What>[] => this.#reports.filter((message): message is ReportOf<What> => message.what === what),
    clickTray: (label: string): void => void this.#wish({ wish: 'tray', label }),
  };

  /** The page in the window, through a client of the test's own. */
  async page(): Promise<Page> {
    const { endpoint } = await this.#report('chromium');
    const browser = (this.#browser ??= await chromium.connectOverCDP(endpoint));
    return eventually('the page in the window', async () => browser.contexts()[0]?.pages().find((page) => page.url().startsWith('http://console.localhost/')));
  }

  async servicesPid(before?: number): Promise<number> {
    return eventually('the process of the services', async () => {
      const pid = this.double.reports('services').at(-1)?.pid;
      return pid === before ? undefined : pid;
    });
  }

  clickMenu(...path: string[]): Promise<void> {
    return this.#wish({ wish: 'menu', path });
  }
  closeWindow(): Promise<void> {
    return this.#wish({ wish: 'close-window' });
  }
  async isWindowShown(): Promise<boolean> {
    return this.#reports.findLast(({ what }) => what === 'shown' || what === 'hidden')?.what === 'shown';
  }
  async startSecond(...args: string[]): Promise<number | null> {
    const second = this.#launch(args);
    return new Promise((resolve) => second.once('exit', resolve));
  }
  async openedOutside(): Promise<string[]> {
    return this.double.reports('opened-outside').map(({ url }) => url);
  }
  async notifications(): Promise<Notice[]> {
    return this.double.reports('notification');
  }
  clickNotification(nth: number): Promise<void> {
    return this.#wish({ wish: 'click-notification', nth });
  }
  answer(kind: DialogKind, value: number | string | null): Promise<void> {
    return this.#wish({ wish: 'answer', kind, value });
  }
  async dialogs(kind: DialogKind): Promise<Record<string, unknown>[]> {
    return this.double.reports('dialog').filter((dialog) => dialog.kind === kind).map(({ options }) => options);
  }
  async forge(frameUrl: string): Promise<number> {
    const before = this.double.reports('port').length;
    await this.#wish({ wish: 'forge', channel: 'spine:connect', frameUrl });
    // A wish is handled in order: what it caused has been told when the next one's answer is there.
    await this.answer('error', null);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return this.double.reports('port').length - before;
  }

  async isPrevented(event: string, url: string): Promise<boolean> {
    const before = this.double.reports('emitted').length;
    await this.#wish({ wish: 'emit', event, url });
    return (await eventually('what came of it', async () => this.double.reports('emitted')[before])).prevented;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await new Promise((resolve) => this.#child.once('exit', resolve));
    return this.#child.exitCode;
  }
  servers(): number[] {
    return [...serversOn(this.folder), ...serversOn(join(this.folder, 'site'))];
  }

  async dispose({ keep = false } = {}): Promise<void> {
    if (this.#child.exitCode === null) this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), 15_000);
    await this.ended();
    clearTimeout(timer);
    await this.#browser?.close().catch(() => undefined);
    for (const pid of this.servers()) process.kill(pid, 'SIGKILL');
    if (!keep) rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  async #report<What extends Report['what']>(what: What): Promise<ReportOf<What>> {
    return eventually(`a report of "${what}" (printed so far: ${this.#output})`, async () => this.double.reports(what)[0], 30_000);
  }
  #wish(wish: Wish): Promise<void> {
    return new Promise((resolve) => this.#child.send(wish, () => resolve()));
  }
}
