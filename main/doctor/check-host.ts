/** The machine: folder, disk, clock. */
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runsAsRoot } from '../../embedded/data-folder.ts';
import { closedAncestor, unprivilegedUser } from '../../embedded/unprivileged.ts';
import { messageOf, UnavailableError } from '../../shared/errors.ts';
import { examine, fault, type Finding, fine, warning } from './finding.ts';
import type { Patient } from './patient.ts';

/** Below this, streams and database soon stop, bytes. */
const LITTLE_DISK = 2 * 1_024 ** 3;
const VERY_LITTLE_DISK = 256 * 1_024 ** 2;
/** A file may be this far ahead of the clock before it tells of a clock that was set back, ms. */
const AHEAD_MS = 60_000;

const gigabytes = (n: number): string => `${(n / 1_024 ** 3).toFixed(1)} GiB`;

export async function checkHost(patient: Patient): Promise<Finding[]> {
  return [await checkFolder(patient), await examine('postgres-user', () => checkUser(patient)), await checkDisk(patient), checkClock(patient)];
}

async function checkFolder({ root }: Patient): Promise<Finding> {
  const cure = 'Choose another folder with SPINE_DATA_DIR, or give this user the right to write there.';
  try {
    const there = nearest(root);
    if (!statSync(there).isDirectory()) return fault('data-folder', `${there} is a file, so ${root} can't be a folder`, cure);
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
    return fine('data-folder', existsSync(root) ? `${root} can be written to` : `${root} is not there yet and can be made`);
  } catch (error) {
    return fault('data-folder', `${root} can't be used (${messageOf(error)})`, cure);
  }
}

/** Postgres refuses to run as root: its own user must be able to pass. */
function checkUser({ root, loaded }: Patient): string {
  if (!runsAsRoot() || loaded?.config.database.url !== undefined) return 'PostgreSQL runs as this user, or elsewhere';
  const user = unprivilegedUser();
  const closed = user && closedAncestor(root, user);
  if (closed) throw new UnavailableError('data folder', `${closed} is closed to the user ${user.name}, as whom PostgreSQL runs`, `Open it for passing (chmod o+x ${closed}), or choose another SPINE_DATA_DIR.`);
  return `PostgreSQL runs as ${user?.name ?? 'this user'}, who can reach the folder`;
}

async function checkDisk({ root, instruments }: Patient): Promise<Finding> {
  const cure = 'Free some space, move the data folder to a larger disk, or shorten streams.platformEvents.';
  try {
    const { free, total } = instruments.disk(nearest(root));
    const words = `${gigabytes(free)} of ${gigabytes(total)} are free`;
    if (free < VERY_LITTLE_DISK) return fault('disk', `${words}: events can't be stored for long`, cure);
    return free < LITTLE_DISK ? warning('disk', words, cure) : fine('disk', words);
  } catch (error) {
    return fault('disk', `the disk can't be measured (${messageOf(error)})`, cure);
  }
}

/** What was written in the future tells that the clock has been set back since, or was wrong then. */
function checkClock({ root, instruments }: Patient): Finding {
  const now = instruments.nowMs();
  const written = ['nats', 'postgres', 'run', 'logs', 'projections'].flatMap((part) => filesIn(join(root, part))).map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const aheadMs = Math.max(0, ...written) - now;
  if (aheadMs <= AHEAD_MS) return fine('clock', 'nothing was written in the future');
  return fault('clock', `files of the site were written ${Math.round(aheadMs / 1_000)} s in the future: the clock was set back, or was wrong then`, 'Set the clock right (timedatectl status; chronyc tracking), and keep it so with NTP. Retention and schedules follow it.');
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => join(folder, name)) : [];
}

/** The folder, or the nearest one above that is there. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}
