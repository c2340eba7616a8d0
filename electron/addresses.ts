/** Which addresses the window may show, and which may be handed to the system. Free of Electron, so that it can be tested alone. */

export const SCHEME = 'app';
/** The console's own page. */
export const CONSOLE_URL = `${SCHEME}://console/`;

const OUTSIDE = new Set(['https:', 'mailto:']);

/** Does `url` lie on the same page server as `page`? Compared in parts: Node knows no origin of a scheme of our own. */
export function isOnPage(url: string, page: string): boolean {
  const [asked, own] = [parse(url), parse(page)];
  return asked !== null && own !== null && asked.protocol === own.protocol && asked.host === own.host && asked.username === '' && asked.password === '';
}

/** May the system's browser or mail program open it? Nothing else is: a `file:` or an `smb:` link can start programs. */
export function mayOpenOutside(url: string): boolean {
  const address = parse(url);
  return address !== null && OUTSIDE.has(address.protocol) && address.username === '' && address.password === '';
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
