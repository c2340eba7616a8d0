/** The menu: what every desktop program has, the console's pages, and what the app itself can do. Nothing leads out of the app. */
import type { MenuItemConstructorOptions } from 'electron';
import type { ConsolePath } from '../shared/console-paths.ts';
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
  ['/', 'Overview'], ['/flow', 'Flow'], ['/traces', 'Traces'], ['/tiers', 'Tiers'], ['/dead-letters', 'Dead letters'], ['/redrives', 'Redrives'],
  ['/schedules', 'Schedules'], ['/replay', 'Replay'], ['/catalogue', 'Catalogue'], ['/documents', 'Documents'], ['/set-aside', 'Set aside'], ['/backups', 'Backups'], ['/jobs', 'Jobs'], ['/audit', 'Audit'],
  ['/streams', 'Streams'], ['/rules', 'Rules'],
];

/** Pages have the digits of their place; a page beyond the ninth has none. */
export function menuTemplate(actions: MenuActions, settings: DesktopSettings, platform: NodeJS.Platform = process.platform): MenuItemConstructorOptions[] {
  const { change } = actions;
  const appMenu: MenuItemConstructorOptions[] = platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  return [
    ...appMenu,
    {
      label: 'Site',
      submenu: [
        { label: 'Pause workers…', click: actions.pauseWorkers },
        { label: 'Resume workers', click: actions.resumeWorkers },
        { type: 'separator' },
        { label: 'Start at login', type: 'checkbox', checked: settings.startAtLogin, click: ({ checked }) => change({ startAtLogin: checked }) },
        { label: 'Keep running in the tray when closed', type: 'checkbox', checked: settings.closeToTray, click: ({ checked }) => change({ closeToTray: checked }) },
        { label: 'Notify about trouble', type: 'checkbox', checked: settings.notifications, click: ({ checked }) => change({ notifications: checked }) },
        { type: 'separator' },
        { label: 'Close window', accelerator: 'CmdOrCtrl+W', click: actions.closeWindow },
        { label: 'Quit…', accelerator: 'CmdOrCtrl+Q', click: actions.quit },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'Go',
      submenu: [
        { label: 'Back', accelerator: 'Alt+Left', click: actions.back },
        { label: 'Forward', accelerator: 'Alt+Right', click: actions.forward },
        { type: 'separator' },
        ...PAGES.map(([path, label], index): MenuItemConstructorOptions => ({ label, ...(index < 9 ? { accelerator: `CmdOrCtrl+${index + 1}` } : {}), click: () => actions.go(path) })),
      ],
    },
    {
      label: 'View',
      submenu: [
        { role: 'reload' }, { type: 'separator' },
        { role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { type: 'separator' },
        { role: 'togglefullscreen' }, { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
    {
      label: 'Help',
      role: 'help',
      submenu: [
        { label: 'Copy diagnostics…', click: actions.copyDiagnostics },
        { label: 'Open the logs', click: actions.openLogs },
        { label: 'Open the data folder', click: actions.openDataFolder },
        { type: 'separator' },
        { label: 'Check for updates…', click: actions.checkForUpdates },
        { label: 'Update from a folder…', click: actions.updateFromFolder },
        { type: 'separator' },
        { role: 'about' },
      ],
    },
  ];
}
