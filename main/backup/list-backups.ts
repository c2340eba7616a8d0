/** The backups in a folder, newest first. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../../embedded/durable-file.ts';
import { ConfigError, messageOf } from '../../shared/errors.ts';
import { BackupManifest, filesOf, FORMAT, MANIFEST } from './backup-manifest.ts';

export interface ListedBackup {
  readonly name: string;
  readonly path: string;
  /** null if it can't be read; `problem` says why. */
  readonly manifest: BackupManifest | null;
  readonly bytes: number;
  readonly problem: string | null;
}

export function listBackups(folder: string): ListedBackup[] {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, MANIFEST)));
  const listed = found.map(({ name }): ListedBackup => {
    const path = join(folder, name);
    try {
      const manifest = readManifest(path);
      return { name, path, manifest, bytes: filesOf(manifest).reduce((sum, { bytes }) => sum + bytes, 0), problem: null };
    } catch (error) {
      return { name, path, manifest: null, bytes: 0, problem: messageOf(error) };
    }
  });
  return listed.sort((a, b) => (b.manifest?.mark.atMs ?? 0) - (a.manifest?.mark.atMs ?? 0));
}

/** @throws ConfigError if the folder holds no backup, or one of a newer layout. */
export function readManifest(path: string): BackupManifest {
  const text = readIfThere(join(path, MANIFEST));
  if (text === null) throw new ConfigError('backup', `${path} holds no ${MANIFEST}`, 'the folder of one backup, as spine backup has made it');
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError('backup', `${join(path, MANIFEST)} is damaged (${messageOf(cause)})`, 'a backup that is whole; take another', { cause });
  }
  const format = (raw as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > FORMAT) throw new ConfigError('backup', `${path} was made by a newer version`, 'a backup of this version or an older one; restore it with the version that made it');
  const parsed = BackupManifest.safeParse(raw);
  if (!parsed.success) throw new ConfigError('backup', `${join(path, MANIFEST)} is damaged (${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? ''})`, 'a backup that is whole; take another', { cause: parsed.error });
  return parsed.data;
}

/** Age of a site's newest backup that can be read, ms; null if there is none. */
export function newestBackupAgeMs(folder: string, site: string): number | null {
  const newest = listBackups(folder).find(({ manifest }) => manifest?.site === site)?.manifest;
  return newest ? Date.now() - newest.mark.atMs : null;
}
