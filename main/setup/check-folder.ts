/** Can a site live in this folder? Looks only; nothing is made. */
import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { closedAncestor, unprivilegedUser } from '../../embedded/unprivileged.ts';
import { messageOf } from '../../shared/errors.ts';
import type { SetupVerdict } from '../../shared/desktop-api.ts';
import { bad, good } from './verdicts.ts';

const GIB = 2 ** 30;
/** Below this the site would stop before long, bytes. */
const LEAST_FREE = GIB;
/** File systems over a network: they promise less about what is on disk than the streams need. */
const NETWORK: ReadonlyMap<number, string> = new Map([[0x6969, 'NFS'], [0xff534d42, 'CIFS'], [0xfe534d42, 'SMB'], [0x517b, 'SMB'], [0x65735546, 'FUSE']]);

export function checkFolder(folder: string): SetupVerdict {
  if (folder.trim() === '') return bad('No folder is named', 'A site keeps all its data in one folder.', ['Choose one.']);
  if (!isAbsolute(folder)) return bad('The folder must be a full path', `“${folder}” depends on where the app was started.`, ['Write it from the root, or choose it with the button.']);
  try {
    return judge(folder);
  } catch (error) {
    return bad('The folder can’t be looked at', messageOf(error), ['Choose another one, or have the rights to this one mended.']);
  }
}

function judge(folder: string): SetupVerdict {
  const there = nearest(folder);
  if (!statSync(there).isDirectory()) return bad('There is a file in the way', `${there} is no folder.`, ['Choose another path.']);
  try {
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return bad('This user may not write there', `${there} is closed to the user that runs this app.`, ['Choose a folder of your own, or have this one opened to you.']);
  }
  const user = unprivilegedUser();
  const closed = user === undefined ? null : closedAncestor(join(folder, 'postgres', 'data'), user);
  if (closed !== null && user !== undefined) return bad('PostgreSQL can’t reach this folder', `As root, it runs as the user “${user.name}”, who can’t pass through ${closed}.`, [`Choose a folder outside of it, such as /var/lib/spine-console, or run: chmod o+x ${closed}`]);
  const disk = statfsSync(there);
  const network = NETWORK.get(disk.type);
  if (network) return bad(`This folder is on a network (${network})`, 'Streams and database need a disk of this machine: over a network, what was acknowledged can be lost.', ['Choose a folder on a local disk.']);
  const free = disk.bavail * disk.bsize;
  const room = `${(free / GIB).toFixed(free < 10 * GIB ? 1 : 0)} GiB are free there`;
  if (free < LEAST_FREE) return bad('The disk is nearly full', `Only ${room}.`, ['Make room, or choose another disk.']);
  if (there === folder) {
    const entries = readdirSync(folder);
    if (isSite(folder)) return good('There is a site in this folder already', `It is opened with all its data. ${room}.`);
    // What a start that failed may have left, or the profile of this app.
    const strangers = entries.filter((name) => !OWN.has(name));
    if (strangers.length > 0) return bad('The folder holds other files', `Such as “${strangers[0]}”.`, ['Choose an empty folder, or name a new one inside of it.']);
  }
  return good(there === folder ? 'This folder can be used' : 'The folder will be made', `${room}.`);
}

const OWN = new Set(['nats', 'postgres', 'secrets', 'run', 'logs', 'projections', 'binaries', 'backups', 'desktop', 'spine.yaml', 'format.json']);

function isSite(folder: string): boolean {
  return existsSync(join(folder, 'run', 'site.lock')) && existsSync(join(folder, 'nats'));
}

/** The folder itself, or the first one above it that is there. */
function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}
