/** spine serve, start, stop: a site in this terminal, or in the background. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolderPath } from '../../../embedded/data-folder.ts';
import { tailOf } from '../../../embedded/durable-file.ts';
import { ConflictError, UnavailableError } from '../../../shared/errors.ts';
import { command } from '../command-line.ts';
import { answer, say } from '../output.ts';
import { isAlive, runningSite, siteAddress } from '../site-client.ts';
import { until } from '../wait.ts';

/** A first start makes a database; a large store is read. */
const START_MS = 120_000;
const STOP_MS = 30_000;

const demo = { demo: { type: 'boolean', default: false, describe: 'Start demo traffic, marked source: demo.*' } } as const;

export const serveCommand = command({
  command: 'serve',
  describe: 'Run a site here, with its console, until Ctrl-C',
  builder: (argv) => argv.options(demo).example('$0 serve --demo', 'a site with believable traffic'),
  async handler({ demo: withDemo }) {
    const { serve } = await import('../../serve.ts');
    await serve({ demo: withDemo });
  },
});

export const startCommand = command({
  command: 'start',
  describe: 'Run a site in the background',
  builder: (argv) => argv.options(demo).example('$0 start && $0 status', 'start, then look'),
  async handler({ demo: withDemo, json }) {
    const folder = dataFolderPath(process.env);
    const running = runningSite(process.env);
    if (running) throw new ConflictError(`A site runs on ${folder} already (process ${running.pid}, ${running.url}). Stop it with spine stop.`);
    mkdirSync(join(folder, 'logs'), { recursive: true });
    const log = join(folder, 'logs', 'serve.out');
    const output = openSync(log, 'w', 0o600);
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', 'serve', ...(withDemo ? ['--demo'] : [])], { detached: true, stdio: ['ignore', output, output], env: process.env });
    closeSync(output);
    let ended = false;
    child.once('exit', () => (ended = true));
    const site = await until(async () => (ended ? 'ended' : runningSite(process.env)), START_MS);
    if (site === null || site === 'ended') throw new UnavailableError('site', `it did not start: ${tailOf(log, 3).replace(/\.$/, '') || 'it said nothing'}`, `See ${log}.`);
    child.unref();
    answer(json, { url: site.url, pid: site.pid, dataFolder: folder }, () => {
      say(`Runs as process ${site.pid} on ${folder}.`);
      say(`Console  ${site.url}  (spine console prints a link that signs you in)`);
    });
  },
});

export const stopCommand = command({
  command: 'stop',
  describe: 'Stop the site of this data folder in order',
  async handler({ json }) {
    const site = runningSite(process.env);
    if (!site) throw new UnavailableError('site', `none runs on ${dataFolderPath(process.env)}`, 'Nothing to stop.');
    process.kill(site.pid, 'SIGTERM');
    const gone = await until(async () => (isAlive(site.pid) ? null : true), STOP_MS);
    if (gone === null) throw new UnavailableError('site', `process ${site.pid} still runs after ${STOP_MS / 1_000} s`, 'A long job may be ending; look again with spine status.');
    answer(json, { stopped: site.pid }, () => say('Stopped.'));
  },
});

export const consoleCommand = command({
  command: 'console',
  describe: 'Print a link that opens the console once',
  async handler({ json }) {
    const { url, token } = siteAddress(undefined, process.env);
    const response = await fetch(new URL('/api/launch', url), { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new UnavailableError('site', `it answers ${response.status}`, 'Is it still starting?');
    const link = (await response.json()) as { url: string };
    answer(json, link, () => say(link.url));
  },
});
