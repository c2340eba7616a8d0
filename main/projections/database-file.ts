/** The files of the view: how they are thrown away, and by which errors a file shows that it is damaged. */
import { rmSync } from 'node:fs';

/** Delete the file with its companions. */
export function deleteProjection(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

export class DamagedFile extends Error {}

/** Is this an error that a fresh file would mend? */
export function isDamage(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return error instanceof DamagedFile || (typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code));
}
