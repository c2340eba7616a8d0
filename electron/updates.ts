/**
 * Updates without the internet: from a site's own file server (electron-updater's generic provider), or from a folder, such
 * as a stick, that is served to the updater on loopback for the moment. Nothing is asked for unless a person asks.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { app, dialog } from 'electron';
import { t } from '../shared/i18n/translate.ts';
import { messageOf } from '../shared/errors.ts';
import { serveFolder } from './serve-folder.ts';
import type { ShellLog } from './shell-log.ts';

export interface Updates {
  check(): Promise<void>;
  fromFolder(): Promise<void>;
}

export interface UpdatesOptions {
  /** A server that the operator named; null asks the one that was packaged. */
  readonly url: () => string | null;
  /** Everything is stopped in order before the new version is put in place. */
  readonly beforeInstall: () => Promise<void>;
  readonly log: ShellLog;
}

/** The files by which the updater finds a version. One of them must be in a folder of updates. */
const INDEXES: Partial<Record<NodeJS.Platform, string>> = { darwin: 'latest-mac.yml', win32: 'latest.yml' };
const indexName = (): string => INDEXES[process.platform] ?? (process.arch === 'x64' ? 'latest-linux.yml' : `latest-linux-${process.arch}.yml`);

export function updatesOf({ url, beforeInstall, log }: UpdatesOptions): Updates {
  const run = async (feed: string | null, where: string): Promise<void> => {
    if (!app.isPackaged) return tell('info', t('Updates are for the installed app'), t('This one runs from its sources: pull and build instead.'));
    try {
      const { default: updater } = await import('electron-updater');
      const { autoUpdater } = updater;
      autoUpdater.logger = { info: (m: unknown) => log.info(`updater: ${String(m)}`), warn: (m: unknown) => log.warn(`updater: ${String(m)}`), error: (m: unknown) => log.error(`updater: ${String(m)}`) };
      autoUpdater.autoDownload = false;
      autoUpdater.autoInstallOnAppQuit = false;
      if (feed !== null) autoUpdater.setFeedURL({ provider: 'generic', url: feed });
      const found = await autoUpdater.checkForUpdates();
      if (!found?.isUpdateAvailable) return tell('info', t('Version {version} is the newest', { version: app.getVersion() }), t('{where} has none that is newer.', { where }));
      const { version } = found.updateInfo;
      const { response } = await dialog.showMessageBox({
        type: 'question', title: t('Update'), message: t('Install version {version}?', { version }), buttons: [t('Install {version} and restart', { version }), t('Cancel')], defaultId: 0, cancelId: 1,
        detail: t('{where} offers it; this is {version}. The site stops for the installation and starts again with the new version. Make a backup first.', { where, version: app.getVersion() }),
      });
      if (response !== 0) return;
      // What is downloaded is compared with the checksum in the index, and on Windows and macOS with the publisher's signature.
      await autoUpdater.downloadUpdate();
      await beforeInstall();
      autoUpdater.quitAndInstall(false, true);
    } catch (error) {
      log.error('the update failed', { error: messageOf(error) });
      await tell('error', t('The update failed'), t('{where}: {problem}. The app is as it was.', { where, problem: messageOf(error) }));
    }
  };
  return {
    check: () => run(url(), url() ?? t('The packaged update server')),
    async fromFolder() {
      const { canceled, filePaths } = await dialog.showOpenDialog({ title: t('A folder with {file}', { file: indexName() }), properties: ['openDirectory'] });
      const [folder] = filePaths;
      if (canceled || folder === undefined) return;
      if (!statSync(join(folder, indexName()), { throwIfNoEntry: false })) return tell('error', t('There is no update in this folder'), t('It must hold {file} beside the installer: copy the release’s whole folder.', { file: indexName() }));
      const served = await serveFolder(folder);
      try {
        await run(served.url, folder);
      } finally {
        served.server.close();
      }
    },
  };
}

async function tell(type: 'info' | 'error', message: string, detail: string): Promise<void> {
  await dialog.showMessageBox({ type, title: t('Updates'), message, detail, buttons: [t('OK')] });
}
