/** Runs the built shell on the double: `node run-shell.ts [--demo]`. `DOUBLE_APP` names an unpacked archive to run instead, as a packaged app. */
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

registerHooks({
  resolve: (specifier, context, next) => (specifier === 'electron' ? { url: new URL('../electron-double.ts', import.meta.url).href, shortCircuit: true } : next(specifier, context)),
});

const { appCodeLoaded } = await import('../electron-double.ts');
const { DOUBLE_APP: app } = process.env;
await import(app ? pathToFileURL(join(app, 'out/main/index.js')).href : new URL('../../../out/main/index.js', import.meta.url).href);
appCodeLoaded();
