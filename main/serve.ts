/** Host a site on plain Node, with its console in a browser, until it is asked to stop. */
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataFolderPath } from '../embedded/data-folder.ts';
import { ConfigError, messageOf, UnavailableError } from '../shared/errors.ts';
import { TokenStore } from './access/token-store.ts';
import { ConsoleFiles } from './http-host/console-files.ts';
import { startHttpHost } from './http-host/http-host.ts';
import { listenSettings } from './http-host/listen-settings.ts';
import { CreditBook } from './operator-api/credits.ts';
import { setDemo } from './operator-api/steering.ts';
import { startSpine, VERSION } from './spine.ts';

/** The built console: beside the sources' root, or beside the bundle. */
function consoleFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = [join(here, '../renderer'), join(here, '../out/renderer')].find((folder) => existsSync(join(folder, 'assets')));
  if (!found) throw new UnavailableError('console', 'it has not been built', 'Run npm run build, then start again.');
  return found;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Start, serve, and stop in order on Ctrl-C, SIGTERM or SIGHUP.
 * Writes run/site.json (0600) for scripts: URL, process, and how to reach the bus.
 * @throws as startSpine and startHttpHost do; what had started is stopped.
 */
export async function serve({ demo, env = process.env }: { readonly demo: boolean; readonly env?: NodeJS.ProcessEnv }): Promise<void> {
  // Whoever read our words may be gone (a closed terminal, a pipe that has seen enough); the site goes on.
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => {});
  // Stop asked for while the site still starts: finish the start, then stop in order.
  const { promise: stopAsked, resolve: askToStop } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => askToStop());

  const files = new ConsoleFiles(consoleFolder());
  const spine = await startSpine({ env, dataFolder: dataFolderPath(env), host: 'headless', say });
  try {
    const tokens = new TokenStore(spine.folder.secrets);
    const host = await startHttpHost({ services: spine.services, version: VERSION, files, listen: listenSettings(spine.loaded, tokens), tokens, onError: (error) => spine.log.error({ part: 'http', err: error }, messageOf(error)) });
    const tokenFile = join(spine.folder.run, 'token');
    const siteFile = join(spine.folder.run, 'site.json');
    writeSecret(tokenFile, host.access.token);
    writeSecret(siteFile, JSON.stringify({ url: host.url, pid: process.pid, tokenFile, natsUrl: spine.nats.url, natsSeedFile: spine.nats.seedFile, version: VERSION }, null, 2));
    if (demo) await setDemo({ services: spine.services, operator: 'start --demo', credits: new CreditBook() }, true);
    say(`Data folder ${spine.folder.root}`);
    if (spine.nats.seedFile) say(`NATS clients: ${spine.nats.url} with the nkey seed in ${spine.nats.seedFile}`);
    say(`Console     ${host.launchUrl()}`);
    say('            (this link works once; npm run console-url prints another)  Ctrl-C stops the site.');
    await stopAsked;
    say('Stopping …');
    await host.close();
    rmSync(tokenFile, { force: true });
    rmSync(siteFile, { force: true });
  } finally {
    await spine.stop();
  }
  say('Stopped.');
}

function writeSecret(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  // The mode of an existing file is not changed by writing it.
  chmodSync(file, 0o600);
}

/** Exit code of a failed start: 78 (EX_CONFIG of sysexits.h) where the configuration is to blame. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ConfigError ? 78 : 1;
}
