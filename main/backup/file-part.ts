/** Files of a backup: written through to the disk with their hash, and read again. */
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, openSync, closeSync, fsyncSync, createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FilePart } from './backup-manifest.ts';

/** Write what `source` gives into `<root>/<file>` (0600), synced. */
export async function writePart(root: string, file: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, through: readonly Transform[] = [], signal?: AbortSignal): Promise<FilePart> {
  const path = join(root, ...file.split('/'));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const streams: (NodeJS.ReadableStream | NodeJS.WritableStream)[] = [Readable.from(source), ...through, measure, createWriteStream(path, { mode: 0o600, flags: 'wx' })];
  await pipeline(streams as unknown as readonly NodeJS.ReadWriteStream[], signal ? { signal } : {});
  const written = openSync(path, 'r+');
  try {
    fsyncSync(written);
  } finally {
    closeSync(written);
  }
  return { file, bytes, sha256: hash.digest('hex') };
}

export function readPart(root: string, { file }: Pick<FilePart, 'file'>): Readable {
  return createReadStream(join(root, ...file.split('/')), { highWaterMark: 262_144 });
}

/** @returns what is wrong with a file, in words; null if it is as it was written. */
export async function checkPart(root: string, part: FilePart): Promise<string | null> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of readPart(root, part) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    return `${part.file} can't be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
  if (bytes !== part.bytes) return `${part.file} has ${bytes} bytes instead of ${part.bytes}`;
  return hash.digest('hex') === part.sha256 ? null : `${part.file} has changed since it was written`;
}
