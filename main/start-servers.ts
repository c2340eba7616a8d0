/** The servers that a site lives on: started where they are embedded, addressed where they are outside. */
import type { Logger } from 'pino';
import type { DataFolder } from '../embedded/data-folder.ts';
import { type EmbeddedNats, startEmbeddedNats } from '../embedded/nats-server.ts';
import { startEmbeddedPostgres } from '../embedded/postgres.ts';
import { type LoadedConfig } from './config/load-config.ts';
import { domainsOf } from './config/site-config.ts';
import { withPassword } from './database/connection-string.ts';
import type { DatabaseConnection } from './database/database.ts';
import type { NatsAddress } from './event-bus/drivers/nats/connection.ts';

export interface ServerContext {
  readonly options: { readonly env: NodeJS.ProcessEnv; readonly resourcesBin?: string };
  readonly folder: DataFolder;
  readonly loaded: LoadedConfig;
  readonly log: Logger;
}
export interface NatsServer extends NatsAddress {
  readonly seedFile: string | null;
  readonly embedded: EmbeddedNats | null;
}

/** How the configured NATS server elsewhere is reached; null if the site brings its own. @throws ConfigError if its credentials can't be had. */
export function outsideNats(loaded: LoadedConfig): NatsAddress | null {
  const { url, credentials } = loaded.config.nats;
  if (url === undefined) return null;
  const key = !credentials ? {} : 'file' in credentials ? { credentialsFile: loaded.path(credentials.file) } : { credentialsText: loaded.secret(credentials, 'nats.credentials') };
  return { url, outside: true, ...key };
}

/** The same of the database. */
export function outsideDatabase(loaded: LoadedConfig): DatabaseConnection | null {
  const { url, password } = loaded.config.database;
  return url === undefined ? null : { connectionString: withPassword(url, password && loaded.secret(password, 'database.password')) };
}

/** Start or address both servers, side by side. */
export async function startServers(
  starting: AsyncDisposableStack,
  { options, folder, loaded, log }: ServerContext,
): Promise<[NatsServer, { connection: DatabaseConnection; outside: boolean }]> {
  const { config } = loaded;
  const common = {
    folder,
    env: options.env,
    resourcesBin: options.resourcesBin,
    log: ({ level, component, message, fields }: { level: 'info' | 'warn' | 'error'; component: string; message: string; fields?: object }) => log[level]({ part: component, ...fields }, message),
  };
  const startNats = async (): Promise<NatsServer> => {
    const outside = outsideNats(loaded);
    if (outside) return { ...outside, seedFile: null, embedded: null };
    const server = await startEmbeddedNats({ ...common, domains: domainsOf(config), port: config.nats.port, maxStoreBytes: config.nats.maxStoreBytes });
    starting.defer(() => server.stop());
    return { url: server.url, outside: false, seed: server.credentials.service.seed, seedFile: server.credentials.service.seedFile, embedded: server };
  };
  const startPostgres = async (): Promise<{ connection: DatabaseConnection; outside: boolean }> => {
    const outside = outsideDatabase(loaded);
    if (outside) return { connection: outside, outside: true };
    const server = await startEmbeddedPostgres({ ...common, port: config.database.port });
    starting.defer(() => server.stop());
    return { connection: server.connection, outside: false };
  };
  // Both are waited for even if one fails, so that the other is stopped and not left behind.
  const [nats, postgres] = await Promise.allSettled([startNats(), startPostgres()]);
  if (nats.status === 'rejected') throw nats.reason;
  if (postgres.status === 'rejected') throw postgres.reason;
  return [nats.value, postgres.value];
}
