/** The one window. It comes and goes while the site runs on; where it was is remembered. */
import { BrowserWindow, screen } from 'electron';
import { placeOnScreens } from './window-place.ts';
import type { SettingsStore } from './desktop-settings.ts';

/** A page that crashed is loaded again after this, ms: at once would spin when it crashes on load. */
const RELOAD_AFTER_MS = 1_000;

export interface ConsoleWindowOptions {
  /** Address of the console. */
  readonly page: string;
  readonly preload: string;
  readonly icon: string;
  readonly settings: SettingsStore;
  /** Started at login: it stays hidden until somebody asks for it. */
  readonly hidden: boolean;
}

/** Opens hidden, and shows itself once there is something to see. */
export function openConsoleWindow({ page, preload, icon, settings, hidden }: ConsoleWindowOptions): BrowserWindow {
  const before = settings.now.window;
  const bounds = before && placeOnScreens(before.bounds, screen.getAllDisplays().map(({ workArea }) => workArea));
  const window = new BrowserWindow({
    title: 'Spine Console',
    icon,
    width: 1440,
    height: 900,
    ...bounds,
    minWidth: 900,
    minHeight: 600,
    show: false,
    autoHideMenuBar: true,
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false, spellcheck: false },
  });
  window.once('ready-to-show', () => {
    if (before?.maximized) window.maximize();
    if (!hidden) window.show();
  });
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

/** Keep where the window is now. */
export function rememberPlace(window: BrowserWindow, settings: SettingsStore): void {
  if (!window.isDestroyed()) settings.change({ window: { bounds: window.getNormalBounds(), maximized: window.isMaximized() } });
}

/** Bring it to the front. */
export function presentWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
