/** What no page in this app may do, whatever it holds: leave, open windows, ask the system for anything. */
import { app, type Session, shell } from 'electron';
import { isOnPage, mayOpenOutside } from './addresses.ts';

/** Refuse every permission, but let the console itself put text on the clipboard (its copy buttons). */
export function lockSession(session: Session, page: string): void {
  const allowed = (permission: string, url: string): boolean => permission === 'clipboard-sanitized-write' && isOnPage(url, page);
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) => answer(allowed(permission, requestingUrl)));
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) => allowed(permission, requestingOrigin));
  session.setDevicePermissionHandler(() => false);
}

/** Keep every page, and every frame in it, where it is. Call before the first window is made. */
export function lockPages(page: string): void {
  app.on('web-contents-created', (_event, contents) => {
    // Reloading is a navigation too, so the console's own address stays allowed.
    contents.on('will-frame-navigate', (event) => {
      if (!isOnPage(event.url, page)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => {
      if (!isOnPage(event.url, page)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (mayOpenOutside(url)) void shell.openExternal(url);
      return { action: 'deny' };
    });
  });
}
