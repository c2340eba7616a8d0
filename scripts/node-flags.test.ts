import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SERVICES_NODE_FLAGS } from './node-flags.js';

test('npm start gives the services the flags that every other way of starting them does', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { scripts: Record<string, string> };
  expect(scripts.start).toBe(`node ${SERVICES_NODE_FLAGS.join(' ')} scripts/start.ts`);
});
