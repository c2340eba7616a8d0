/** One worker of a kind a database: whoever holds the advisory lock works, the others wait for it. */
import type pg from 'pg';

export interface LockWaiting {
  stopping(): boolean;
  /** Resolves when it is worth asking for the lock again, or when stopping. */
  wait(): Promise<void>;
}

/** Get the lock on a connection of its own, and hold it while `work` runs on that connection. A connection that fails gives it back. */
export async function holdLock(pool: pg.Pool, lock: number, { stopping, wait }: LockWaiting, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    while (!stopping()) {
      const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [lock]);
      if (rows[0]?.mine) break;
      await wait();
    }
    if (stopping()) return;
    await work(client);
  } catch (error) {
    broken ??= error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off('error', onError);
    if (!broken) await client.query('SELECT pg_advisory_unlock_all()').catch((error: Error) => (broken = error));
    client.release(broken);
  }
}
