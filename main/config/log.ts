/** The site's log: pino to a rotated file in the data folder, and short lines for people on the terminal. */
import { createWriteStream, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';

/** At start, a file above this is moved to `.1`, bytes. */
const ROTATE_ABOVE = 20 * 1_048_576;

/** Paths whose values never reach the log, should somebody log a whole object. */
const SECRETS = ['password', 'token', 'seed', '*.password', '*.token', '*.seed', 'headers.authorization', '*.headers.authorization'];

export function openLog(folder: string, level = 'info'): Logger {
  const file = join(folder, 'spine.log');
  if (existsSync(file) && statSync(file).size > ROTATE_ABOVE) renameSync(file, `${file}.1`);
  return pino({ level, redact: SECRETS, timestamp: pino.stdTimeFunctions.isoTime }, createWriteStream(file, { flags: 'a', mode: 0o600 }));
}
