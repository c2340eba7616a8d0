/** Connect to a NATS server, embedded or outside, and say clearly why it does not work. */
import { readFileSync } from 'node:fs';
import { ConfigError, messageOf, UnavailableError } from '../../../../shared/errors.ts';
import { type Authenticator, connect, type ConnectionOptions, credsAuthenticator, type NatsConnection, nkeyAuthenticator } from './nats-api.ts';

export interface NatsAddress {
  readonly url: string;
  /** nkey seed of the user. */
  readonly seed?: Uint8Array;
  /** A file that holds an nkey seed or a .creds. */
  readonly credentialsFile?: string;
  /** What such a file would hold, or the password of the user that the URL names. */
  readonly credentialsText?: string;
  /** False for the embedded server: errors then do not name the setting. */
  readonly outside: boolean;
}

/** Mirrors with a filter, atomic batches and async persistence came with 2.11 and 2.12. */
const OLDEST = [2, 11] as const;

/**
 * @throws UnavailableError naming SPINE_NATS_URL if the server can't be reached or refuses us.
 * @throws ConfigError if it is too old.
 */
export async function connectNats(address: NatsAddress, name: string): Promise<NatsConnection> {
  let connection: NatsConnection;
  // Credentials in the URL are honoured, but never handed to the client as part of an address that it may print.
  const url = new URL(address.url);
  const isPassword = url.username !== '' && url.password === '' && address.credentialsText !== undefined && !isKey(address.credentialsText);
  const authenticator = isPassword ? undefined : authenticatorOf(address);
  const userPass = url.username ? { user: decodeURIComponent(url.username), pass: isPassword ? (address.credentialsText ?? '') : decodeURIComponent(url.password) } : {};
  try {
    connection = await connect({
      servers: url.host,
      ...(url.protocol === 'tls:' ? { tls: {} } : {}),
      name,
      timeout: 5_000,
      maxReconnectAttempts: -1,
      ...pacedReconnect(),
      pingInterval: 10_000,
      ...userPass,
      ...(authenticator ? { authenticator } : {}),
    });
  } catch (error) {
    throw new UnavailableError(
      address.outside ? 'SPINE_NATS_URL' : 'NATS',
      `${url.host} can't be used (${messageOf(error)})`,
      address.outside ? 'Check host, port and credentials (SPINE_NATS_CREDENTIALS).' : 'See logs/ in the data folder.',
      { cause: error },
    );
  }
  const version = connection.info?.version ?? '0.0.0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    await connection.close();
    throw new ConfigError('SPINE_NATS_URL', `nats-server ${version} is too old`, `nats-server ${OLDEST.join('.')} or newer`);
  }
  if (!connection.info?.jetstream) {
    await connection.close();
    throw new ConfigError('SPINE_NATS_URL', 'the server runs without JetStream', 'a server started with -js or a jetstream block');
  }
  return connection;
}

/** Between two tries to connect, ms; up to a quarter more at random. */
const RECONNECT_PAUSE_MS = 200;

/**
 * The client paces its tries by the time of day: after the clock has been set back by an hour it would not reconnect for
 * an hour. So it is told that every try is due, and the pause is ours, by the monotonic clock.
 */
function pacedReconnect(): Pick<ConnectionOptions, 'reconnectDelayHandler' | 'reconnectToServer'> {
  let nextTryAt = 0;
  return {
    reconnectDelayHandler: () => Number.NEGATIVE_INFINITY,
    reconnectToServer: ([server]) => {
      if (!server) return null;
      const now = performance.now();
      const delay = Math.max(0, nextTryAt - now);
      nextTryAt = now + delay + RECONNECT_PAUSE_MS * (1 + Math.random() / 4);
      return { server, delay };
    },
  };
}

function authenticatorOf(address: NatsAddress): Authenticator | undefined {
  if (address.seed) return nkeyAuthenticator(address.seed);
  const text = address.credentialsText ?? (address.credentialsFile === undefined ? undefined : readCredentials(address.credentialsFile));
  if (text === undefined) return undefined;
  return text.startsWith('SU') ? nkeyAuthenticator(new TextEncoder().encode(text)) : credsAuthenticator(new TextEncoder().encode(text));
}

function isKey(text: string): boolean {
  return text.startsWith('SU') || text.includes('-----BEGIN NATS');
}

function readCredentials(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError('SPINE_NATS_CREDENTIALS', `${file} can't be read`, 'a file with an nkey seed or a .creds file', { cause });
  }
}
