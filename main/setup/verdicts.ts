/** Words for what a test of the setup found. */
import type { SetupVerdict } from '../../shared/desktop-api.ts';
import { messageOf } from '../../shared/errors.ts';

export const good = (title: string, detail: string): SetupVerdict => ({ ok: true, title, detail, remedies: [] });
export const bad = (title: string, detail: string, remedies: string[]): SetupVerdict => ({ ok: false, title, detail, remedies });

/** Read an address, or say what is wrong with it. */
export function parseAddress(text: string, schemes: readonly string[], example: string): { address: URL } | { problem: SetupVerdict } {
  const trimmed = text.trim();
  if (trimmed === '') return { problem: bad('The address is empty', 'Nothing was tried.', [`Type an address such as ${example}.`]) };
  if (!URL.canParse(trimmed)) return { problem: bad('This is no address', 'It can’t be read as a URL.', [`Write it like ${example}.`]) };
  const address = new URL(trimmed);
  if (!schemes.includes(address.protocol)) {
    return { problem: bad(`An address can’t begin with ${address.protocol}//`, 'The kind of server is told by the beginning.', [`Begin it with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}, like ${example}.`]) };
  }
  if (address.hostname === '') return { problem: bad('The address names no host', 'Nothing was tried.', [`Write it like ${example}.`]) };
  return { address };
}

/** Errors of the network below the protocol, in words; null if it is something else. The innermost of several counts. */
export function networkTrouble(error: unknown, host: string, usualPort: string): SetupVerdict | null {
  const { code, words } = innermost(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return bad(`The name of ${host} is not known here`, words, ['Check the spelling.', 'If it is right, this machine’s name service does not know it: use the IP address, or ask whoever runs the network.']);
    case 'ECONNREFUSED':
      return bad(`Nothing listens at ${host}`, words, [`Is the server running? Is the port right (usually ${usualPort})?`, 'A server that listens on 127.0.0.1 only can’t be reached from another machine.']);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return bad(`There is no way to ${host} from here`, words, ['Check cables, VPN and routes of this machine.']);
    case 'ETIMEDOUT':
    case 'TIMEOUT':
      return bad(`${host} does not answer`, words, ['A firewall may drop the connection silently: ask that this machine may reach it.', `Check the port (usually ${usualPort}).`]);
    case 'ECONNRESET':
      return bad(`${host} closed the connection at once`, words, ['Something else may listen on that port, or the server wants TLS.']);
    default:
      return /timeout|timed out/i.test(words) ? networkTrouble(Object.assign(new Error(words), { code: 'ETIMEDOUT' }), host, usualPort) : null;
  }
}

function innermost(error: unknown): { code: string; words: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors.at(-1));
  const words = messageOf(error);
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  // Clients wrap what the socket said; its code is then only in the text.
  const named = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ECONNRESET)\b/.exec(`${code} ${words}`)?.[1];
  if (named) return { code: named, words };
  if (error instanceof Error && error.cause !== undefined) return innermost(error.cause);
  return { code, words };
}
