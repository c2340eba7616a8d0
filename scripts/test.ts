/**
 * npm test: types, lint, layer rules, build, then every test. Further arguments go to vitest: `npm test -- shared`.
 * Prints the counts, and every skipped test with its reason.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuild, root } from './ensure-build.ts';
import { ensureChromium } from './ensure-chromium.ts';

const bin = (path: string): string => join(root, 'node_modules', path);
const STEPS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['Types', [bin('typescript/bin/tsc'), '--noEmit', '-p', root]],
  ['Lint', [bin('oxlint/bin/oxlint'), '--deny-warnings']],
  ['Words on screen', [bin('i18next-cli/dist/esm/cli.js'), 'lint']],
  ['Layer rules', [bin('dependency-cruiser/bin/dependency-cruiser.mjs'), '--config', 'dependency-cruiser.config.mjs', '--output-type', 'err', 'shared', 'embedded', 'main', 'electron', 'renderer']],
];

for (const [name, args] of STEPS) {
  process.stdout.write(`\n── ${name}\n`);
  const run = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (run.status !== 0) {
    process.stderr.write(`${name} failed.\n`);
    process.exit(1);
  }
}
process.stdout.write('\n── Build\n');
ensureBuild();

process.stdout.write('\n── Tests\n');
const chromium = ensureChromium();
if ('missing' in chromium) process.stdout.write(`The tests in a browser are skipped: ${chromium.missing}.\n`);
const tests = spawnSync(process.execPath, [bin('vitest/vitest.mjs'), 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...('path' in chromium ? { SPINE_CHROMIUM: chromium.path } : { SPINE_CHROMIUM_MISSING: chromium.missing }) },
});
process.exit(tests.status ?? 1);
