import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ConfigError, NotRetryableError } from '../../shared/errors.ts';
import { createEvent } from '../../shared/envelope.ts';
import { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import type { AttemptContext } from '../workers/handler.ts';
import { loadPlugins } from './load-plugins.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/plugins', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plugins-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);

it('loads the greeter of the examples, whose job, events and handler work', async () => {
  const [greeter] = await loadPlugins(EXAMPLES);
  if (!greeter) throw new Error('no greeter');
  expect(greeter).toMatchObject({ name: 'greeter', file: join(EXAMPLES, 'greeter', 'index.ts') });
  const jobs = new JobCatalogue(greeter.jobs);
  const owed = jobs.owedBy(createEvent({ eventType: 'communication.VisitorArrived', source: 'desk', data: { name: 'Ada', language: 'de' } })).find(({ definition }) => definition.type === 'GreetJob');
  const emit = vi.fn<AttemptContext['emit']>();
  const handle = greeter.handlers.get('GreetJob');
  await handle?.({ input: owed?.definition.schema.parse(owed.input), emit } as unknown as AttemptContext);
  expect(emit).toHaveBeenCalledWith('communication.VisitorGreeted', { name: 'Ada', words: 'Guten Tag, Ada!' });
  const events = new EventCatalogue(greeter.events);
  expect(events.check({ eventType: 'communication.VisitorGreeted', eventVersion: '1.0', data: { name: 'Ada', words: 'Guten Tag, Ada!' } })).toEqual({ verdict: 'valid' });
  await expect(handle?.({ input: { name: 'Ada', language: 'tlh' }, emit } as unknown as AttemptContext)).rejects.toThrow(NotRetryableError);
});

it('takes modules and subfolders with an index, and passes over the rest', async () => {
  put('b.mjs', 'export default { name: "b" };');
  put('a.js', 'export default ({ definePlugin }) => definePlugin({ name: "a" });');
  put('a.test.ts', 'throw new Error("not loaded")');
  put('_draft.ts', 'throw new Error("not loaded")');
  put('notes.md', '');
  mkdirSync(join(folder, 'c'));
  put('c/index.mjs', 'export default { name: "c" };');
  mkdirSync(join(folder, 'empty'));
  expect((await loadPlugins(folder)).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});

it.each([
  ['throws', 'throw new Error("boom")', 'boom'],
  ['does not parse', 'export default {', 'can\'t be loaded'],
  ['has no default export', 'export const x = 1;', 'no default export'],
  ['has a wrong name', 'export default { name: "Not Good" };', 'name: '],
  ['has a job without a schema', 'export default ({ defineJob }) => ({ name: "x", jobs: [defineJob({ type: "XJob", description: "", tier: "background", replaySafety: "unsafe" })] });', 'jobs.0.schema'],
  ['has a job without a handler', 'export default ({ z, defineJob }) => ({ name: "x", jobs: [defineJob({ type: "XJob", description: "", tier: "background", replaySafety: "unsafe", schema: z.object({}) })] });', 'XJob without a handler'],
  ['has a handler for no job', 'export default { name: "x", handlers: [{ jobType: "YJob", handle: async () => {} }] };', 'handler for YJob'],
  ['has an event whose example is wrong', 'export default ({ z, defineEvent }) => ({ name: "x", events: [defineEvent({ type: "system.X", description: "", schema: z.object({ a: z.string() }), example: {} })] });', 'can\'t be loaded'],
])('names the file of a plugin that %s', async (what, text, words) => {
  const file = `${what.replaceAll(' ', '-')}.mjs`;
  put(file, text);
  const loading = loadPlugins(folder);
  await expect(loading).rejects.toThrow(expect.objectContaining({ constructor: ConfigError, setting: 'plugins.folder' }) as Error);
  await expect(loading).rejects.toThrow(join(folder, file));
  await expect(loading).rejects.toThrow(words);
});

it('refuses two plugins of one name, two handlers for one job, and a folder that is not there', async () => {
  put('a.mjs', 'export default { name: "same" };');
  put('b.mjs', 'export default { name: "same" };');
  await expect(loadPlugins(folder)).rejects.toThrow('both named "same"');
  rmSync(join(folder, 'a.mjs'));
  rmSync(join(folder, 'b.mjs'));
  const handler = 'handlers: [{ jobType: "PlaceCallJob", handle: async () => {} }]';
  put('d.mjs', `export default { name: "d", ${handler} };`);
  put('c.mjs', `export default { name: "c", ${handler} };`);
  await expect(loadPlugins(folder)).rejects.toThrow('both bring a handler for PlaceCallJob');
  await expect(loadPlugins(join(folder, 'gone'))).rejects.toThrow(ConfigError);
});
