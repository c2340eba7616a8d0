/**
 * The build, for both hosts:
 *
 *   out/main/      index (desktop), services and tools (its utility processes), headless, spine (the CLI), projection-thread: flat, with
 *                  their chunks, since code finds the thread and the migrations beside itself
 *   out/icons/     of the app and its tray
 *   out/preload/   one CommonJS bundle; a sandboxed preload can load nothing else
 *   out/renderer/  the console
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import consoleBuild from './renderer/vite.config.ts';

const at = (path: string): string => join(import.meta.dirname, path);

/** node-pg-migrate reads the migrations as files, the tray its icons. */
function copyFiles(): Plugin {
  return {
    name: 'spine:copy-files',
    closeBundle: () => {
      cpSync(at('main/migrations'), at('out/main/migrations'), { recursive: true, filter: (path) => !/\.(ts|md)$/.test(path) });
      cpSync(at('electron/icons'), at('out/icons'), { recursive: true });
    },
  };
}

export default defineConfig({
  main: {
    plugins: [copyFiles()],
    build: {
      outDir: at('out/main'),
      sourcemap: true,
      license: { fileName: 'licences.json' },
      // Dependencies stay outside the bundle, with exceptions: feedsmith ships a node_modules folder inside its own dist, which
      // electron-builder leaves out of the package; zip.js ships 8 MB, of which we use some kB.
      externalizeDeps: { exclude: ['feedsmith', '@zip.js/zip.js'] },
      lib: {
        entry: {
          index: at('electron/main.ts'),
          services: at('electron/services.utility.ts'),
          tools: at('electron/tools.utility.ts'),
          headless: at('main/headless.ts'),
          spine: at('main/cli/cli.ts'),
          'projection-thread': at('main/projections/projection-thread.ts'),
        },
        formats: ['es'],
      },
      rolldownOptions: { output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      externalizeDeps: false,
      lib: { entry: { index: at('electron/preload.ts') }, formats: ['cjs'], fileName: () => '[name].cjs' },
    },
  },
  renderer: {
    ...consoleBuild,
    build: { ...consoleBuild.build, rolldownOptions: { input: at('renderer/index.html') } },
  },
});
