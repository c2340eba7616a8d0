/**
 * A stand-in for the parts of `electron` that the shell uses, for machines without its runtime. The window is a page of
 * Chromium, the preload runs in an isolated world, a utility process is a process: the built shell runs on it unmodified.
 *
 * It does not cover: looks of menus, trays and dialogs, the sandbox of the operating system, permissions as Chromium asks for
 * them, fuses, asar, a real keyring, and what it means for a scheme to be privileged.
 */
import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { answerNext, clickMenu, clickNotification, clickTray } from './double/desktop-parts.ts';
import { takeInstanceLock } from './double/instance-lock.ts';
import { report, type Wish } from './double/report.ts';
import { endUtilityProcesses } from './double/utility-process.ts';
import { BrowserWindow, type WebContents } from './double/window.ts';

export { clipboard, crashReporter, dialog, Menu, nativeImage, Notification, safeStorage, screen, shell, Tray } from './double/desktop-parts.ts';
export { MessageChannelMain } from './double/ports.ts';
export { utilityProcess } from './double/utility-process.ts';
export { BrowserWindow };

/** The last one is a feature that Electron switches on too: a port tells its owner when the other end is closed or gone. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--remote-debugging-port=0', '--enable-blink-features=MessagePortCloseEvent'];

let browser: BrowserContext | null = null;
const profile = mkdtempSync(join(tmpdir(), 'spine-double-'));
const windows = new Set<BrowserWindow>();
const handlers = new Map<string, (request: Request) => Promise<Response>>();
const evaluated = Promise.withResolvers<void>();

/** The runner says that the main module has been evaluated. Electron is not ready before, so neither is the double. */
export const appCodeLoaded = (): void => evaluated.resolve();

async function openChromium(): Promise<void> {
  await evaluated.promise;
  browser = await chromium.launchPersistentContext(profile, { executablePath: process.env.SPINE_CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS });
  const [port] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n');
  report({ what: 'chromium', endpoint: `http://127.0.0.1:${port}` });
}

/** Emit an event that may be prevented. @returns false if it was. */
function emitPreventable(name: string): boolean {
  let prevented = false;
  app.emit(name, { preventDefault: () => void (prevented = true) });
  return !prevented;
}

class App extends EventEmitter {
  readonly isPackaged = process.env.DOUBLE_APP !== undefined;
  readonly #paths = new Map<string, string>();
  #ready: Promise<void> | null = null;
  #quitting = false;

  whenReady(): Promise<void> {
    return (this.#ready ??= openChromium());
  }
  requestSingleInstanceLock(): boolean {
    return takeInstanceLock(this.getPath('userData'), (argv) => void this.emit('second-instance', {}, argv));
  }
  enableSandbox(): void {
    report({ what: 'sandbox' });
  }
  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }
  getPath(name: string): string {
    const userData = this.#paths.get('userData') ?? process.env.DOUBLE_USER_DATA ?? profile;
    return this.#paths.get(name) ?? (name === 'userData' ? userData : join(userData, name));
  }
  getName(): string {
    return 'spine-console';
  }
  getVersion(): string {
    return '0.1.0';
  }
  setBadgeCount(count: number): void {
    report({ what: 'badge', count });
  }
  setLoginItemSettings(settings: Record<string, unknown>): void {
    report({ what: 'login-item', settings });
  }
  getPreferredSystemLanguages(): string[] {
    return ['en-US'];
  }
  setAppUserModelId(): void {}
  setAsDefaultProtocolClient(): void {}

  quit(): void {
    if (this.#quitting || !emitPreventable('before-quit')) return;
    this.#quitting = true;
    for (const window of windows) {
      // A window that stays keeps the app.
      if (!window.close()) this.#quitting = false;
    }
    if (this.#quitting && emitPreventable('will-quit')) this.exit(0);
  }

  /** At once: neither windows nor listeners are asked. */
  exit(code = 0): void {
    this.#quitting = true;
    endUtilityProcesses();
    void Promise.resolve(browser?.close()).finally(() => {
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      process.exit(code);
    });
  }

  /** The last window is gone, by the user's hand. */
  windowClosed(): void {
    if (windows.size === 0 && !this.#quitting) this.emit('window-all-closed');
  }
}

// Where a packaged app finds what lies beside its archive.
if (process.env.DOUBLE_RESOURCES) Object.defineProperty(process, 'resourcesPath', { value: process.env.DOUBLE_RESOURCES });

export const app = new App();
export const ipcMain = new EventEmitter();
export const protocol = {
  registerSchemesAsPrivileged: (schemes: { scheme: string; privileges: Record<string, boolean> }[]) => schemes.forEach((each) => report({ what: 'scheme', ...each })),
  handle: (scheme: string, handler: (request: Request) => Promise<Response>) => void handlers.set(scheme, handler),
};

/** Asked at once with what pages could ask for; the test looks at the answers. */
const PERMISSIONS = ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'clipboard-sanitized-write'];
const PAGE = 'app://console/';
const answersOf = (way: 'check' | 'request', allows: (permission: string) => boolean): void => report({ what: 'permissions', way, allowed: Object.fromEntries(PERMISSIONS.map((permission) => [permission, allows(permission)])) });
type PermissionHandler = (contents: null, permission: string, answer: (allowed: boolean) => void, details: { requestingUrl: string }) => void;
/** What electron-updater asks with. The double lets it reach loopback only. */
export const net = {
  request: ({ hostname, port, path, method, headers }: RequestOptions) => {
    if (hostname !== '127.0.0.1') throw new Error(`the double reaches no ${hostname}`);
    return request({ hostname, port, path, method, headers });
  },
};
export const session = {
  fromPartition: () => ({}),
  defaultSession: {
    setPermissionRequestHandler: (handler: PermissionHandler) =>
      answersOf('request', (permission) => {
        let allowed = true;
        handler(null, permission, (answer) => void (allowed = answer), { requestingUrl: PAGE });
        return allowed;
      }),
    setPermissionCheckHandler: (check: (contents: null, permission: string, origin: string) => boolean) => answersOf('check', (permission) => check(null, permission, PAGE)),
    setDevicePermissionHandler: (handler: (details: object) => boolean) => report({ what: 'permissions', way: 'device', allowed: { usb: handler({ deviceType: 'usb', origin: PAGE, device: {} }) } }),
  },
};

BrowserWindow.host = {
  chromium: () => {
    if (!browser) throw new Error('Cannot create BrowserWindow before app is ready');
    return browser;
  },
  facts: () => ({ platform: process.platform, versions: { electron: 'double', chrome: browser?.browser()?.version() ?? 'unknown' } }),
  created: (contents: WebContents) => void app.emit('web-contents-created', {}, contents),
  closed: (window) => {
    windows.delete(window);
    app.windowClosed();
  },
  message: (channel, event, args) => void ipcMain.emit(channel, event, ...args),
  handlerOf: (scheme) => handlers.get(scheme) ?? null,
};
app.on('web-contents-created', (_event, { window }: { window: BrowserWindow }) => windows.add(window));

// Electron quits in order on these.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
process.on('message', (message: Wish) => {
  switch (message.wish) {
    case 'close-window':
      for (const window of windows) window.close();
      break;
    case 'menu':
      clickMenu(message.path);
      break;
    case 'tray':
      clickTray(message.label);
      break;
    case 'click-notification':
      clickNotification(message.nth);
      break;
    case 'answer':
      answerNext(message.kind, message.value);
      break;
    case 'emit':
      for (const { webContents } of windows) {
        let prevented = false;
        webContents.emit(message.event, { url: message.url, isMainFrame: false, preventDefault: () => void (prevented = true) });
        report({ what: 'emitted', event: message.event, url: message.url, prevented });
      }
      break;
    case 'forge':
      ipcMain.emit(message.channel, { senderFrame: { url: message.frameUrl }, ports: [] });
      break;
  }
});
