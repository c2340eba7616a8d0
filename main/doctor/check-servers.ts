/** Programs, ports, and servers elsewhere: can they be had, and do they let us in? */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findNatsServer, findPostgres } from '../../embedded/binaries.ts';
import { readIfThere } from '../../embedded/durable-file.ts';
import { openDatabase } from '../database/database.ts';
import { connectNats } from '../event-bus/drivers/nats/connection.ts';
import { outsideDatabase, outsideNats } from '../start-servers.ts';
import { ConfigError } from '../../shared/errors.ts';
import { examine, fault, type Finding, fine, warning } from './finding.ts';
import type { Patient } from './patient.ts';

/** Two clocks further apart than this make latencies and schedules wrong, ms. */
const SKEW_MS = 2_000;

export async function checkServers(patient: Patient): Promise<Finding[]> {
  const { loaded, env } = patient;
  if (!loaded) return [];
  const { config } = loaded;
  return [
    ...(config.nats.url === undefined
      ? [await examine('nats-server', async () => {
          const { version, path } = await findNatsServer({ env });
          return `nats-server ${version} (${path})`;
        }), ...(await checkPort(patient, 'nats-port', 'nats.port', config.nats.port))]
      : [await checkOutsideNats(patient)]),
    ...(config.database.url === undefined ? [await checkPostgres(patient), ...(await checkPort(patient, 'postgres-port', 'database.port', config.database.port))] : await checkOutsideDatabase(patient)),
    ...(await checkPort(patient, 'http-port', 'http.port (SPINE_HTTP_PORT)', config.http.port === 0 ? undefined : config.http.port)),
  ];
}

/** A fixed port must be free, unless it is the site itself that has it. */
async function checkPort({ running }: Patient, id: string, setting: string, port: number | undefined): Promise<Finding[]> {
  if (port === undefined || running) return [];
  const taken = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(null)));
  });
  if (!taken) return [fine(id, `port ${port} is free`)];
  return [fault(id, taken.code === 'EACCES' ? `this user may not use port ${port}` : `port ${port} is taken by another program`, `Stop the other program (ss -ltnp 'sport = :${port}' names it), or set ${setting} to another port, or leave it out to have one chosen.`)];
}

async function checkPostgres({ env, root }: Patient): Promise<Finding> {
  return examine('postgres', async () => {
    const found = await findPostgres({ env });
    const made = readIfThere(join(root, 'postgres', 'data', 'PG_VERSION'))?.trim();
    if (made !== undefined && made !== String(found.major)) {
      throw new ConfigError('SPINE_POSTGRES_BIN_DIR', `the database was made by PostgreSQL ${made}, and ${found.postgres} is ${found.version}`, `the bin folder of a PostgreSQL ${made}; or restore a backup into an empty data folder, which works across versions`);
    }
    return `PostgreSQL ${found.version} (${found.postgres})${existsSync(join(root, 'postgres', 'data')) ? '' : ', no database yet'}`;
  });
}

async function checkOutsideNats({ loaded }: Patient): Promise<Finding> {
  return examine('nats-server', async () => {
    const address = loaded && outsideNats(loaded);
    if (!address) return 'NATS is embedded';
    const connection = await connectNats(address, 'spine doctor');
    const version = connection.info?.version;
    await connection.close();
    return `nats-server ${version} lets us in, with JetStream`;
  });
}

async function checkOutsideDatabase({ loaded, instruments }: Patient): Promise<Finding[]> {
  if (!loaded) return [];
  let skewMs: number | null = null;
  const reached = await examine('postgres', async () => {
    const opened = await openDatabase(outsideDatabase(loaded) ?? {}, true, () => {});
    try {
      const before = instruments.nowMs();
      const { rows } = await opened.intake.query<{ now: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now');
      skewMs = (rows[0]?.now ?? 0) - (before + instruments.nowMs()) / 2;
    } finally {
      await opened.close();
    }
    return `PostgreSQL ${opened.version} lets us in`;
  });
  if (skewMs === null) return [reached];
  const words = `the clock of the database is ${Math.abs(Math.round(skewMs))} ms ${skewMs < 0 ? 'behind' : 'ahead of'} ours`;
  return [reached, Math.abs(skewMs) > SKEW_MS ? warning('clock-skew', words, 'Keep both machines’ clocks right with NTP: latencies and schedules are measured with them.') : fine('clock-skew', words)];
}
