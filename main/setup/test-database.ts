/** Try an outside PostgreSQL server before a site depends on it, and say what is wrong in words that lead to the cure. */
import pg from 'pg';
import type { SetupVerdict } from '../../shared/desktop-api.ts';
import { messageOf } from '../../shared/errors.ts';
import { verbatim, words } from '../../shared/i18n/translate.ts';
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
  if (!facts) return bad(words('{host} gave no answer', { host: address.host }), words('The server was asked for its version.'), [words('Is it PostgreSQL?')]);
  const { version, major } = facts;
  if (major < OLDEST_MAJOR) return bad(words('PostgreSQL {version} is too old', { version }), words('The site needs {version} or newer.', { version: OLDEST_MAJOR }), [words('Upgrade the server, or choose another.')]);
  if (facts.read_only) return bad(words('This server is read-only'), words('It is a standby, or its sessions are read-only by default.'), [words('Give the address of the primary.')]);
  if (!facts.has_site && !facts.may_create) {
    return bad(words('This user may not create a schema'), words('The site makes the schemas “spine” and “pgboss” at its first start.'), [words('As an owner run: GRANT CREATE ON DATABASE {database} TO {user};', { database: databaseOf(address), user: address.username || 'this_user' })]);
  }
  if (facts.connections < CONNECTIONS_NEEDED) return bad(words('The server allows only {connections, number} connections', { connections: facts.connections }), words('The site takes up to {connections, number}.', { connections: CONNECTIONS_NEEDED }), [words('Raise max_connections.')]);
  return good(words('PostgreSQL {version} answers', { version }), facts.has_site ? words('It already holds a site’s tables: this console joins that site.') : words('It holds no tables of a site yet; they are made at the first start.'));
}

function explain(error: unknown, host: string, address: URL): SetupVerdict {
  const network = networkTrouble(error, host, '5432');
  if (network) return network;
  const reason = messageOf(error);
  const user = decodeURIComponent(address.username) || 'the user of this machine';
  switch (typeof error === 'object' && error !== null && 'code' in error ? error.code : '') {
    case '28P01':
      return bad(words('The password of {user} is wrong', { user }), verbatim(reason), [words('Type it again.'), words('Or set it on the server: ALTER ROLE {user} PASSWORD \'…\';', { user })]);
    case '28000':
      return bad(words('The server does not let {user} in from here', { user }), verbatim(reason), [words('Add a line for this machine, database and user to pg_hba.conf, and reload the server.'), words('If it says “no encryption”, add ?sslmode=require to the address.')]);
    case '3D000':
      return bad(words('There is no database “{database}”', { database: databaseOf(address) }), verbatim(reason), [words('As an owner run: CREATE DATABASE {database};', { database: databaseOf(address) }), words('Or put the name of another one at the end of the address.')]);
    case '53300':
      return bad(words('The server has no connection left'), verbatim(reason), [words('Close other programs that hold connections, or raise max_connections.')]);
    case '57P03':
      return bad(words('The server is still starting'), verbatim(reason), [words('Wait a moment, then test again.')]);
    default:
  }
  if (/SASL|client password must be a string|no password/i.test(reason)) return bad(words('{host} asks for a password', { host }), verbatim(reason), [words('Type the password of this user.')]);
  if (/SSL|certificate|self.signed/i.test(reason)) return bad(words('The secure connection can’t be made'), verbatim(reason), [words('If the server has no TLS, leave sslmode out of the address.'), words('For a private authority set NODE_EXTRA_CA_CERTS to its certificate.')]);
  return bad(words('{host} can’t be used', { host }), verbatim(reason), [words('Check the address and that PostgreSQL listens there.')]);
}

function databaseOf(address: URL): string {
  return decodeURIComponent(address.pathname.slice(1)) || decodeURIComponent(address.username) || 'postgres';
}
