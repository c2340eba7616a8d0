/** Runs the built shell on the double: `node run-shell.ts [--demo]`. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) => (specifier === 'electron' ? { url: new URL('../electron-double.ts', import.meta.url).href, shortCircuit: true } : next(specifier, context)),
});

const { appCodeLoaded } = await import('../electron-double.ts');
await import(new URL('../../../out/main/index.js', import.meta.url).href);
appCodeLoaded();
