/**
 * npm run dev: hot reload in a browser. Vite serves the console and passes everything else on to the services, which run
 * from source and restart when a file of theirs changes; a plugin that is saved is loaded again without a restart. Data lies in .cache/dev-site unless SPINE_DATA_DIR says otherwise.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPort } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { watch } from 'chokidar';
import { createServer } from 'vite';
import { ensureBuild, root } from './ensure-build.ts';

/** Postgres runs as another user when this runs as root, and must reach its folder. */
const dataFolder = process.env.SPINE_DATA_DIR ?? (userInfo().uid === 0 ? join(tmpdir(), 'spine-dev-site') : join(root, '.cache', 'dev-site'));
mkdirSync(dataFolder, { recursive: true, mode: 0o755 });
const siteFile = join(dataFolder, 'run', 'site.json');
rmSync(siteFile, { force: true });
const port = process.env.SPINE_HTTP_PORT ?? String(await freePort());

// The host refuses to start without a built console; the one that is shown comes from Vite.
ensureBuild();
let services = startServices();
let restarting = false;
// Not node --watch: it would restart for a plugin as well.
watch(['main', 'shared', 'embedded'].map((folder) => join(root, folder)), { ignoreInitial: true, ignored: /\.test\.ts$/, awaitWriteFinish: { stabilityThreshold: 200 } }).on('all', () => {
  if (restarting) return;
  if (services.exitCode !== null) {
    services = startServices();
    return;
  }
  restarting = true;
  services.once('exit', () => {
    restarting = false;
    services = startServices();
  });
  services.kill('SIGTERM');
});
process.on('SIGINT', () => {});
process.on('SIGTERM', () => services.kill('SIGTERM'));

function startServices(): ChildProcess {
  const child = spawn(process.execPath, [join(root, 'main/headless.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, SPINE_DATA_DIR: dataFolder, SPINE_HTTP_PORT: port, SPINE_PLUGIN_RELOAD: 'on' },
  });
  // An end that was not asked for may be a mistake in what was saved: the next save starts it again.
  child.on('exit', (code, signal) => {
    if (!restarting && (code === 0 || signal !== null)) process.exit(code ?? 1);
  });
  return child;
}

const target = `http://127.0.0.1:${port}`;
// The host answers to its own origin only.
const asOwnOrigin = { target, changeOrigin: true, headers: { origin: target } };
const vite = await createServer({
  configFile: join(root, 'renderer/vite.config.ts'),
  server: { host: '127.0.0.1', proxy: { '/rpc': { ...asOwnOrigin, ws: true }, '/api': asOwnOrigin, '/open': asOwnOrigin, '/session': asOwnOrigin } },
});
await vite.listen();
while (!existsSync(siteFile)) await new Promise((resolve) => setTimeout(resolve, 100));
const site = JSON.parse(readFileSync(siteFile, 'utf8')) as { tokenFile: string };
const answer = await fetch(`${target}/api/launch`, { method: 'POST', headers: { authorization: `Bearer ${readFileSync(site.tokenFile, 'utf8')}` } });
const { url } = (await answer.json()) as { url: string };
process.stdout.write(`Hot reload  ${new URL(new URL(url).pathname, vite.resolvedUrls?.local[0]).href}\n`);

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createPort();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
