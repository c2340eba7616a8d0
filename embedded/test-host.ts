/** For tests: a process that opens a data folder, starts both servers and says so on stdout. SIGTERM stops it in order. */
import { openDataFolder } from './data-folder.ts';
import { startEmbeddedNats } from './nats-server.ts';
import { startEmbeddedPostgres } from './postgres.ts';

const folder = openDataFolder(process.argv[2] ?? '');
const log = (): void => undefined;
const nats = await startEmbeddedNats({ folder, domains: ['system'], log });
const postgres = await startEmbeddedPostgres({ folder, log });
process.once('SIGTERM', async () => {
  await Promise.all([nats.stop(), postgres.stop()]);
  folder.release();
  process.exit(0);
});
process.stdout.write(`${JSON.stringify({ nats: nats.pid(), postgres: postgres.pid(), natsPort: nats.port, postgresPort: postgres.connection.port })}\n`);
