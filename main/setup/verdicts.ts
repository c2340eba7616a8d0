/** Words for what a test of the setup found. */
import type { SetupVerdict } from '../../shared/desktop-api.ts';
import { messageOf } from '../../shared/errors.ts';
import { type Phrase, verbatim, type Words, words } from '../../shared/i18n/translate.ts';

export const good = (title: Phrase, detail: Words): SetupVerdict => ({ ok: true, title, detail, remedies: [] });
export const bad = (title: Phrase, detail: Words, remedies: Words[]): SetupVerdict => ({ ok: false, title, detail, remedies });

/** Read an address, or say what is wrong with it. */
export function parseAddress(text: string, schemes: readonly string[], example: string): { address: URL } | { problem: SetupVerdict } {
  const trimmed = text.trim();
  if (trimmed === '') return { problem: bad(words('The address is empty'), words('Nothing was tried.'), [words('Type an address such as {example}.', { example })]) };
  if (!URL.canParse(trimmed)) return { problem: bad(words('This is no address'), words('It can’t be read as a URL.'), [words('Write it like {example}.', { example })]) };
  const address = new URL(trimmed);
  if (!schemes.includes(address.protocol)) {
    return { problem: bad(words('An address can’t begin with {protocol}//', { protocol: address.protocol }), words('The kind of server is told by the beginning.'), [words('Begin it with {schemes}, like {example}.', { schemes: schemes.map((scheme) => `${scheme}//`).join(' or '), example })]) };
  }
  if (address.hostname === '') return { problem: bad(words('The address names no host'), words('Nothing was tried.'), [words('Write it like {example}.', { example })]) };
  return { address };
}

/** Errors of the network below the protocol, in words; null if it is something else. The innermost of several counts. */
export function networkTrouble(error: unknown, host: string, usualPort: string): SetupVerdict | null {
  const { code, reason } = innermost(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return bad(words('The name of {host} is not known here', { host }), verbatim(reason), [words('Check the spelling.'), words('If it is right, this machine’s name service does not know it: use the IP address, or ask whoever runs the network.')]);
    case 'ECONNREFUSED':
      return bad(words('Nothing listens at {host}', { host }), verbatim(reason), [words('Is the server running? Is the port right (usually {usualPort})?', { usualPort }), words('A server that listens on 127.0.0.1 only can’t be reached from another machine.')]);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return bad(words('There is no way to {host} from here', { host }), verbatim(reason), [words('Check cables, VPN and routes of this machine.')]);
    case 'ETIMEDOUT':
    case 'TIMEOUT':
      return bad(words('{host} does not answer', { host }), verbatim(reason), [words('A firewall may drop the connection silently: ask that this machine may reach it.'), words('Check the port (usually {usualPort}).', { usualPort })]);
    case 'ECONNRESET':
      return bad(words('{host} closed the connection at once', { host }), verbatim(reason), [words('Something else may listen on that port, or the server wants TLS.')]);
    default:
      return /timeout|timed out/i.test(reason) ? networkTrouble(Object.assign(new Error(reason), { code: 'ETIMEDOUT' }), host, usualPort) : null;
  }
}

function innermost(error: unknown): { code: string; reason: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors.at(-1));
  const reason = messageOf(error);
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  // Clients wrap what the socket said; its code is then only in the text.
  const named = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ECONNRESET)\b/.exec(`${code} ${reason}`)?.[1];
  if (named) return { code: named, reason };
  if (error instanceof Error && error.cause !== undefined) return innermost(error.cause);
  return { code, reason };
}
