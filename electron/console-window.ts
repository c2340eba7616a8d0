/** The one window. */
import { BrowserWindow, type WebFrameMain } from 'electron';
import { isOnPage } from './addresses.ts';

/** A page that crashed is loaded again after this, ms: at once would spin when it crashes on load. */
const RELOAD_AFTER_MS = 1_000;

export interface ConsoleWindowOptions {
  /** Address of the console. */
  readonly page: string;
  readonly preload: string;
}

/** Opens hidden, and shows itself once there is something to see. */
export function openConsoleWindow({ page, preload }: ConsoleWindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Spine Console',
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    show: false,
    autoHideMenuBar: true,
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false, spellcheck: false },
  });
  window.once('ready-to-show', () => window.show());
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    setTimeout(() => {
      if (!window.isDestroyed()) window.webContents.reload();
    }, RELOAD_AFTER_MS);
  });
  // Fails only when the page is replaced while it loads; the window is still good then.
  window.loadURL(page).catch(() => undefined);
  return window;
}

/** Bring it to the front. */
export function presentWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Did this message come from the console's top frame? A frame inside it, or a page it was led to, is not trusted. */
export function isFromConsole(window: BrowserWindow, frame: WebFrameMain | null, page: string): boolean {
  return frame !== null && !window.isDestroyed() && frame === window.webContents.mainFrame && isOnPage(frame.url, page);
}
