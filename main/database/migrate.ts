/** Bring the spine's schema up to date. node-pg-migrate does the work, under its own advisory lock. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type pg from 'pg';
import { UnavailableError } from '../../shared/errors.ts';

/** Migrations lie beside this room's sources, and beside the bundle when built. */
function migrationsFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = [join(here, '../migrations'), join(here, 'migrations')].find((folder) => existsSync(folder));
  if (!found) throw new UnavailableError('migrations', `no folder of migrations near ${here}`, 'Run npm run build again; the installation is incomplete.');
  return found;
}

/** Apply what is missing. Safe to call from several processes at once. */
export async function migrate(pool: pg.Pool): Promise<void> {
  const dbClient = await pool.connect();
  try {
    await runner({
      dbClient,
      dir: migrationsFolder(),
      direction: 'up',
      migrationsTable: 'migration',
      schema: 'spine',
      createSchema: true,
      migrationsSchema: 'spine',
      createMigrationsSchema: true,
      log: () => {},
    });
    // The runner leaves search_path changed on this connection.
    await dbClient.query('RESET search_path');
  } finally {
    dbClient.release();
  }
}
