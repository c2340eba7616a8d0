/** What the shell itself has to say, and what the services print, in rotated files in the app-data folder. */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createStream } from 'rotating-file-stream';

const ROTATE_ABOVE = '5M';
const FILES_KEPT = 4;
/** Crash dumps kept; each is some MB. */
const DUMPS_KEPT = 8;

export interface ShellLog {
  readonly folder: string;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** What the services printed, as it is. */
  output(chunk: Buffer): void;
}

/** Opens `desktop.log` and `services-output.log` in `folder`. */
export function openShellLog(folder: string): ShellLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const open = (name: string): NodeJS.WritableStream => {
    const file = createStream((index) => (typeof index === 'number' ? `${name}.${index}` : name), { path: folder, size: ROTATE_ABOVE, rotate: FILES_KEPT, mode: 0o600 });
    file.on('error', () => undefined);
    return file;
  };
  // Started from a terminal that is gone, the copy for people has nowhere to go.
  process.stdout.on('error', () => undefined);
  const shell = open('desktop.log');
  const services = open('services-output.log');
  const line = (level: string) => (message: string, fields: Record<string, unknown> = {}): void => {
    shell.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  };
  return {
    folder,
    info: line('info'), warn: line('warn'), error: line('error'),
    output: (chunk) => {
      services.write(chunk);
      process.stdout.write(chunk);
    },
  };
}

/** Delete all crash dumps but the newest. */
export function pruneDumps(folder: string): void {
  try {
    const dumps = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.dmp'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ file, at: statSync(file).mtimeMs }))
      .sort((a, b) => b.at - a.at);
    for (const { file } of dumps.slice(DUMPS_KEPT)) rmSync(file, { force: true });
  } catch {
    // There is no such folder before the first crash.
  }
}
