/** Ports of the embedded servers: chosen once, remembered, reused, so that clients find the server again after a restart. */
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { ConfigError, UnavailableError } from '../shared/errors.ts';
import type { DataFolder } from './data-folder.ts';
import { readIfThere, writeDurably } from './durable-file.ts';
import type { EmbeddedLog, EmbeddedLogEntry } from './supervisor.ts';

/** Below the ephemeral ranges (Linux from 32768, others from 49152): no outgoing connection can take the port while a server restarts. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 200;

/**
 * The port a server shall listen on at 127.0.0.1.
 * @param fixed   the port the user insists on, named `setting` in errors; undefined: remembered or free
 * @throws ConfigError  the fixed port is not a port, or taken
 */
export async function choosePort(folder: DataFolder, component: EmbeddedLogEntry['component'], fixed: number | undefined, setting: string, log: EmbeddedLog): Promise<number> {
  if (fixed !== undefined) {
    if (!Number.isInteger(fixed) || fixed < 1 || fixed > 65_535) throw new ConfigError(setting, `${fixed} is not a port`, 'a number from 1 to 65535');
    if (!(await isFree(fixed))) throw new ConfigError(setting, `port ${fixed} is taken by another process`, 'a free port, or no setting at all to have one chosen');
    return fixed;
  }
  const file = join(folder.run, `${component}.port`);
  const remembered = Number(readIfThere(file) ?? Number.NaN);
  const hasRemembered = Number.isInteger(remembered) && remembered >= 1 && remembered <= 65_535;
  if (hasRemembered && (await isFree(remembered))) return remembered;
  const port = await findFree();
  writeDurably(file, `${port}\n`, 0o600);
  if (hasRemembered) {
    log({ level: 'warn', component, message: `port ${remembered} of the last start is taken by another process; using ${port}`, fields: { port, formerPort: remembered } });
  }
  return port;
}

async function findFree(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new UnavailableError('a port on 127.0.0.1', `none free among ${TRIES} tried from ${LOWEST} to ${HIGHEST}`, 'Is the loopback interface up?');
}

/** Whether we can listen on 127.0.0.1:port right now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
