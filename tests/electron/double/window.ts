/** BrowserWindow: a page of Chromium, driven over playwright and CDP. Addresses of the `app:` scheme are mapped to a name on loopback. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { BrowserContext, CDPSession, Page, Request as PageRequest, Route } from 'playwright-core';
import { type MessagePortMain, PortBridge } from './ports.ts';
import { report } from './report.ts';
import { type FromPreload, pageScript, type PreloadFacts, preloadScript, type ToPreload } from './worlds.ts';

const WORLD = 'electron-preload';
const PLAIN = 'http://console.localhost/';

/** What the windows need of the rest of the double. */
export interface WindowHost {
  readonly chromium: () => BrowserContext;
  readonly facts: () => PreloadFacts;
  readonly created: (contents: WebContents) => void;
  readonly closed: (window: BrowserWindow) => void;
  readonly message: (channel: string, event: object, args: readonly unknown[]) => void;
  /** Answers a request of the scheme; null if nobody handles it. */
  readonly handlerOf: (scheme: string) => ((request: Request) => Promise<Response>) | null;
}

interface WindowOptions {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly show?: boolean;
  readonly webPreferences?: Record<string, unknown> & { readonly preload?: string };
}

type OpenHandler = (details: { url: string }) => { action: 'allow' | 'deny' };

export class WebContents extends EventEmitter {
  readonly mainFrame = { url: '' };
  openHandler: OpenHandler = () => ({ action: 'allow' });
  readonly window: BrowserWindow;

  constructor(window: BrowserWindow) {
    super();
    this.window = window;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }

  postMessage(channel: string, message: unknown, ports: readonly MessagePortMain[] = []): void {
    this.window.toPreload(channel, [message], ports);
  }

  reload(): void {
    void this.window.page?.reload();
  }

  readonly navigationHistory = { goBack: () => void this.window.page?.goBack(), goForward: () => void this.window.page?.goForward() };
}

export class BrowserWindow extends EventEmitter {
  static host: WindowHost;
  readonly webContents: WebContents;
  page: Page | null = null;
  readonly #options: WindowOptions;
  readonly #bridge = new PortBridge((message) => this.#deliver(message));
  #cdp: CDPSession | null = null;
  /** The isolated world of the document that is shown now. */
  #context = 0;
  /** The shell itself loads; what the page starts must be asked for. */
  #loading = false;
  #bounds: { x: number; y: number; width: number; height: number };
  #visible = false;

  constructor(options: WindowOptions) {
    super();
    this.#options = options;
    this.webContents = new WebContents(this);
    const { x, y, width = 800, height = 600 } = options;
    this.#bounds = { x: x ?? 100, y: y ?? 100, width, height };
    report({ what: 'window', webPreferences: { ...options.webPreferences }, bounds: { width, height, ...(x === undefined ? {} : { x }), ...(y === undefined ? {} : { y }) } });
    BrowserWindow.host.created(this.webContents);
  }

  async loadURL(url: string): Promise<void> {
    const page = (this.page ??= await this.#open());
    this.#loading = true;
    await page.goto(plain(url));
    this.#loading = false;
    this.emit('ready-to-show');
  }

  show(): void {
    this.#visible = true;
    report({ what: 'shown' });
  }
  hide(): void {
    this.#visible = false;
    report({ what: 'hidden' });
  }
  restore(): void {}
  focus(): void {}
  maximize(): void {}
  isMinimized(): boolean {
    return false;
  }
  isMaximized(): boolean {
    return false;
  }
  isFocused(): boolean {
    return this.#visible;
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return this.#bounds;
  }
  isDestroyed(): boolean {
    return this.page?.isClosed() ?? false;
  }
  /** @returns false if somebody prevented it. */
  close(): boolean {
    let prevented = false;
    this.emit('close', { preventDefault: () => void (prevented = true) });
    if (!prevented) void this.page?.close();
    return !prevented;
  }

  /** Give the preload a message, with the near ends of ports. */
  toPreload(channel: string, args: readonly unknown[], ports: readonly MessagePortMain[]): void {
    if (ports.length > 0) report({ what: 'port', to: String((args[0] as unknown[])[0]) });
    this.#deliver({ channel, args, ports: ports.map((port) => this.#bridge.carry(port)) });
  }

  async #open(): Promise<Page> {
    const { host } = BrowserWindow;
    const context = host.chromium();
    const page = context.pages()[0] ?? (await context.newPage());
    await page.setViewportSize({ width: this.#options.width ?? 800, height: this.#options.height ?? 600 });
    await context.route('**', (route) => this.#answer(route));
    page.on('popup', (popup) => void popup.close());
    page.on('close', () => {
      this.#bridge.closed();
      this.emit('closed');
      host.closed(this);
    });

    const cdp = (this.#cdp = await context.newCDPSession(page));
    cdp.on('Page.windowOpen', ({ url }) => {
      if (this.webContents.openHandler({ url }).action === 'deny') report({ what: 'refused', kind: 'window', url });
    });
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name !== WORLD) return;
      this.#context = context.id;
    });
    cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      // With its document go the page's ends of all ports.
      if (executionContextId === this.#context) this.#bridge.closed();
    });
    cdp.on('Runtime.bindingCalled', ({ payload }) => this.#fromPreload(JSON.parse(payload) as FromPreload));
    await cdp.send('Runtime.enable');
    await cdp.send('Page.enable');
    await cdp.send('Runtime.addBinding', { name: '__ipc', executionContextName: WORLD });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: pageScript });
    const preload = this.#options.webPreferences?.preload;
    if (preload) await cdp.send('Page.addScriptToEvaluateOnNewDocument', { worldName: WORLD, source: preloadScript(host.facts(), readFileSync(preload, 'utf8')) });
    return page;
  }

  #fromPreload(message: FromPreload): void {
    if ('port' in message) return this.#bridge.arrived(message.port, message.data);
    BrowserWindow.host.message(message.channel, { sender: this.webContents, senderFrame: this.webContents.mainFrame, ports: [] }, message.args);
  }

  #deliver(message: ToPreload): void {
    // A document that is going away takes no more messages; its ports are closed with it.
    this.#cdp?.send('Runtime.evaluate', { expression: `__deliver(${JSON.stringify(message)})`, contextId: this.#context }).catch(() => undefined);
  }

  /** Every request of every page ends here: the double lets nothing out to the network. */
  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const navigation = request.isNavigationRequest();
    const isMainFrame = navigation && this.#isOfMainFrame(request);
    if (navigation && !isMainFrame) return route.abort();
    const url = asApp(request.url());
    if (isMainFrame && !this.#mayNavigate(url)) {
      report({ what: 'refused', kind: 'navigation', url });
      // "No content" leaves the page where it is.
      return route.fulfill({ status: 204 });
    }
    const handler = BrowserWindow.host.handlerOf(new URL(url).protocol.slice(0, -1));
    if (!handler) {
      report({ what: 'outside-request', url });
      return route.abort();
    }
    if (isMainFrame) {
      this.webContents.mainFrame.url = url;
      this.webContents.emit('did-start-navigation', { url, isMainFrame: true, isSameDocument: false });
    }
    const answer = await handler(new Request(url, { method: request.method() }));
    return route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body: Buffer.from(await answer.arrayBuffer()) });
  }

  #isOfMainFrame(request: PageRequest): boolean {
    try {
      return request.frame() === this.page?.mainFrame() || this.#loading;
    } catch {
      // A window that is only just being opened has no frame yet.
      return false;
    }
  }

  #mayNavigate(url: string): boolean {
    if (this.#loading) return true;
    let prevented = false;
    this.webContents.emit('will-frame-navigate', { url, isMainFrame: true, preventDefault: () => void (prevented = true) });
    return !prevented;
  }
}

function plain(url: string): string {
  return url.startsWith('app://console/') ? PLAIN + url.slice('app://console/'.length) : url;
}

function asApp(url: string): string {
  return url.startsWith(PLAIN) ? `app://console/${url.slice(PLAIN.length)}` : url;
}
