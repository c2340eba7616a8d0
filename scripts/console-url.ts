/** npm run console-url: a fresh link to the console of the running site. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolderPath } from '../embedded/data-folder.ts';

const folder = dataFolderPath(process.env);
const file = join(folder, 'run', 'site.json');
if (!existsSync(file)) {
  process.stderr.write(`No site runs on ${folder}. Start it with npm start, or set SPINE_DATA_DIR to its data folder.\n`);
  process.exit(1);
}
const site = JSON.parse(readFileSync(file, 'utf8')) as { url: string; tokenFile: string };
const answer = await fetch(new URL('/api/launch', site.url), { method: 'POST', headers: { authorization: `Bearer ${readFileSync(site.tokenFile, 'utf8')}` } }).catch(() => null);
if (!answer?.ok) {
  process.stderr.write(`The site of ${folder} does not answer at ${site.url}. Was it killed? Start it again with npm start.\n`);
  process.exit(1);
}
const { url } = (await answer.json()) as { url: string };
process.stdout.write(`${url}\n`);
