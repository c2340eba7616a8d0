/** The desktop app put together: window, services, tray and what they tell one another. main.ts makes one when Electron is ready. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { app, type BrowserWindow, clipboard, dialog, MessageChannelMain, nativeImage, Notification, shell } from 'electron';
import { t } from '../shared/i18n/translate.ts';
import { messageOf } from '../shared/errors.ts';
import type { SiteStatus } from '../shared/operator-api/index.ts';
import { AlertPolicy, alertsBeside } from './alerts.ts';
import { HIDDEN } from './autostart-entry.ts';
import { openConsoleWindow, presentWindow, rememberPlace } from './console-window.ts';
import { linkAmong, pageOfLink } from './deep-links.ts';
import { serveDesktop } from './desktop-router.ts';
import type { SettingsStore } from './desktop-settings.ts';
import { hear, say } from './ipc/main-end.ts';
import { setStartAtLogin } from './login-item.ts';
import { useMenu } from './menu.ts';
import { NewsDesk } from './news-desk.ts';
import { SecretVault } from './secret-vault.ts';
import { ServicesHost, type ServicesState } from './services-host.ts';
import { SetupSteps } from './setup-steps.ts';
import type { ShellLog } from './shell-log.ts';
import { SiteLink } from './site-link.ts';
import { toolsOf } from './tools.ts';
import { SiteTray } from './tray.ts';
import { trayWords } from './tray-words.ts';
import { updatesOf } from './updates.ts';

/** Jobs get this long to end when the person chose to wait for them, ms. */
const PATIENT_DRAIN_MS = 600_000;
/** A question before quitting is not held up longer than this, ms. */
const STATUS_MS = 2_000;
/** How often the tray asks which queues are paused, ms. */
const QUEUES_EVERY_MS = 5_000;

export interface DesktopAppOptions {
  /** Address of the console. */
  readonly page: string;
  /** Folder of the built bundles. */
  readonly built: string;
  /** App-data folder of the shell. */
  readonly userData: string;
  readonly settings: SettingsStore;
  readonly log: ShellLog;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export class DesktopApp {
  readonly #options: DesktopAppOptions;
  readonly #desk: NewsDesk;
  readonly #vault: SecretVault;
  readonly #services: ServicesHost;
  readonly #setup: SetupSteps;
  readonly #alerts = new AlertPolicy();
  readonly #notices = new Set<Notification>();
  readonly #ask;
  readonly #updates;
  #tray: SiteTray | null = null;
  #window: BrowserWindow | null = null;
  #link: SiteLink | null = null;
  #status: SiteStatus | null = null;
  #workers: 'running' | 'paused' | 'unknown' = 'unknown';
  #queuesAskedAt = Number.NEGATIVE_INFINITY;
  /** The page wants ports and has none that work. Kept until the services are there. */
  #asked = false;
  /** Windows may close for good. */
  #leaving = false;
  #demo: boolean;

  constructor(options: DesktopAppOptions) {
    this.#options = options;
    const { built, userData, settings, log, args, env } = options;
    this.#demo = args.includes('--demo');
    const byEnvironment = ['SPINE_DATA_DIR', 'SPINE_CONFIG', 'SPINE_NATS_URL', 'SPINE_DATABASE_URL'].some((name) => env[name]);
    this.#desk = new NewsDesk({
      phase: byEnvironment || settings.now.dataFolder !== null ? 'starting' : 'setup',
      sinceMs: Date.now(), dataFolder: settings.now.dataFolder, message: null, failures: 0, nextTryMs: null, canChangeSetup: !byEnvironment,
    });
    this.#vault = new SecretVault(userData);
    this.#ask = toolsOf(join(built, 'tools.js'), log);
    this.#services = new ServicesHost({
      entry: join(built, 'services.js'),
      log,
      startWith: async () => ({
        demo: this.#demo,
        resourcesBin: this.#resourcesBin(),
        dataFolder: byEnvironment ? null : settings.now.dataFolder,
        secrets: byEnvironment ? {} : await this.#vault.open(),
      }),
      onState: (state) => this.#servicesChanged(state),
    });
    this.#setup = new SetupSteps({
      ask: this.#ask, settings, vault: this.#vault, demo: this.#demo,
      onFinished: ({ dataFolder, demo }) => {
        this.#demo = demo;
        this.#desk.change({ phase: 'starting', dataFolder });
        this.#services.start();
      },
    });
    this.#updates = updatesOf({ url: () => settings.now.updateUrl, log, beforeInstall: () => this.#stopForGood(null) });
    this.#desk.onState(() => this.#showTray());
  }

  start(): void {
    const { page, args, log } = this.#options;
    this.#makeMenu();
    this.#makeTray();
    hear('spine:connect', { window: () => this.#window, page }, () => this.#connectPage());
    app.on('second-instance', (_event, argv) => {
      this.present();
      this.openLink(linkAmong(argv));
    });
    app.on('activate', () => this.present());
    // The tray keeps the site running without a window; where there is none, closing asked to quit.
    app.on('window-all-closed', () => undefined);
    app.on('before-quit', () => {
      this.#leaving = true;
      if (this.#window) rememberPlace(this.#window, this.#options.settings);
    });
    app.on('will-quit', (event) => {
      event.preventDefault();
      void this.#stopForGood(null).then(() => app.exit(0));
    });
    if (this.#desk.state.phase !== 'setup') this.#services.start();
    this.openLink(linkAmong(args));
    this.#openWindow(args.includes(HIDDEN) && this.#tray !== null && this.#desk.state.phase !== 'setup');
    log.info('started', { version: app.getVersion(), phase: this.#desk.state.phase, args });
  }

  /** Bring the console to the front; make its window if there is none. */
  present(): void {
    if (this.#window && !this.#window.isDestroyed()) presentWindow(this.#window);
    else this.#openWindow(false);
  }

  /** Follow a link of the scheme `spine:`; what is none leads nowhere. */
  openLink(link: string | null): void {
    const path = link === null ? null : pageOfLink(link);
    if (path !== null) this.#desk.go(path);
    else if (link !== null) this.#options.log.warn('a link that leads nowhere was dropped', { link: link.slice(0, 200) });
  }

  #resourcesBin(): string | null {
    return app.isPackaged ? join(process.resourcesPath, 'bin') : null;
  }

  // ── window and ports

  #openWindow(hidden: boolean): void {
    const { page, built, settings } = this.#options;
    const window = openConsoleWindow({ page, preload: join(built, '../preload/index.cjs'), icon: join(built, '../icons/app.png'), settings, hidden });
    this.#window = window;
    // A page that is being loaded has not asked yet: a port sent now would reach nobody.
    window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.#asked = false;
    });
    window.on('close', (event) => {
      rememberPlace(window, settings);
      if (this.#leaving) return;
      event.preventDefault();
      if (this.#tray && settings.now.closeToTray) this.#closeToTray(window);
      else void this.#askToQuit();
    });
    window.on('closed', () => {
      if (this.#window === window) this.#window = null;
    });
  }

  #closeToTray(window: BrowserWindow): void {
    const { settings } = this.#options;
    window.hide();
    if (settings.now.trayHintGiven) return;
    settings.change({ trayHintGiven: true });
    this.#notify({ title: t('Spine Console goes on in the tray'), body: t('The site still runs. Open it again or quit from its icon in the tray; the Site menu has a switch for this.'), path: '/' });
  }

  #connectPage(): void {
    this.#asked = true;
    const window = this.#window;
    if (!window || window.isDestroyed()) return;
    const { port1, port2 } = new MessageChannelMain();
    serveDesktop(port1, {
      desk: this.#desk, setup: this.#setup,
      actions: { retry: () => this.#services.start(), changeSetup: () => this.#changeSetup(), copyDiagnostics: () => this.#copyDiagnostics(), quit: () => void this.#askToQuit() },
    });
    say(window, 'spine:port', ['shell'], [port2]);
    this.#broker();
  }

  #broker(): void {
    const window = this.#window;
    if (!this.#asked || !window || window.isDestroyed() || !this.#services.ready) return;
    const { port1, port2 } = new MessageChannelMain();
    this.#services.connect('console', port1);
    say(window, 'spine:port', ['services'], [port2]);
  }

  // ── services

  #servicesChanged(state: ServicesState): void {
    const before = this.#desk.state.phase;
    if (this.#desk.state.phase === 'draining') return;
    if (state.phase === 'running') {
      // What the wizard asked for was for the first start; after a crash only the command line counts.
      this.#demo = this.#options.args.includes('--demo');
      this.#desk.change({ phase: 'running', dataFolder: this.#services.dataFolder });
      this.#followSite();
      this.#broker();
      return;
    }
    this.#link?.close();
    this.#link = null;
    this.#status = null;
    this.#workers = 'unknown';
    this.#desk.change(state);
    if (before === 'running' && state.phase === 'restarting') this.#notifyUnseen({ title: t('The services died'), body: t('They are started again; nothing that was acknowledged is lost.'), path: '/' });
    if (state.phase === 'failed') this.#notifyUnseen({ title: t('The site can’t be started'), body: state.message, path: '/' });
  }

  #followSite(): void {
    const { port1, port2 } = new MessageChannelMain();
    this.#services.connect('shell', port1);
    const link = new SiteLink(port2, (status) => {
      this.#status = status;
      for (const alert of this.#alerts.news([...status.attention, ...alertsBeside(status.alerts)], performance.now())) this.#notifyUnseen(alert);
      if (performance.now() - this.#queuesAskedAt > QUEUES_EVERY_MS) void this.#askQueues();
      this.#showTray();
    });
    this.#link = link;
  }

  async #askQueues(): Promise<void> {
    this.#queuesAskedAt = performance.now();
    const queues = await this.#link?.queues().catch(() => null);
    if (!queues) return;
    this.#workers = queues.every(({ concurrency }) => concurrency === 0) ? 'unknown' : queues.some(({ paused }) => paused === null) ? 'running' : 'paused';
    this.#showTray();
  }

  #changeSetup(): void {
    if (this.#desk.state.canChangeSetup && this.#services.leaveAlone()) this.#desk.change({ phase: 'setup' });
  }

  // ── tray, badge, notifications

  #makeTray(): void {
    try {
      this.#tray = new SiteTray(join(this.#options.built, '../icons'), {
        open: (path) => {
          this.present();
          this.#desk.go(path);
        },
        pauseWorkers: () => void this.#pauseWorkers(),
        resumeWorkers: () => void this.#resumeWorkers(),
        quit: () => void this.#askToQuit(),
      });
      this.#showTray();
    } catch (error) {
      this.#options.log.warn('this desktop has no tray; closing the window asks to quit', { error: messageOf(error) });
    }
  }

  #showTray(): void {
    const words = trayWords(this.#desk.state, this.#status);
    this.#tray?.show(words, this.#workers);
    if (process.platform === 'win32') this.#window?.setOverlayIcon(words.badge > 0 ? nativeImage.createFromPath(join(this.#options.built, '../icons/tray-bad.png')) : null, words.deadLetters);
    else app.setBadgeCount(words.badge);
  }

  /** What is on screen already needs no notification. */
  #notifyUnseen(alert: { title: string; body: string; path: string }): void {
    if (this.#options.settings.now.notifications && !this.#window?.isFocused()) this.#notify(alert);
  }

  #notify({ title, body, path }: { title: string; body: string; path: string }): void {
    if (!Notification.isSupported()) return;
    const notification = new Notification({ title, body });
    // One that is collected as garbage hears no click.
    this.#notices.add(notification);
    notification.on('click', () => {
      this.#notices.delete(notification);
      this.present();
      this.#desk.go(path);
    });
    notification.on('close', () => this.#notices.delete(notification));
    notification.show();
  }

  async #pauseWorkers(): Promise<void> {
    const link = this.#link;
    const running = (await link?.queues().catch(() => []))?.filter(({ paused }) => paused === null) ?? [];
    if (!link || running.length === 0) return;
    const waiting = running.reduce((sum, queue) => sum + queue.waiting + queue.deferred, 0);
    const inHand = running.reduce((sum, queue) => sum + queue.running, 0);
    const { response } = await dialog.showMessageBox({
      type: 'warning', title: t('Pause workers'), message: t('Pause all {n, number} queues?', { n: running.length }), buttons: [t('Pause {n, number} queues', { n: running.length }), t('Cancel')], defaultId: 1, cancelId: 1,
      detail: t('{running, number} running jobs end as usual. {waiting, number} jobs that wait, and all that come, wait until the workers are resumed: promises will break. Events are still taken.', { running: inHand, waiting }),
    });
    if (response !== 0) return;
    await this.#steer(t('The workers could not be paused'), () => link.pauseAll());
  }

  async #resumeWorkers(): Promise<void> {
    const link = this.#link;
    if (link) await this.#steer(t('The workers could not be resumed'), () => link.resumeAll());
  }

  async #steer(trouble: string, act: () => Promise<number>): Promise<void> {
    try {
      await act();
    } catch (error) {
      await dialog.showMessageBox({ type: 'error', title: 'Spine Console', message: trouble, detail: messageOf(error), buttons: [t('OK')] });
    }
    await this.#askQueues();
  }

  // ── menu

  #makeMenu(): void {
    const { settings, log } = this.#options;
    useMenu(
      {
        go: (path) => {
          this.present();
          this.#desk.go(path);
        },
        back: () => this.#window?.webContents.navigationHistory.goBack(),
        forward: () => this.#window?.webContents.navigationHistory.goForward(),
        closeWindow: () => this.#window?.close(),
        pauseWorkers: () => void this.#pauseWorkers(),
        resumeWorkers: () => void this.#resumeWorkers(),
        copyDiagnostics: () => void this.#copyDiagnostics().catch((error: unknown) => dialog.showErrorBox(t('The diagnostics could not be written'), messageOf(error))),
        openLogs: () => void shell.openPath(log.folder),
        openDataFolder: () => this.#desk.state.dataFolder !== null && void shell.openPath(this.#desk.state.dataFolder),
        checkForUpdates: () => void this.#updates.check(),
        updateFromFolder: () => void this.#updates.fromFolder(),
        change: (part) => {
          settings.change(part);
          if (part.startAtLogin !== undefined) setStartAtLogin(part.startAtLogin);
        },
        quit: () => void this.#askToQuit(),
      },
      settings.now,
    );
  }

  /** Ask where, write the report, put its path on the clipboard and show it. @returns the file; null if the person changed their mind. */
  async #copyDiagnostics(): Promise<string | null> {
    const { userData, settings } = this.#options;
    const stamp = new Date().toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '-');
    const { canceled, filePath } = await dialog.showSaveDialog({
      title: t('Diagnostics without secrets, for whoever helps'), defaultPath: join(app.getPath('downloads'), `spine-diagnostics-${hostname()}-${stamp}.zip`), filters: [{ name: 'Zip', extensions: ['zip'] }],
    });
    if (canceled || !filePath) return null;
    const dumps = app.getPath('crashDumps');
    const more = { 'desktop.json': JSON.stringify({ app: app.getVersion(), electron: process.versions.electron, chrome: process.versions.chrome, settings: settings.now, state: this.#desk.state, keeping: (await this.#vault.keeping()).how, crashDumps: existsSync(dumps) ? dumps : null }, null, 2) };
    await this.#ask({ ask: 'diagnostics', file: filePath, dataFolder: this.#desk.state.dataFolder, resourcesBin: this.#resourcesBin(), logFolders: { 'desktop-logs': join(userData, 'logs') }, more });
    clipboard.writeText(filePath);
    shell.showItemInFolder(filePath);
    return filePath;
  }

  // ── the end

  /** Quit by a person's wish. Jobs that run are mentioned, and may be waited for. A second wish while they are waited for ends the wait. */
  async #askToQuit(): Promise<void> {
    if (this.#desk.state.phase === 'draining') return app.quit();
    const running = await this.#runningJobs();
    if (running === 0) return app.quit();

    const { response } = await dialog.showMessageBox({
      type: 'question', title: t('Quit'), message: t('{n, plural, one {# job is} other {# jobs are}} running. Quit?', { n: running }), buttons: [t('Let them end, then quit'), t('Quit now'), t('Cancel')], defaultId: 0, cancelId: 2,
      detail: t('Nothing new is begun while they end. If you quit now, what still runs is stopped and run again at the next start.'),
    });
    if (response === 2) return;
    if (response === 0) {
      this.#desk.change({ phase: 'draining', message: t('Waiting for {n, plural, one {# running job} other {# running jobs}}, then the app quits.', { n: running }) });
      await this.#stopForGood(PATIENT_DRAIN_MS);
    }
    app.quit();
  }

  /** Measured now: the status may be a second old. Services that do not answer keep nobody from quitting. */
  async #runningJobs(): Promise<number> {
    const late = new Promise<null>((resolve) => setTimeout(resolve, STATUS_MS, null));
    const queues = await Promise.race([this.#link?.queues().catch(() => null), late]);
    return (queues ?? this.#status?.tiers ?? []).reduce((sum, { running }) => sum + running, 0);
  }

  async #stopForGood(drainMs: number | null): Promise<void> {
    await this.#services.stop(drainMs);
    this.#link?.close();
    this.#tray?.destroy();
    this.#tray = null;
  }
}
