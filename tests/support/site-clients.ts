/** Clients of a site under test that bypass its API: any NATS client with the site's credentials, and a look into Postgres. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import type { Envelope } from '../../shared/envelope.ts';
import type { SiteProcess } from './site-process.ts';

/** A plain NATS client with the service user's seed. It reconnects for ever. */
export async function natsClient(site: SiteProcess): Promise<NatsConnection> {
  return connect({
    servers: new URL(site.info.natsUrl).host,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(readFileSync(site.info.natsSeedFile, 'utf8').trim())),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
}

/** Publish until the bus has acknowledged it, whatever happens to the server in between. */
export async function publishUntilAcked(connection: NatsConnection, event: Envelope): Promise<void> {
  const client = jetstream(connection);
  for (let tries = 0; ; tries += 1) {
    try {
      await client.publish(event.eventType, JSON.stringify(event), { msgID: event.eventId, timeout: 2_000 });
      return;
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Publish to the embedded bus of a data folder whose host says nowhere where it is: the desktop app. */
export async function publishByBus(folder: string, event: Envelope): Promise<void> {
  const port = readFileSync(join(folder, 'run', 'nats.port'), 'utf8').trim();
  const seed = readFileSync(join(folder, 'secrets', 'nats-service.nk'), 'utf8').trim();
  const connection = await connect({ servers: `127.0.0.1:${port}`, authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) });
  try {
    await publishUntilAcked(connection, event);
  } finally {
    await connection.close();
  }
}

/** One connection to the site's own Postgres. */
export async function sqlClient(site: Pick<SiteProcess, 'folder'>): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(readFileSync(join(site.folder, 'run', 'postgres.port'), 'utf8')),
    user: 'spine',
    database: 'spine',
    password: readFileSync(join(site.folder, 'secrets', 'postgres.password'), 'utf8').trim(),
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}
