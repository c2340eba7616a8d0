/** The built desktop app on the real Electron, operated through Playwright. What a person would click is clicked in main's own objects. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { serversOn } from '../../embedded/test-site.ts';
import { eventually } from '../support/site-process.ts';
import type { DesktopDriver, LaunchOptions, Notice } from './desktop-driver.ts';
import type { DialogKind } from './double/report.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What main's stand-ins note down: on main's global object, since only values cross to the test. */
interface Notes {
  readonly opened: string[];
  readonly notifications: Notice[];
  readonly clicks: (() => void)[];
  readonly dialogs: { kind: DialogKind; options: Record<string, unknown> }[];
  readonly answers: Record<DialogKind, (number | string | null)[]>;
}
type Main = typeof globalThis & { spineNotes: Notes };

export class RealDriver implements DesktopDriver {
  readonly double = null;
  readonly folder: string;
  readonly #app: ElectronApplication;
  readonly #program: string;
  readonly #env: Record<string, string>;
  #output = '';
  #code: number | null = null;
  readonly #gone: Promise<void>;

  static async launch(program: string, { args = [], env = {}, folder, wizard = false }: LaunchOptions): Promise<RealDriver> {
    const root = folder ?? mkdtempSync(join(tmpdir(), 'spine-shell-'));
    chmodSync(root, 0o755);
    const { SPINE_DATA_DIR: _none, ...rest } = process.env;
    const all = { ...(rest as Record<string, string>), XDG_CONFIG_HOME: join(root, 'config'), ...(wizard ? {} : { SPINE_DATA_DIR: root }), ...env };
    const more = wizard ? [`--user-data-dir=${join(root, 'user-data')}`] : [];
    const app = await _electron.launch({ executablePath: program, args: [...more, ROOT, ...args], env: all });
    await app.evaluate(({ shell, dialog, Notification }) => {
      const notes: Notes = { opened: [], notifications: [], clicks: [], dialogs: [], answers: { message: [], save: [], open: [], error: [] } };
      (globalThis as Main).spineNotes = notes;
      const ask = (kind: DialogKind, options: object): number | string | null | undefined => {
        notes.dialogs.push({ kind, options: JSON.parse(JSON.stringify(options)) as Record<string, unknown> });
        return notes.answers[kind].shift();
      };
      Object.assign(shell, { openExternal: (url: string) => Promise.resolve(void notes.opened.push(url)), showItemInFolder: () => undefined });
      Object.assign(dialog, {
        showMessageBox: (options: { cancelId?: number }) => {
          const answer = ask('message', options);
          return Promise.resolve({ response: typeof answer === 'number' ? answer : (options.cancelId ?? 0), checkboxChecked: false });
        },
        showSaveDialog: (options: object) => {
          const answer = ask('save', options);
          return Promise.resolve(typeof answer === 'string' ? { canceled: false, filePath: answer } : { canceled: true, filePath: '' });
        },
        showOpenDialog: (options: object) => {
          const answer = ask('open', options);
          return Promise.resolve(typeof answer === 'string' ? { canceled: false, filePaths: [answer] } : { canceled: true, filePaths: [] });
        },
      });
      Notification.prototype.show = function show(this: Electron.Notification) {
        notes.notifications.push({ title: this.title, body: this.body });
        notes.clicks.push(() => this.emit('click'));
      };
    });
    return new RealDriver(program, all, root, app);
  }

  private constructor(program: string, env: Record<string, string>, folder: string, app: ElectronApplication) {
    this.#program = program;
    this.#env = env;
    this.folder = folder;
    this.#app = app;
    const child = app.process();
    child.stdout?.on('data', (chunk: Buffer) => void (this.#output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => void (this.#output += chunk.toString()));
    this.#gone = new Promise((resolve) => child.once('exit', (code) => {
      this.#code = code;
      resolve();
    }));
  }

  get output(): string {
    return this.#output;
  }
  page(): Promise<Page> {
    return this.#app.firstWindow();
  }
  servicesPid(before?: number): Promise<number> {
    return eventually('the process of the services', async () => {
      const pid = await this.#app.evaluate(({ app }) => app.getAppMetrics().find(({ serviceName, name }) => serviceName === 'Spine services' || name === 'Spine services')?.pid);
      return pid === before ? undefined : pid;
    });
  }
  clickMenu(...path: string[]): Promise<void> {
    return this.#app.evaluate(({ Menu }, labels) => {
      let items = Menu.getApplicationMenu()?.items ?? [];
      for (const [depth, label] of labels.entries()) {
        const item = items.find((each) => each.label === label);
        if (!item) throw new Error(`the menu has no "${label}"`);
        if (depth === labels.length - 1) item.click();
        items = item.submenu?.items ?? [];
      }
    }, path);
  }
  closeWindow(): Promise<void> {
    return this.#app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  }
  isWindowShown(): Promise<boolean> {
    return this.#app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false);
  }
  startSecond(...args: string[]): Promise<number | null> {
    const second = spawn(this.#program, [ROOT, ...args], { env: this.#env, stdio: 'ignore' });
    return new Promise((resolve) => second.once('exit', resolve));
  }
  openedOutside(): Promise<string[]> {
    return this.#app.evaluate(() => (globalThis as Main).spineNotes.opened);
  }
  notifications(): Promise<Notice[]> {
    return this.#app.evaluate(() => (globalThis as Main).spineNotes.notifications);
  }
  clickNotification(nth: number): Promise<void> {
    return this.#app.evaluate((_electron, index) => (globalThis as Main).spineNotes.clicks[index]?.(), nth);
  }
  answer(kind: DialogKind, value: number | string | null): Promise<void> {
    return this.#app.evaluate((_electron, given) => void (globalThis as Main).spineNotes.answers[given.kind].push(given.value), { kind, value });
  }
  dialogs(kind: DialogKind): Promise<Record<string, unknown>[]> {
    return this.#app.evaluate((_electron, wanted) => (globalThis as Main).spineNotes.dialogs.filter((each) => each.kind === wanted).map(({ options }) => options), kind);
  }
  forge(frameUrl: string): Promise<number> {
    return this.#app.evaluate(({ ipcMain, BrowserWindow }, url) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      if (!contents) throw new Error('there is no window');
      let given = 0;
      const post = contents.postMessage.bind(contents);
      contents.postMessage = (...args: Parameters<typeof post>) => {
        given += 1;
        post(...args);
      };
      ipcMain.emit('spine:connect', { senderFrame: { url }, ports: [] });
      contents.postMessage = post;
      return given;
    }, frameUrl);
  }

  isPrevented(event: string, url: string): Promise<boolean> {
    return this.#app.evaluate(({ BrowserWindow }, asked) => {
      let prevented = false;
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as NodeJS.EventEmitter | undefined;
      contents?.emit(asked.event, { url: asked.url, isMainFrame: false, preventDefault: () => void (prevented = true) });
      return prevented;
    }, { event, url });
  }

  signal(signal: NodeJS.Signals): void {
    this.#app.process().kill(signal);
  }
  async ended(): Promise<number | null> {
    await this.#gone;
    return this.#code;
  }
  servers(): number[] {
    return [...serversOn(this.folder), ...serversOn(join(this.folder, 'site'))];
  }
  async dispose({ keep = false } = {}): Promise<void> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), 15_000);
    await this.#gone;
    clearTimeout(timer);
    for (const pid of this.servers()) process.kill(pid, 'SIGKILL');
    if (!keep) rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
