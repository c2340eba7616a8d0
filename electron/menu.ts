/** The application menu, put in place. */
import { Menu } from 'electron';
import type { DesktopSettings } from './desktop-settings.ts';
import { type MenuActions, menuTemplate } from './menu-template.ts';

export function useMenu(actions: MenuActions, settings: DesktopSettings): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(actions, settings)));
}
