/**
 * npm run package:check: packs the app for Linux x64 with a stand-in for the Electron runtime, looks into the package, and runs
 * the packed services on plain Node against the packed nats-server and Postgres. Needs no network and no display.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureBuild, root } from './ensure-build.ts';
import { fetchServers } from './fetch-servers.ts';
import { makeHeadless } from './package-headless.ts';
import { writeLegal } from './package-legal.ts';
import { type Finding, inspectPackage } from './packaged-app.ts';
import { makeStandInRuntime } from './stand-in-runtime.ts';

const START_MS = 40_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Pack into `output`. @returns the unpacked folder. @throws Error with electron-builder's words. */
export async function packWithStandIn(output: string): Promise<string> {
  const electron = (JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8')) as { version: string }).version;
  ensureBuild();
  await fetchServers('linux-x64');
  writeLegal();
  const runtime = makeStandInRuntime(join(root, 'build', 'stand-in'), electron);
  const packed = spawnSync(
    process.execPath,
    [join(root, 'node_modules/electron-builder/cli.js'), '--linux', '--x64', '--dir', '--publish', 'never', `-c.electronDist=${runtime}`, `-c.directories.output=${output}`],
    { cwd: root, encoding: 'utf8', env: { ...process.env, SPINE_PACK_FOR: 'linux' } },
  );
  if (packed.status !== 0) throw new Error(`electron-builder failed:\n${packed.stdout}${packed.stderr}`);
  return join(output, 'linux-unpacked');
}

/** Start the packed services on plain Node, publish an event, see its job done, stop in order. @returns what was seen, or what went wrong. */
export async function runPacked(headless: string): Promise<Finding & { readonly seen: string }> {
  const data = mkdtempSync(join(tmpdir(), 'spine-packed-'));
  chmodSync(data, 0o755);
  // Nothing of this checkout and nothing installed on the machine may help.
  const child = spawn(join(headless, 'spine-headless'), [], { cwd: '/', env: { PATH: '/usr/bin:/bin', SPINE_DATA_DIR: data }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const from = performance.now();
  try {
    await until(() => output.includes('Console  ') || child.exitCode !== null, START_MS);
    if (child.exitCode !== null || !output.includes('Console  ')) return { what: 'packed services', problems: [`they did not start:\n${output}`], seen: '' };
    const startedMs = performance.now() - from;
    const { url } = JSON.parse(readFileSync(join(data, 'run', 'site.json'), 'utf8')) as { url: string };
    const headers = { authorization: `Bearer ${readFileSync(join(data, 'run', 'token'), 'utf8')}`, 'content-type': 'application/json' };
    const published = await fetch(new URL('/api/events', url), { method: 'POST', headers, body: JSON.stringify({ eventType: 'communication.CallStarted', source: 'package-check', data: { callId: 'c-1', from: '+49 30 1', to: '+49 30 2', direction: 'inbound' } }) });
    if (published.status !== 201) return { what: 'packed services', problems: [`publishing answers ${published.status}: ${await published.text()}`], seen: '' };
    let status: { components: { id: string; health: string; version: string | null }[]; totals: { completed: number } } | null = null;
    await until(async () => {
      status = (await (await fetch(new URL('/api/v1/site/status', url), { headers })).json()) as NonNullable<typeof status>;
      return status.totals.completed > 0;
    }, START_MS);
    const page = await fetch(url, { headers });
    const problems = page.ok ? [] : [`the console answers ${page.status}`];
    child.kill('SIGTERM');
    await until(() => child.exitCode !== null, START_MS);
    if (child.exitCode !== 0) problems.push(`it ended with code ${child.exitCode}:\n${output}`);
    const parts = status as { components: { id: string; health: string; version: string | null }[] } | null;
    const seen = parts?.components.map(({ id, health, version }) => `${id} ${health}${version ? ` ${version}` : ''}`).join(', ') ?? '';
    return { what: 'packed services', problems, seen: `started in ${(startedMs / 1_000).toFixed(1)} s with initdb; an event was published and its job done; ${seen}` };
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

async function until(check: () => boolean | Promise<boolean>, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!(await check())) {
    if (performance.now() > end) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Sizes of what is inside, two levels deep. */
function listing(folder: string): string {
  const lines: string[] = [];
  const visit = (path: string, depth: number): number => {
    const bytes = readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
      const inner = join(path, entry.name);
      return sum + (entry.isSymbolicLink() ? 0 : entry.isDirectory() ? visit(inner, depth + 1) : own(inner, depth));
    }, 0);
    if (depth <= 3) lines.push(`${mega(bytes)}  ${relative(folder, path) || '.'}/`);
    return bytes;
  };
  const own = (path: string, depth: number): number => {
    const { size, mode } = statSync(path);
    if (depth <= 2) lines.push(`${mega(size)}  ${relative(folder, path)}  ${(mode & 0o777).toString(8)}`);
    return size;
  };
  visit(folder, 0);
  return lines.sort((a, b) => a.slice(12).localeCompare(b.slice(12))).join('\n');
}
const mega = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2).padStart(9)} M`;

async function check(): Promise<boolean> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    say('package:check is for Linux x64, where the servers come with npm. Nothing was checked.');
    return true;
  }
  const output = join(root, 'dist', 'check');
  rmSync(output, { recursive: true, force: true });
  const unpacked = await packWithStandIn(output);
  say(`\nWhat is inside ${relative(root, unpacked)} (the runtime is a stand-in; the real one adds about 270 MB):\n${listing(unpacked)}\n`);
  const headless = makeHeadless(unpacked, output);
  const findings: Finding[] = await inspectPackage(unpacked);
  const ran = await runPacked(headless);
  for (const { what, problems } of [...findings, ran]) say(`${problems.length === 0 ? '✓' : '✗'} ${what}${problems.map((problem) => `\n    ${problem}`).join('')}`);
  say(`\n${ran.seen}`);
  return [...findings, ran].every(({ problems }) => problems.length === 0);
}

if (import.meta.main) {
  try {
    const good = await check();
    if (existsSync(join(root, 'dist', 'check'))) say(good ? 'The package is good.' : 'The package is not good; see above.');
    process.exit(good ? 0 : 1);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
