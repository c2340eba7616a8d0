/** Try an outside PostgreSQL server before a site depends on it, and say what is wrong in words that lead to the cure. */
import pg from 'pg';
import type { SetupVerdict } from '../../shared/desktop-api.ts';
import { messageOf } from '../../shared/errors.ts';
import { withPassword } from '../database/connection-string.ts';
import { bad, good, networkTrouble, parseAddress } from './verdicts.ts';

const SCHEMES = ['postgres:', 'postgresql:'] as const;
const OLDEST_MAJOR = 13;
const ANSWER_MS = 6_000;
/** The site's two pools, and some for people. */
const CONNECTIONS_NEEDED = 30;

interface Facts {
  readonly version: string;
  readonly major: number;
  readonly may_create: boolean;
  readonly has_site: boolean;
  readonly connections: number;
  readonly read_only: boolean;
}
const FACTS = `
  SELECT current_setting('server_version') AS version,
         current_setting('server_version_num')::int / 10000 AS major,
         has_database_privilege(current_database(), 'CREATE') AS may_create,
         to_regnamespace('spine') IS NOT NULL AS has_site,
         current_setting('max_connections')::int AS connections,
         pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool AS read_only`;

/** Connects and looks at version and rights; changes nothing. */
export async function testDatabase(url: string, password: string): Promise<SetupVerdict> {
  const parsed = parseAddress(url, SCHEMES, 'postgres://spine@db.example.org:5432/spine');
  if ('problem' in parsed) return parsed.problem;
  const { host } = parsed.address;
  const client = new pg.Client({ connectionString: withPassword(url.trim(), password), connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS, application_name: 'spine setup' });
  client.on('error', () => undefined); // whatever breaks is seen by the call that fails
  try {
    await client.connect();
    const { rows } = await client.query<Facts>(FACTS);
    return judge(rows[0], parsed.address);
  } catch (error) {
    return explain(error, host, parsed.address);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function judge(facts: Facts | undefined, address: URL): SetupVerdict {
  if (!facts) return bad(`${address.host} gave no answer`, 'The server was asked for its version.', ['Is it PostgreSQL?']);
  const { version, major } = facts;
  if (major < OLDEST_MAJOR) return bad(`PostgreSQL ${version} is too old`, `The site needs ${OLDEST_MAJOR} or newer.`, ['Upgrade the server, or choose another.']);
  if (facts.read_only) return bad('This server is read-only', 'It is a standby, or its sessions are read-only by default.', ['Give the address of the primary.']);
  if (!facts.has_site && !facts.may_create) {
    return bad('This user may not create a schema', 'The site makes the schemas “spine” and “pgboss” at its first start.', [`As an owner run: GRANT CREATE ON DATABASE ${databaseOf(address)} TO ${address.username || 'this_user'};`]);
  }
  if (facts.connections < CONNECTIONS_NEEDED) return bad(`The server allows only ${facts.connections} connections`, `The site takes up to ${CONNECTIONS_NEEDED}.`, ['Raise max_connections.']);
  return good(`PostgreSQL ${version} answers`, facts.has_site ? 'It already holds a site’s tables: this console joins that site.' : 'It holds no tables of a site yet; they are made at the first start.');
}

function explain(error: unknown, host: string, address: URL): SetupVerdict {
  const network = networkTrouble(error, host, '5432');
  if (network) return network;
  const words = messageOf(error);
  const user = decodeURIComponent(address.username) || 'the user of this machine';
  switch (typeof error === 'object' && error !== null && 'code' in error ? error.code : '') {
    case '28P01':
      return bad(`The password of ${user} is wrong`, words, ['Type it again.', `Or set it on the server: ALTER ROLE ${user} PASSWORD '…';`]);
    case '28000':
      return bad(`The server does not let ${user} in from here`, words, ['Add a line for this machine, database and user to pg_hba.conf, and reload the server.', 'If it says “no encryption”, add ?sslmode=require to the address.']);
    case '3D000':
      return bad(`There is no database “${databaseOf(address)}”`, words, [`As an owner run: CREATE DATABASE ${databaseOf(address)};`, 'Or put the name of another one at the end of the address.']);
    case '53300':
      return bad('The server has no connection left', words, ['Close other programs that hold connections, or raise max_connections.']);
    case '57P03':
      return bad('The server is still starting', words, ['Wait a moment, then test again.']);
    default:
  }
  if (/SASL|client password must be a string|no password/i.test(words)) return bad(`${host} asks for a password`, words, ['Type the password of this user.']);
  if (/SSL|certificate|self.signed/i.test(words)) return bad('The secure connection can’t be made', words, ['If the server has no TLS, leave sslmode out of the address.', 'For a private authority set NODE_EXTRA_CA_CERTS to its certificate.']);
  return bad(`${host} can’t be used`, words, ['Check the address and that PostgreSQL listens there.']);
}

function databaseOf(address: URL): string {
  return decodeURIComponent(address.pathname.slice(1)) || decodeURIComponent(address.username) || 'postgres';
}
