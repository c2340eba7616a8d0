/** Builds the console by itself: `vite build -c renderer/vite.config.ts`. The desktop build uses the same settings. */
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('.'),
  // The same files are served from http://127.0.0.1 and from app://, so every address is relative.
  base: './',
  plugins: [react()],
  build: {
    outDir: at('../out/renderer'),
    emptyOutDir: true,
    minify: true,
    // What is bundled, with its licences: scripts/package-legal.ts reads it.
    license: { fileName: 'licences.json' },
    target: 'es2023',
    // An inlined font would be a data: address, which `font-src 'self'` refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
});
