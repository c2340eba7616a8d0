/** The services on plain Node, with the console in a browser: `node main/headless.ts [--demo]`. */
import { parseArgs } from 'node:util';
import { wordsOf } from '../shared/errors.ts';
import { exitCodeOf, serve } from './serve.ts';

try {
  const { values } = parseArgs({ options: { demo: { type: 'boolean', default: false } } });
  await serve(values);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n`);
  process.exit(exitCodeOf(error));
}
