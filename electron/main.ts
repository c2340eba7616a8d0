/** Entry of the desktop host: what must be settled before Electron is ready, then the app. */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { app, crashReporter, protocol, session } from 'electron';
import { addCatalogue, bestLanguage, speak } from '../shared/i18n/translate.ts';
import siteWords from '../shared/i18n/words.de.json' with { type: 'json' };
import { CONSOLE_URL, SCHEME } from './addresses.ts';
import { serveConsole } from './app-protocol.ts';
import { LINK_SCHEME } from './deep-links.ts';
import { DesktopApp } from './desktop-app.ts';
import { SettingsStore } from './desktop-settings.ts';
import { lockPages, lockSession } from './lockdown.ts';
import { openShellLog, pruneDumps } from './shell-log.ts';
import shellWords from './words.de.json' with { type: 'json' };

/** While developing, vite serves the console itself. */
const page = (!app.isPackaged && process.env.ELECTRON_RENDERER_URL) || CONSOLE_URL;

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

/** macOS hands a link over as soon as it starts the app, before there is anything to open it in. */
const early: string[] = [];
let openLink = (link: string): void => void early.push(link);
app.on('open-url', (event, link) => {
  event.preventDefault();
  openLink(link);
});

function run(): void {
  addCatalogue('de', siteWords);
  addCatalogue('de', shellWords);
  speak(bestLanguage(app.getPreferredSystemLanguages()));
  lockSession(session.defaultSession, page);
  lockPages(page);
  protocol.handle(SCHEME, serveConsole(join(import.meta.dirname, '../renderer')));
  const userData = app.getPath('userData');
  const log = openShellLog(join(userData, 'logs'));
  pruneDumps(app.getPath('crashDumps'));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error: unknown) => log.error(event, { stack: error instanceof Error ? error.stack : String(error) }));
  const desktop = new DesktopApp({ page, built: import.meta.dirname, userData, settings: new SettingsStore(userData), log, args: process.argv.slice(1), env: process.env });
  desktop.start();
  openLink = (link) => {
    desktop.present();
    desktop.openLink(link);
  };
  early.splice(0).forEach((link) => openLink(link));
}

protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }]);
app.enableSandbox();
keepProfileWithSite();
// Dumps stay on this machine: there is nobody to send them to.
crashReporter.start({ uploadToServer: false });
app.setAppUserModelId('org.madeopen.spine-console');
// Not awaited here: Electron becomes ready only after this module has been evaluated.
if (app.requestSingleInstanceLock()) {
  // From the sources the system would have to start `electron <folder>`: only an installed app takes the links.
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  void app.whenReady().then(run);
} else {
  app.exit(0);
}
