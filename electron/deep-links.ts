/** Links such as `spine://traces/7f3a…`, which open a page of the console. Free of Electron, so that it can be tested alone. */
import { isConsolePath } from '../shared/console-paths.ts';

export const LINK_SCHEME = 'spine';

/**
 * The page that a link means, as an address of the console; null if it is no such link. What is in it is data from outside:
 * it can lead to a page, and do nothing else.
 */
export function pageOfLink(link: string): string | null {
  if (link.length > 600 || !link.startsWith(`${LINK_SCHEME}://`) || !URL.canParse(link)) return null;
  const { host, pathname, search, username, password, port, hash } = new URL(link);
  if (username !== '' || password !== '' || port !== '' || hash !== '') return null;
  // `spine://traces/x` names its page as a host; `spine:///traces/x` and `spine://overview` are as good.
  const page = host === '' || host === 'overview' || host === 'open' ? pathname : `/${host}${pathname}`;
  const address = `${page.length > 1 ? page.replace(/\/$/, '') : '/'}${search}`;
  return isConsolePath(address) ? address : null;
}

/** The first link among a program's arguments: how Windows and Linux hand it over. */
export function linkAmong(args: readonly string[]): string | null {
  return args.find((argument) => argument.startsWith(`${LINK_SCHEME}://`)) ?? null;
}
