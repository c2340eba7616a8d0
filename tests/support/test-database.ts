/** A Postgres of its own for tests of what talks to it: real, embedded, gone afterwards. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder } from '../../embedded/data-folder.ts';
import { startEmbeddedPostgres } from '../../embedded/postgres.ts';
import { type Database, openDatabase } from '../../main/database/database.ts';
import { migrate } from '../../main/database/migrate.ts';
import { createPgBossQueue } from '../../main/job-queue/drivers/pg-boss/pg-boss-queue.ts';
import type { JobQueue } from '../../main/job-queue/job-queue.ts';

export interface TestDatabase {
  readonly database: Database;
  readonly queue: JobQueue;
  stop(): Promise<void>;
}

export async function startTestDatabase(): Promise<TestDatabase> {
  const root = mkdtempSync(join(tmpdir(), 'spine-db-'));
  chmodSync(root, 0o755);
  const folder = openDataFolder(root);
  const server = await startEmbeddedPostgres({ folder, log: () => {} });
  const database = await openDatabase(server.connection, false, () => {});
  await migrate(database.intake);
  const queue = createPgBossQueue({ work: database.work, onError: () => {} });
  await queue.start();
  return {
    database, queue,
    async stop() {
      await queue.stop();
      await database.close();
      await server.stop();
      folder.release();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
