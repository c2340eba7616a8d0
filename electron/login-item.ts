/** Start with the user's session. macOS and Windows know login items; Linux desktops read a folder of files (XDG autostart). */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app } from 'electron';

/** Started so, the app stays in the tray. */
export const HIDDEN = '--hidden';

export function setStartAtLogin(on: boolean): void {
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: on, args: [HIDDEN] });
    return;
  }
  const folder = join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'autostart');
  const file = join(folder, 'spine-console.desktop');
  if (!on) return rmSync(file, { force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, autostartEntry(process.env.APPIMAGE ?? process.execPath, process.env));
}

/** A desktop entry. An AppImage is started by its own path: the mounted program inside is gone after this session. */
export function autostartEntry(program: string, env: NodeJS.ProcessEnv): string {
  const quoted = `"${program.replace(/[\\"`$]/g, (sign) => `\\${sign}`).replaceAll('%', '%%')}"`;
  const site = env.SPINE_DATA_DIR ? `env "SPINE_DATA_DIR=${env.SPINE_DATA_DIR.replace(/[\\"`$]/g, (sign) => `\\${sign}`).replaceAll('%', '%%')}" ` : '';
  return `[Desktop Entry]
Type=Application
Name=Spine Console
Comment=Runs this site’s event spine in the background
Exec=${site}${quoted} ${HIDDEN}
Icon=spine-console
Terminal=false
X-GNOME-Autostart-enabled=true
`;
}
