/** Can a site live in this folder? Looks only; nothing is made. */
import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { verbatim, words } from '../../shared/i18n/translate.ts';
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
  if (folder.trim() === '') return bad(words('No folder is named'), words('A site keeps all its data in one folder.'), [words('Choose one.')]);
  if (!isAbsolute(folder)) return bad(words('The folder must be a full path'), words('“{folder}” depends on where the app was started.', { folder }), [words('Write it from the root, or choose it with the button.')]);
  try {
    return judge(folder);
  } catch (error) {
    return bad(words('The folder can’t be looked at'), verbatim(messageOf(error)), [words('Choose another one, or have the rights to this one mended.')]);
  }
}

function judge(folder: string): SetupVerdict {
  const there = nearest(folder);
  if (!statSync(there).isDirectory()) return bad(words('There is a file in the way'), words('{there} is no folder.', { there }), [words('Choose another path.')]);
  try {
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return bad(words('This user may not write there'), words('{there} is closed to the user that runs this app.', { there }), [words('Choose a folder of your own, or have this one opened to you.')]);
  }
  const user = unprivilegedUser();
  const closed = user === undefined ? null : closedAncestor(join(folder, 'postgres', 'data'), user);
  if (closed !== null && user !== undefined) return bad(words('PostgreSQL can’t reach this folder'), words('As root, it runs as the user “{name}”, who can’t pass through {closed}.', { name: user.name, closed }), [words('Choose a folder outside of it, such as /var/lib/spine-console, or run: chmod o+x {closed}', { closed })]);
  const disk = statfsSync(there);
  const network = NETWORK.get(disk.type);
  if (network) return bad(words('This folder is on a network ({network})', { network }), words('Streams and database need a disk of this machine: over a network, what was acknowledged can be lost.'), [words('Choose a folder on a local disk.')]);
  const free = disk.bavail * disk.bsize;
  const room = words('{gib, number} GiB are free there', { gib: Number((free / GIB).toFixed(free < 10 * GIB ? 1 : 0)) });
  if (free < LEAST_FREE) return bad(words('The disk is nearly full'), words('Only {room}.', { room }), [words('Make room, or choose another disk.')]);
  if (there === folder) {
    const entries = readdirSync(folder);
    if (isSite(folder)) return good(words('There is a site in this folder already'), words('It is opened with all its data. {room}.', { room }));
    // What a start that failed may have left, or the profile of this app.
    const strangers = entries.filter((name) => !OWN.has(name));
    if (strangers.length > 0) return bad(words('The folder holds other files'), words('Such as “{name}”.', { name: strangers[0] ?? '' }), [words('Choose an empty folder, or name a new one inside of it.')]);
  }
  return good(there === folder ? words('This folder can be used') : words('The folder will be made'), words('{room}.', { room }));
}

const OWN = new Set(['nats', 'postgres', 'secrets', 'run', 'logs', 'projections', 'binaries', 'backups', 'desktop', 'spine.yaml', 'format.json']);

function isSite(folder: string): boolean {
  return existsSync(join(folder, 'run', 'site.lock')) && existsSync(join(folder, 'nats'));
}

/** The folder itself, or the first one above it that is there. */
function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}
