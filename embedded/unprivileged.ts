/**
 * Postgres refuses to run as root. A site that runs as root gives it an unprivileged user, who must own the cluster,
 * reach it through every folder above, and reach the programs. Under any other user nothing of this is needed.
 */
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ConfigError, UnavailableError, messageOf } from '../shared/errors.ts';
import type { PostgresBinaries } from './binaries.ts';
import { runsAsRoot } from './data-folder.ts';
import type { DataFolder } from './data-folder.ts';
import { readIfThere } from './durable-file.ts';

export interface UnixUser {
  name: string;
  uid: number;
  gid: number;
}

/** The user to run Postgres as: undefined when we aren't root; else `postgres` if the system has it, else `nobody`. */
export function unprivilegedUser(): UnixUser | undefined {
  if (!runsAsRoot()) return undefined;
  const accounts = (readIfThere('/etc/passwd') ?? '').split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [name, , uid, gid] = accounts.find((account) => account[0] === wanted) ?? [];
    if (name !== undefined && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new UnavailableError('an unprivileged user', 'Postgres refuses to run as root, and the system knows neither "postgres" nor "nobody"', 'Start Spine Console as another user than root.');
}

/** @throws ConfigError naming SPINE_DATA_DIR and the folder that is closed to the user */
export function checkTraversable(folder: DataFolder, user: UnixUser): void {
  const closed = closedAncestor(join(folder.postgres, 'data'), user);
  if (closed === null) return;
  throw new ConfigError('SPINE_DATA_DIR', `as root, Postgres runs as the user "${user.name}", who can't pass through ${closed} to reach ${folder.root}`,
    `a data folder outside of it, such as /var/lib/spine-console; or open the way with "chmod o+x ${closed}"; or start Spine Console as another user than root`);
}

/**
 * The first folder above `path` that `user` can't pass through, or null. Judged by mode bits; access lists are not looked at.
 * The postgres folder itself is given to the user anyway, so folders that don't exist yet don't count.
 */
export function closedAncestor(path: string, user: Pick<UnixUser, 'uid' | 'gid'>): string | null {
  const ancestors: string[] = [];
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) ancestors.unshift(folder);
  for (const folder of ancestors) {
    const stat = statSync(folder, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    const bit = stat.uid === user.uid ? 0o100 : stat.gid === user.gid ? 0o010 : 0o001;
    if ((stat.mode & bit) === 0) return folder;
  }
  return null;
}

/** Makes `user` the owner of a folder and all in it. Walks only if the folder is not theirs already: a cluster can hold many files. */
export function giveTo(path: string, user: UnixUser): void {
  if (statSync(path).uid === user.uid) return;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    const entryPath = join(entry.parentPath, entry.name);
    if (!lstatSync(entryPath).isSymbolicLink()) chownSync(entryPath, user.uid, user.gid);
  }
  chownSync(path, user.uid, user.gid); // last: an interrupted walk is done again
}

/**
 * Programs that really run: with their library links restored, and where the user can reach them. A clone under /root is
 * closed to others, so the programs are then copied into the data folder once per version (60 MB).
 * @throws ConfigError naming SPINE_POSTGRES_BIN_DIR when they are out of reach and can't be moved
 */
export function reachableBinaries(found: PostgresBinaries, folder: DataFolder, user: UnixUser | undefined): PostgresBinaries {
  const installation = dirname(found.binFolder);
  const isReachable = user === undefined || closedAncestor(found.postgres, user) === null;
  if (isReachable && (!found.isSelfContained || restoreLibraryLinks(installation))) return found;
  if (!found.isSelfContained) {
    throw new ConfigError('SPINE_POSTGRES_BIN_DIR', `the user "${user?.name ?? ''}", as whom Postgres runs, can't reach ${found.binFolder}`, 'a folder that all users can reach');
  }
  const copy = join(folder.root, 'binaries', `postgres-${found.version}`);
  try {
    if (!existsSync(copy)) copyWhole(installation, copy);
  } catch (error) {
    throw new UnavailableError('postgres', `its programs could not be copied to ${copy} (${messageOf(error)})`, 'Is there room on the disk?', { cause: error });
  }
  const moved = (path: string): string => join(copy, relative(installation, path));
  return { ...found, binFolder: moved(found.binFolder), postgres: moved(found.postgres), initdb: moved(found.initdb) };
}

/** Copies under a temporary name first: a copy that was interrupted must not pass for a whole one. */
function copyWhole(from: string, to: string): void {
  const partial = `${to}.partial`;
  rmSync(partial, { recursive: true, force: true });
  cpSync(from, partial, { recursive: true, verbatimSymlinks: true });
  restoreLibraryLinks(partial);
  for (const folder of [dirname(to), partial, ...readdirSync(partial, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))]) {
    chmodSync(folder, 0o755);
  }
  renameSync(partial, to);
}

/**
 * npm packages can't hold symbolic links; the package lists them in pg-symlinks.json and makes them in its install script,
 * which does not run everywhere. Makes those that are missing.
 * @returns false when the folder is read-only, so that a copy is needed
 */
export function restoreLibraryLinks(installation: string): boolean {
  const listFile = join(installation, 'pg-symlinks.json');
  if (!existsSync(listFile)) return true;
  const links = JSON.parse(readFileSync(listFile, 'utf8')) as { source: string; target: string }[];
  const inside = (path: string): string => join(installation, path.replace(/^native\//, ''));
  try {
    for (const { source, target } of links) {
      if (!existsSync(inside(target))) symlinkSync(relative(dirname(inside(target)), inside(source)), inside(target));
    }
    return true;
  } catch {
    return false;
  }
}
