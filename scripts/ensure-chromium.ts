/** Find a Chromium for the end-to-end tests, or install Debian's where that is possible. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** @returns the path of a Chromium, or why there is none. */
export function ensureChromium(): { path: string } | { missing: string } {
  const named = process.env.SPINE_CHROMIUM;
  if (named) return existsSync(named) ? { path: named } : { missing: `SPINE_CHROMIUM names ${named}, which does not exist` };
  const found = USUAL.find((path) => existsSync(path));
  if (found) return { path: found };
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !has('apt-get')) {
    return { missing: 'no Chromium was found and it can’t be installed here (needs root and apt); install one or set SPINE_CHROMIUM' };
  }
  process.stdout.write('Installing Chromium from Debian’s packages …\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update', '-qq'], ['install', '-y', '-qq', '--no-install-recommends', 'chromium']]) {
    const run = spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    if (run.status !== 0) return { missing: `apt-get ${args.join(' ')} failed` };
  }
  return existsSync('/usr/bin/chromium') ? { path: '/usr/bin/chromium' } : { missing: 'apt-get installed no /usr/bin/chromium' };
}

function has(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
