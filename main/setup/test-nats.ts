/** Try an outside NATS server before a site depends on it, and say what is wrong in words that lead to the cure. */
import type { SetupVerdict } from '../../shared/desktop-api.ts';
import { ConfigError, messageOf } from '../../shared/errors.ts';
import { verbatim, words } from '../../shared/i18n/translate.ts';
import { connectNats } from '../event-bus/drivers/nats/connection.ts';
import { JetStreamApiError, jetstreamManager } from '../event-bus/drivers/nats/nats-api.ts';
import { PLATFORM_EVENTS } from '../event-bus/drivers/nats/streams.ts';
import { bad, good, networkTrouble, parseAddress } from './verdicts.ts';

const SCHEMES = ['nats:', 'tls:', 'ws:', 'wss:'] as const;
const PORT = '4222';
const STREAM_NOT_FOUND = 10_059;
const NO_JETSTREAM = new Set([10_039, 10_076]);

/** Connects, asks JetStream, and looks for the site's streams; changes nothing. `credentials`: nkey seed or .creds text, or empty. */
export async function testNats(url: string, credentials: string): Promise<SetupVerdict> {
  const parsed = parseAddress(url, SCHEMES, 'nats://nats.example.org:4222');
  if ('problem' in parsed) return parsed.problem;
  const { host } = parsed.address;
  try {
    const text = credentials.trim();
    const connection = await connectNats({ url: url.trim(), outside: true, ...(text === '' ? {} : { credentialsText: text }) }, 'spine setup');
    try {
      const manager = await jetstreamManager(connection);
      const account = await manager.getAccountInfo();
      const version = connection.info?.version ?? '?';
      const known = await manager.streams.info(PLATFORM_EVENTS).catch((error: unknown) => {
        if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return null;
        throw error;
      });
      return good(
        account.limits.max_storage === -1
          ? words('nats-server {version} answers, without a limit on storage', { version })
          : words('nats-server {version} answers, with {gib, number} GiB of storage', { version, gib: Number((account.limits.max_storage / 2 ** 30).toFixed(1)) }),
        known === null ? words('It has no streams of a site yet; they are made at the first start.') : words('It already holds {messages, number} events in {stream}: this console joins that site.', { messages: known.state.messages, stream: PLATFORM_EVENTS }),
      );
    } finally {
      await connection.close();
    }
  } catch (error) {
    return explain(error, host);
  }
}

function explain(error: unknown, host: string): SetupVerdict {
  // Too old, no JetStream, unreadable credentials: these say it themselves.
  if (error instanceof ConfigError) return bad(words('{host} can’t be used', { host }), verbatim(error.message.replace(/^SPINE_NATS_URL: /, '')), [words('Use {expected}.', { expected: error.expected })]);
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const reason = messageOf(cause);
  const network = networkTrouble(cause, host, PORT);
  if (network) return network;
  if (/authorization|authentication/i.test(reason)) {
    return bad(words('{host} refuses these credentials', { host }), verbatim(reason), [words('Check the user and password in the address, or the nkey seed or .creds text below it.'), words('The user must exist in the account that holds the streams.')]);
  }
  if (/permissions? violation/i.test(reason)) return bad(words('{host} lets us in, but not to JetStream', { host }), verbatim(reason), [words('Allow this user to publish to $JS.API.> and to subscribe to _INBOX.>.')]);
  if (error instanceof JetStreamApiError && NO_JETSTREAM.has(error.code)) return bad(words('JetStream is not enabled for this account'), verbatim(reason), [words('Enable it in the account’s configuration (jetstream: enabled).')]);
  if (/tls|certificate|secure/i.test(reason)) return bad(words('{host} wants TLS, or its certificate is not trusted', { host }), verbatim(reason), [words('Begin the address with tls:// if the server has a certificate.'), words('For a private authority set NODE_EXTRA_CA_CERTS to its certificate.')]);
  return bad(words('{host} can’t be used', { host }), verbatim(reason), [words('Check the address and that a NATS server listens there.')]);
}
