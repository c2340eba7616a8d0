/** The desktop host: one window, one utility process with the services, and the port between them. */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { app, type BrowserWindow, dialog, ipcMain, MessageChannelMain, protocol, session } from 'electron';
import { CONSOLE_URL, SCHEME } from './addresses.ts';
import { serveConsole } from './app-protocol.ts';
import { IPC } from './channels.ts';
import { isFromConsole, openConsoleWindow, presentWindow } from './console-window.ts';
import { lockPages, lockSession } from './lockdown.ts';
import { useMenu } from './menu.ts';
import { ServicesHost } from './services-host.ts';

/** While developing, vite serves the console itself. */
const page = (!app.isPackaged && process.env.ELECTRON_RENDERER_URL) || CONSOLE_URL;
const built = (path: string): string => join(import.meta.dirname, path);

/** Two sites on one machine are two apps: the profile, and with it the single-instance lock, belongs to the data folder. */
function keepProfileWithSite(): void {
  const folder = process.env.SPINE_DATA_DIR?.trim();
  if (!folder) return;
  const root = resolve(folder);
  try {
    mkdirSync(dirname(root), { recursive: true });
    mkdirSync(join(root, 'desktop'), { recursive: true, mode: 0o700 });
    app.setPath('userData', join(root, 'desktop'));
  } catch {
    // The services will say what is wrong with the folder.
  }
}

function run(): void {
  lockSession(session.defaultSession, page);
  lockPages(page);
  useMenu();
  protocol.handle(SCHEME, serveConsole(built('../renderer')));

  let window: BrowserWindow | null = null;
  /** The page wants a port and has none that works. Kept until the services are there. */
  let asked = false;

  const services = new ServicesHost({
    entry: built('services.js'),
    demo: process.argv.includes('--demo'),
    resourcesBin: app.isPackaged ? join(process.resourcesPath, 'bin') : null,
    onReady: () => broker(),
    onGivenUp: (message) => {
      dialog.showErrorBox('Spine Console can’t run this site', message);
      app.exit(1);
    },
  });
  const broker = (): void => {
    if (!asked || !window || window.isDestroyed() || !services.ready) return;
    const { port1, port2 } = new MessageChannelMain();
    services.connect(port1);
    window.webContents.postMessage(IPC.port, null, [port2]);
  };

  ipcMain.on(IPC.connect, (event) => {
    if (!window || !isFromConsole(window, event.senderFrame, page)) return;
    asked = true;
    broker();
  });
  app.on('second-instance', () => {
    if (window) presentWindow(window);
  });
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    event.preventDefault();
    void services.stop().then(() => app.exit(0));
  });

  services.start();
  window = openConsoleWindow({ page, preload: built('../preload/index.cjs') });
  // A page that is being loaded has not asked yet: a port sent now would reach nobody.
  window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) asked = false;
  });
}

protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }]);
app.enableSandbox();
keepProfileWithSite();
// Not awaited here: Electron becomes ready only after this module has been evaluated.
if (app.requestSingleInstanceLock()) void app.whenReady().then(run);
else app.exit(0);
