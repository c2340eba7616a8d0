/** Is a backup whole? Every file is read again and held against the manifest; archives are unpacked to their end. */
import { createZstdDecompress } from 'node:zlib';
import { ConflictError, messageOf } from '../../shared/errors.ts';
import { type BackupManifest, filesOf } from './backup-manifest.ts';
import { checkPart, readPart } from './file-part.ts';
import { readManifest } from './list-backups.ts';

/** @throws ConflictError that names every file that is not as it was written; ConfigError if it is no backup at all. */
export async function verifyBackup(root: string, signal?: AbortSignal): Promise<BackupManifest> {
  const manifest = readManifest(root);
  const problems: string[] = [];
  for (const part of filesOf(manifest)) {
    signal?.throwIfAborted();
    const problem = await checkPart(root, part);
    if (problem !== null) problems.push(problem);
  }
  if (problems.length === 0) for (const part of manifest.tables) {
    signal?.throwIfAborted();
    const rows = await countRows(root, part).catch((error: unknown) => messageOf(error));
    if (rows !== part.rows) problems.push(`${part.file} holds ${rows} rows instead of ${part.rows}`);
  }
  if (problems.length > 0) throw new ConflictError(`The backup ${root} is not whole: ${problems.join('; ')}. Use another one.`);
  return manifest;
}

async function countRows(root: string, part: BackupManifest['tables'][number]): Promise<number> {
  let rows = 0;
  for await (const chunk of readPart(root, part).pipe(createZstdDecompress()) as AsyncIterable<Buffer>) for (const byte of chunk) if (byte === 0x0a) rows += 1;
  return rows;
}
