/**
 * npm start: the console with its services. Opens the desktop window where the Electron runtime can be had;
 * else runs the same services on plain Node and serves the same console on loopback.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { findElectron } from './electron-runtime.ts';
import { ensureBuild, root } from './ensure-build.ts';

try {
  ensureBuild();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
const electron = process.argv.includes('--headless') ? { missing: '--headless was given' } : await findElectron();
if ('path' in electron) {
  process.stdout.write('Opening the desktop window (Electron runtime found).\n');
  const child = spawn(electron.path, [root, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  process.stdout.write(`No desktop window: ${electron.missing}. Serving the same console on loopback instead.\n`);
  process.argv = process.argv.filter((argument) => argument !== '--headless');
  await import(join(root, 'out/main/headless.js'));
}
