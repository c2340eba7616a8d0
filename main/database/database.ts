/**
 * Postgres as the spine uses it: two pools, so that a flood of enqueueing never makes a worker wait for a connection,
 * and transactions as a function.
 */
import pg from 'pg';
import { ConfigError, messageOf, UnavailableError } from '../../shared/errors.ts';

export interface DatabaseConnection {
  readonly connectionString?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

/** Runs SQL: a pool, or a transaction. Handlers and operations take this. */
export interface Sql {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>;
}

export interface Database {
  /** Routing, outbox, operator: everything that puts work in. */
  readonly intake: pg.Pool;
  /** Claiming and finishing attempts. */
  readonly work: pg.Pool;
  readonly version: string;
  close(): Promise<void>;
}

/** Oldest PostgreSQL major that pg-boss and our SQL (xid8) work with. */
const OLDEST_MAJOR = 13;

/**
 * Open both pools and check the server.
 * @throws UnavailableError naming SPINE_DATABASE_URL when an outside server can't be reached.
 * @throws ConfigError when it is too old.
 */
export async function openDatabase(connection: DatabaseConnection, outside: boolean, onError: (error: Error) => void): Promise<Database> {
  const settings = { ...connection, connectionTimeoutMillis: 5_000, application_name: 'spine-console' };
  const intake = new pg.Pool({ ...settings, max: 12 });
  const work = new pg.Pool({ ...settings, max: 12 });
  // A server that goes away breaks idle connections: the pool replaces them, and the next query tells.
  intake.on('error', onError);
  work.on('error', onError);
  const close = async (): Promise<void> => {
    await Promise.all([intake.end(), work.end()]);
  };
  try {
    const { rows } = await intake.query<{ version: string; major: number }>(
      `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int / 10000 AS major`,
    );
    const [server] = rows;
    if (!server || server.major < OLDEST_MAJOR) {
      throw new ConfigError('SPINE_DATABASE_URL', `PostgreSQL ${server?.version ?? '?'} is too old`, `PostgreSQL ${OLDEST_MAJOR} or newer`);
    }
    return { intake, work, version: server.version, close };
  } catch (error) {
    await close().catch(() => {});
    if (error instanceof ConfigError) throw error;
    throw new UnavailableError(
      outside ? 'SPINE_DATABASE_URL' : 'PostgreSQL',
      messageOf(error) || String((error as NodeJS.ErrnoException).code ?? 'no answer'),
      outside ? 'Check host, port, user and password, and that the server accepts connections from here.' : 'See logs/ in the data folder.',
      { cause: error },
    );
  }
}

/** Run `work` in one transaction on a connection of `pool`: commit when it resolves, roll back when it throws. */
export async function inTransaction<Result>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // Without a listener, a connection that dies in the middle of a transaction would take the process down.
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failed: Error) => {
      broken = failed;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
