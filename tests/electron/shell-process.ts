/** The built desktop app on the double, on a data folder of its own, with a second hand on its page for the test. */
import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { serversOn } from '../../embedded/test-site.ts';
import { eventually } from '../support/site-process.ts';
import type { Report, Wish } from './double/report.ts';

type ReportOf<What extends Report['what']> = Extract<Report, { what: What }>;

export class ShellProcess {
  /** Postgres runs as another user when the tests run as root: the folder must be passable. */
  readonly folder = mkdtempSync(join(tmpdir(), 'spine-shell-'));
  readonly #child: ChildProcess;
  readonly #reports: Report[] = [];
  #output = '';
  #browser: Browser | null = null;

  constructor({ args = [], env = {} }: { args?: readonly string[]; env?: Record<string, string> } = {}) {
    chmodSync(this.folder, 0o755);
    this.#child = fork(join(import.meta.dirname, 'double', 'run-shell.ts'), [...args], {
      execPath: join(import.meta.dirname, '../../node_modules/.bin/node'),
      execArgv: [],
      env: { ...process.env, ...env, SPINE_DATA_DIR: this.folder },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const append = (chunk: Buffer): void => void (this.#output += chunk.toString());
    this.#child.stdout?.on('data', append);
    this.#child.stderr?.on('data', append);
    this.#child.on('message', (message: Report) => this.#reports.push(message));
  }

  /** What the app and its services printed. */
  get output(): string {
    return this.#output;
  }

  reports<What extends Report['what']>(what: What): ReportOf<What>[] {
    return this.#reports.filter((message): message is ReportOf<What> => message.what === what);
  }

  /** Wait for the n-th report of a kind. */
  async report<What extends Report['what']>(what: What, nth = 1): Promise<ReportOf<What>> {
    return eventually(`report ${nth} of "${what}" (printed so far: ${this.#output})`, async () => this.reports(what)[nth - 1], 30_000);
  }

  wish(wish: Wish['wish']): void {
    this.#child.send({ wish });
  }

  /** The page in the window, through a client of the test's own. */
  async page(): Promise<Page> {
    const { endpoint } = await this.report('chromium');
    const browser = (this.#browser ??= await chromium.connectOverCDP(endpoint));
    return eventually('the page in the window', async () => browser.contexts()[0]?.pages().find((page) => page.url().startsWith('http://console.localhost/')));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Wait until the app has ended. @returns its exit code. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await new Promise((resolve) => this.#child.once('exit', resolve));
    return this.#child.exitCode;
  }

  /** Pids of the servers that run on the data folder. */
  servers(): number[] {
    return serversOn(this.folder);
  }

  /** End everything and delete the data folder. */
  async dispose(): Promise<void> {
    if (this.#child.exitCode === null) this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), 15_000);
    await this.ended();
    clearTimeout(timer);
    await this.#browser?.close().catch(() => undefined);
    for (const pid of this.servers()) process.kill(pid, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
