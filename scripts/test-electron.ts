/**
 * npm run test:electron: the specs of the desktop app on the real Electron runtime, through Playwright. `npm test` runs the same
 * specs on a double of it. Where the runtime can't be had, says so and why, and ends well: nothing was found to be wrong.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findElectron } from './electron-runtime.ts';
import { ensureBuild, root } from './ensure-build.ts';

const SPECS = ['tests/electron/shell.e2e.test.ts', 'tests/electron/setup.e2e.test.ts'];
const runtime = await findElectron();
if ('missing' in runtime) {
  process.stdout.write(`Skipped on the real runtime: ${runtime.missing}.\n`);
  for (const spec of SPECS) {
    for (const [, name] of readFileSync(join(root, spec), 'utf8').matchAll(/^\s*test(?:\.skipIf\([^)]*\))?\('(.+)', async/gm)) process.stdout.write(`  ↓ ${name}\n`);
  }
  process.stdout.write('The same specs run on the double of Electron in npm test.\n');
  process.exit(0);
}
ensureBuild();
const tests = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e', ...SPECS, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SPINE_TEST_ELECTRON: runtime.path },
});
process.exit(tests.status ?? 1);
