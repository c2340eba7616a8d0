/**
 * Postgres as the spine uses it: two pools, so that a flood of enqueueing never makes a worker wait for a connection,
 * and transactions as a function.
 */
import type { Socket } from 'node:net';
import pg from 'pg';
import { ConfigError, messageOf, UnavailableError } from '../../shared/errors.ts';
import { ask } from './ask.ts';
import { OnDisk } from './on-disk.ts';

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
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string | pg.QueryConfig, values?: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>;
}

export interface Database {
  /** Everything that must be on disk once committed: ended attempts, what could not be routed, operator. */
  readonly intake: pg.Pool;
  /**
   * Routing, claims, heartbeats, starts: commits without waiting for the disk. Losing one in a power cut means routing the
   * event or claiming the job again, which inbox, fence and idempotency record allow for.
   */
  readonly work: pg.Pool;
  /** When what `work` has committed is on disk too. */
  readonly onDisk: OnDisk;
  readonly version: string;
  /** A connection of its own, for what streams (COPY). The caller ends it. */
  connect(): Promise<pg.Client>;
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
  // `pipeline`: statements that do not wait for one another's results are sent without waiting either.
  const intake = new pg.Pool({ ...settings, max: 16, pipeline: true });
  // No helpers: when pg-boss looks through all of its jobs, a million of them would take all cores at once.
  const work = new pg.Pool({ ...settings, max: 10, pipeline: true, options: '-c synchronous_commit=off -c max_parallel_workers_per_gather=0' });
  for (const pool of [intake, work]) {
    // A server that goes away breaks idle connections: the pool replaces them, and the next query tells.
    pool.on('error', onError);
    // One that dies while the pool hands it over has no listener of the pool any more and none of ours yet. (The server's last
    // answer and its goodbye may come in one packet.) Without one it takes the process down; the first query tells of it.
    pool.on('connect', (client) => client.on('error', () => {}));
  }
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ ...settings, pipeline: false });
    // One that dies is told by its next query.
    client.on('error', onError);
    await client.connect();
    return client;
  };
  const onDisk = new OnDisk({ connect, onError });
  intake.on('connect', (client) => onDisk.opened(client));
  const close = async (): Promise<void> => {
    await onDisk.close();
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
    await onDisk.open();
    return { intake, work, onDisk, version: server.version, connect, close };
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

const statementNames = new Map<string, string>();
/** Statements that are kept prepared; texts beyond that are sent as they are, so that the server's memory stays bounded. */
const MOST_STATEMENTS = 200;

/** A statement that each connection parses and plans once. For texts that do not vary. */
export function prepared(text: string, values: readonly unknown[] = []): pg.QueryConfig {
  let name = statementNames.get(text);
  if (name === undefined && statementNames.size < MOST_STATEMENTS) {
    name = `s${statementNames.size}`;
    statementNames.set(text, name);
  }
  return { ...(name === undefined ? {} : { name }), text, values: [...values] };
}

/** SQLSTATE of `spine.expect`: a statement did not come out as it had to, and its transaction was rolled back. */
export const NOT_AS_EXPECTED = 'SP001';
/** What Postgres answers to every statement behind a failed one. */
const IN_FAILED_TRANSACTION = '25P02';

export interface CommitOptions {
  readonly before?: (tx: Sql) => Promise<readonly pg.QueryConfig[]>;
  readonly onDisk?: OnDisk;
}

/**
 * Commit statements that are known beforehand: BEGIN, all of them and COMMIT leave together, in one round trip. (One alone is
 * a transaction by itself.)
 * Should one fail, those behind it are refused and the COMMIT rolls back, so that it is all of them or none.
 * @param options.before statements that must be waited for, such as a handler's own writes; they run first, in the same transaction.
 * @param options.onDisk is told of the commit, if it waited for the disk.
 * @throws the error of the first statement that failed.
 */
export async function commitTogether(pool: pg.Pool, statements: readonly pg.QueryConfig[], { before, onDisk }: CommitOptions = {}): Promise<pg.QueryResult[]> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    let more: readonly pg.QueryConfig[] = [];
    if (before) {
      try {
        await ask(client, 'BEGIN');
        more = await before(client);
      } catch (error) {
        await ask(client, 'ROLLBACK').catch(onError);
        throw error;
      }
    }
    const begunMs = performance.now();
    const alone = !before && statements.length === 1;
    const all = inOnePacket(client, () => [
      ...(before || alone ? [] : [ask(client, 'BEGIN')]), ...[...statements, ...more].map((statement) => ask(client, statement)), ...(alone ? [] : [ask(client, 'COMMIT')]),
    ]);
    const settled = await Promise.allSettled(all);
    const failures = settled.filter((one) => one.status === 'rejected').map(({ reason }) => reason as Error & { code?: string });
    const first = failures.find(({ code }) => code !== IN_FAILED_TRANSACTION) ?? failures[0];
    if (first) {
      // Only Postgres itself can have refused a statement; anything else leaves the connection in an unknown state.
      if (first.code === undefined || !/^[0-9A-Z]{5}$/.test(first.code)) broken ??= first;
      throw first;
    }
    onDisk?.committed(client, begunMs);
    return (alone ? settled : settled.slice(before ? 0 : 1, -1)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** What `send` writes to the server leaves in one packet: one wake-up of the server instead of one a statement. */
function inOnePacket<Result>(client: pg.PoolClient, send: () => Result): Result {
  const { stream } = (client as unknown as { connection: { stream: Pick<Socket, 'cork' | 'uncork'> } }).connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
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
    await ask(client, 'BEGIN');
    const result = await work(client);
    await ask(client, 'COMMIT');
    return result;
  } catch (error) {
    await ask(client, 'ROLLBACK').catch((failed: Error) => {
      broken = failed;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
