#!/usr/bin/env node
/**
 * The command `spine`, whatever Node it is started with: from a checkout the sources run on the project's own Node (24), an
 * installation has its bundle. Plain JavaScript, since an older Node reads it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = join(root, 'main', 'cli', 'cli.ts');
const bundle = join(root, 'out', 'main', 'spine.js');
const own = join(root, 'node_modules', 'node', 'bin', 'node');

const child = spawn(existsSync(own) ? own : process.execPath, [existsSync(sources) ? sources : bundle, ...process.argv.slice(2)], { stdio: 'inherit' });
// What a terminal sends reaches the child by itself; it decides when it ends.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
