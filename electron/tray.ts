/** The tray: the site's health at a glance while no window is open. */
import { join } from 'node:path';
import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import { t } from '../shared/i18n/translate.ts';
import type { Tone, TrayWords } from './tray-words.ts';

export interface TrayActions {
  readonly open: (path: string) => void;
  readonly pauseWorkers: () => void;
  readonly resumeWorkers: () => void;
  readonly quit: () => void;
}

export class SiteTray {
  readonly #tray: Tray;
  readonly #icons: Readonly<Record<Tone, Electron.NativeImage>>;
  readonly #actions: TrayActions;
  /** What is shown now: it is drawn again only when it changes. */
  #shown = '';

  /** `icons`: folder with tray-ok.png and its sisters. @throws where the desktop has no tray. */
  constructor(icons: string, actions: TrayActions) {
    const icon = (tone: Tone): Electron.NativeImage => nativeImage.createFromPath(join(icons, `tray-${tone}.png`));
    this.#icons = { ok: icon('ok'), warn: icon('warn'), bad: icon('bad'), off: icon('off') };
    this.#actions = actions;
    this.#tray = new Tray(this.#icons.off);
    this.#tray.on('click', () => actions.open('/'));
  }

  show(words: TrayWords, workers: 'running' | 'paused' | 'unknown'): void {
    const shown = JSON.stringify([words, workers]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const { open, pauseWorkers, resumeWorkers, quit } = this.#actions;
    const pause: MenuItemConstructorOptions[] =
      workers === 'unknown' ? [] : [workers === 'running' ? { label: t('Pause workers…'), click: pauseWorkers } : { label: t('Resume workers'), click: resumeWorkers }];
    this.#tray.setImage(this.#icons[words.tone]);
    this.#tray.setToolTip(`Spine Console — ${words.headline}`);
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: words.headline, click: () => open('/') },
        ...words.tiers.map((label): MenuItemConstructorOptions => ({ label, click: () => open('/tiers') })),
        { label: words.deadLetters, click: () => open('/dead-letters') },
        { type: 'separator' },
        { label: t('Open the console'), click: () => open('/') },
        ...pause,
        { type: 'separator' },
        { label: t('Quit…'), click: quit },
      ]),
    );
  }

  destroy(): void {
    this.#tray.destroy();
  }
}
