/** The menu: what every desktop program has, the console's pages, and what the app itself can do. Nothing leads out of the app. */
import type { MenuItemConstructorOptions } from 'electron';
import type { ConsolePath } from '../shared/console-paths.ts';
import { message, t } from '../shared/i18n/translate.ts';
import type { DesktopSettings } from './desktop-settings.ts';

export interface MenuActions {
  readonly go: (path: ConsolePath) => void;
  readonly back: () => void;
  readonly forward: () => void;
  readonly closeWindow: () => void;
  readonly pauseWorkers: () => void;
  readonly resumeWorkers: () => void;
  readonly copyDiagnostics: () => void;
  readonly openLogs: () => void;
  readonly openDataFolder: () => void;
  readonly checkForUpdates: () => void;
  readonly updateFromFolder: () => void;
  readonly change: (part: Partial<DesktopSettings>) => void;
  readonly quit: () => void;
}

const PAGES: readonly (readonly [ConsolePath, string])[] = [
  ['/', message('Overview')], ['/flow', message('Flow')], ['/traces', message('Traces')], ['/tiers', message('Tiers')], ['/dead-letters', message('Dead letters')], ['/redrives', message('Redrives')],
  ['/schedules', message('Schedules')], ['/replay', message('Replay')], ['/catalogue', message('Catalogue')], ['/documents', message('Documents')], ['/set-aside', message('Set aside')], ['/backups', message('Backups')], ['/jobs', message('Jobs')], ['/audit', message('Audit')],
  ['/alerts', message('Alerts')], ['/settings', message('Settings')], ['/streams', message('Streams')], ['/rules', message('Rules')], ['/connections', message('Connections')],
];

/** Pages have the digits of their place; a page beyond the ninth has none. */
export function menuTemplate(actions: MenuActions, settings: DesktopSettings, platform: NodeJS.Platform = process.platform): MenuItemConstructorOptions[] {
  const { change } = actions;
  const appMenu: MenuItemConstructorOptions[] = platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  return [
    ...appMenu,
    {
      label: t('Site'),
      submenu: [
        { label: t('Pause workers…'), click: actions.pauseWorkers },
        { label: t('Resume workers'), click: actions.resumeWorkers },
        { type: 'separator' },
        { label: t('Start at login'), type: 'checkbox', checked: settings.startAtLogin, click: ({ checked }) => change({ startAtLogin: checked }) },
        { label: t('Keep running in the tray when closed'), type: 'checkbox', checked: settings.closeToTray, click: ({ checked }) => change({ closeToTray: checked }) },
        { label: t('Notify about trouble'), type: 'checkbox', checked: settings.notifications, click: ({ checked }) => change({ notifications: checked }) },
        { type: 'separator' },
        { label: t('Close window'), accelerator: 'CmdOrCtrl+W', click: actions.closeWindow },
        { label: t('Quit…'), accelerator: 'CmdOrCtrl+Q', click: actions.quit },
      ],
    },
    {
      label: t('Edit'),
      submenu: [
        { role: 'undo', label: t('Undo') }, { role: 'redo', label: t('Redo') }, { type: 'separator' },
        { role: 'cut', label: t('Cut') }, { role: 'copy', label: t('Copy') }, { role: 'paste', label: t('Paste') }, { role: 'selectAll', label: t('Select all') },
      ],
    },
    {
      label: t('Go'),
      submenu: [
        { label: t('Back'), accelerator: 'Alt+Left', click: actions.back },
        { label: t('Forward'), accelerator: 'Alt+Right', click: actions.forward },
        { type: 'separator' },
        ...PAGES.map(([path, label], index): MenuItemConstructorOptions => ({ label: t(label), ...(index < 9 ? { accelerator: `CmdOrCtrl+${index + 1}` } : {}), click: () => actions.go(path) })),
      ],
    },
    {
      label: t('View'),
      submenu: [
        { role: 'reload', label: t('Reload') }, { type: 'separator' },
        { role: 'resetZoom', label: t('Actual size') }, { role: 'zoomIn', label: t('Zoom in') }, { role: 'zoomOut', label: t('Zoom out') }, { type: 'separator' },
        { role: 'togglefullscreen', label: t('Full screen') }, { role: 'toggleDevTools', label: t('Developer tools') },
      ],
    },
    { role: 'windowMenu', label: t('Window') },
    {
      label: t('Help'),
      role: 'help',
      submenu: [
        { label: t('Copy diagnostics…'), click: actions.copyDiagnostics },
        { label: t('Open the logs'), click: actions.openLogs },
        { label: t('Open the data folder'), click: actions.openDataFolder },
        { type: 'separator' },
        { label: t('Check for updates…'), click: actions.checkForUpdates },
        { label: t('Update from a folder…'), click: actions.updateFromFolder },
        { type: 'separator' },
        { role: 'about', label: t('About Spine Console') },
      ],
    },
  ];
}
