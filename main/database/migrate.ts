/** Bring the spine's schema up to date. node-pg-migrate does the work, under its own advisory lock. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type pg from 'pg';
import { ConfigError, UnavailableError } from '../../shared/errors.ts';

/** Migrations lie beside this room's sources, and beside the bundle when built. */
function migrationsFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = [join(here, '../migrations'), join(here, 'migrations')].find((folder) => existsSync(folder));
  if (!found) throw new UnavailableError('migrations', `no folder of migrations near ${here}`, 'Run npm run build again; the installation is incomplete.');
  return found;
}

/** Names of all migrations that this version knows, in order. */
export function knownMigrations(): string[] {
  return readdirSync(migrationsFolder()).filter((name) => name.endsWith('.sql')).map((name) => name.replace(/\.sql$/, '')).sort();
}

/**
 * Apply what is missing; with `count`, no more than the first so many. Safe to call from several processes at once.
 * @throws ConfigError if the database has been used by a newer version: nothing is touched then.
 */
export async function migrate(pool: pg.Pool, count = Infinity): Promise<void> {
  await refuseNewer(pool);
  const dbClient = await pool.connect();
  try {
    await runner({
      dbClient,
      dir: migrationsFolder(),
      direction: 'up',
      count,
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

async function refuseNewer(pool: pg.Pool): Promise<void> {
  const { rows: [there] } = await pool.query<{ is: boolean }>(`SELECT to_regclass('spine.migration') IS NOT NULL AS is`);
  if (!there?.is) return;
  const known = new Set(knownMigrations());
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM spine.migration ORDER BY id');
  const unknown = rows.filter(({ name }) => !known.has(name));
  if (unknown.length > 0) throw new ConfigError('database', `has been used by a newer version (it knows ${unknown.map(({ name }) => name).join(', ')})`, 'the version that last used it, or a newer one; or restore a backup of this version into an empty data folder');
}
