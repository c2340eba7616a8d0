/** A query that ends with the wish for it: who no longer waits for the answer leaves no server working on it. */
import type pg from 'pg';

/**
 * Ask on a connection of its own; an abort has Postgres stop at once.
 * @throws the signal's reason.
 */
export async function queryUntilAborted<Row extends pg.QueryResultRow>(pool: pg.Pool, text: string, values: readonly unknown[], signal: AbortSignal | undefined): Promise<Row[]> {
  if (signal === undefined) return (await pool.query<Row>(text, [...values])).rows;
  signal.throwIfAborted();
  const client = await pool.connect();
  let broken: Error | undefined;
  let cancelling: Promise<unknown> | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  let cancel = (): void => {};
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    signal.throwIfAborted();
    cancel = () => {
      // The signal to the server may come late and would stop the next query there: this connection gets none.
      broken = new Error('cancelled');
      cancelling = pool.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid]).catch(onError);
    };
    signal.addEventListener('abort', cancel, { once: true });
    return (await client.query<Row>(text, [...values])).rows;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
    await cancelling;
    client.off('error', onError);
    client.release(broken);
  }
}
