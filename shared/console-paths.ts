/** The console's pages by address, for all who lead there: navigation, menu, notifications, links of the scheme `spine:`. */

export const CONSOLE_PATHS = [
  '/', '/flow', '/traces', '/tiers', '/dead-letters', '/redrives', '/set-aside', '/schedules', '/replay', '/rules', '/connections', '/streams', '/catalogue', '/documents', '/backups', '/jobs', '/audit', '/alerts', '/settings',
] as const;
export type ConsolePath = (typeof CONSOLE_PATHS)[number];

/** Longest address that is followed, characters. */
const LONGEST = 500;
/** An id in an address: what uuids and ids of families are made of. */
const ID = /^[A-Za-z0-9_.:-]{1,100}$/;

/**
 * Is this the address of a page: `/flow?q=…`, `/traces/<correlationId>`? Only the form is checked; an id that names nothing
 * leads to a page that says so.
 */
export function isConsolePath(address: string): boolean {
  if (address.length > LONGEST || !URL.canParse(address, 'app://console')) return false;
  // Parsed, a path that climbs or names another host would differ from what is written.
  const { pathname, search, hash } = new URL(address, 'app://console');
  if (pathname + search !== address || hash !== '') return false;
  if ((CONSOLE_PATHS as readonly string[]).includes(pathname)) return true;
  const [, page, id, ...rest] = pathname.split('/');
  return page === 'traces' && id !== undefined && ID.test(id) && rest.length === 0;
}
