/** The site's log: pino to a rotated file in the data folder. */
import pino, { type Logger } from 'pino';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';

/** A file above this is moved to `.1`, its predecessor to `.2` …, the oldest is dropped. */
const ROTATE_ABOVE = '20M';
const FILES_KEPT = 5;

/** Paths whose values never reach the log, should somebody log a whole object. */
const SECRETS = ['password', 'token', 'seed', '*.password', '*.token', '*.seed', 'headers.authorization', '*.headers.authorization'];

/** `close` resolves when all that was logged is in the file; what is logged later is lost. */
export function openLog(folder: string, level = 'info'): { readonly log: Logger; close(): Promise<void> } {
  const file = rotatedLog(folder, 'spine.log');
  return {
    log: pino({ level, redact: SECRETS, timestamp: pino.stdTimeFunctions.isoTime }, file),
    close: () =>
      new Promise((resolve) => {
        file.once('close', resolve);
        file.end();
      }),
  };
}

/** A log file that is rotated by its size, while it is written and at start; readable by its owner alone. */
export function rotatedLog(folder: string, name: string): RotatingFileStream {
  const file = createStream((index) => (typeof index === 'number' ? `${name}.${index}` : name), { path: folder, size: ROTATE_ABOVE, rotate: FILES_KEPT, mode: 0o600 });
  // A full disk must not end the site; what is logged meanwhile is lost.
  file.on('error', () => undefined);
  return file;
}
