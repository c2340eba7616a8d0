import { defineConfig } from 'vitest/config';

const REAL_SERVERS = ['**/*.integration.test.ts', 'embedded/*.test.ts'];
const BROWSER = ['tests/**/*.e2e.test.ts'];
const NEVER = ['**/node_modules/**', 'out/**', 'dist/**'];

/**
 * Units side by side; of what starts real servers two files at a time, since they wait for them more than they work; what
 * opens a browser one file after another, since two cores are all there is.
 */
export default defineConfig({
  test: {
    reporters: ['default', './tests/support/skips-and-counts.ts'],
    projects: [
      { test: { name: 'unit', include: ['{shared,main,renderer,electron,scripts,examples,bench}/**/*.test.{ts,tsx}'], exclude: [...NEVER, ...REAL_SERVERS, ...BROWSER] } },
      {
        test: {
          name: 'integration', include: ['**/*.integration.test.ts', 'embedded/*.test.ts'], exclude: NEVER,
          maxWorkers: 2, testTimeout: 120_000, hookTimeout: 120_000, sequence: { groupOrder: 1 },
        },
      },
      { test: { name: 'e2e', include: BROWSER, exclude: NEVER, fileParallelism: false, testTimeout: 240_000, hookTimeout: 180_000, sequence: { groupOrder: 2 } } },
    ],
  },
});
