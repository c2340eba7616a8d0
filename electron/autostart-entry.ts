/** What starts the app with a Linux session. Free of Electron, so that it can be tested alone. */

/** Started so, the app stays in the tray. */
export const HIDDEN = '--hidden';

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
