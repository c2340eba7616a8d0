/** The example plugin and the worker in another language, on a real site; plugins reloaded while it runs. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Trace } from '../shared/operator-api/index.ts';
import { eventually, SiteProcess } from './support/site-process.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
const SECRET = 'not-a-real-secret';
const noPython = spawnSync('python3', ['--version']).status === 0 ? null : 'python3 is not on this machine, so the worker in another language can’t run';

let worker: ChildProcess | null = null;
let site: SiteProcess;

beforeAll(async () => {
  const url = noPython === null ? await startWorker() : 'http://127.0.0.1:1/';
  site = new SiteProcess({
    env: { SPINE_PLUGIN_RELOAD: 'on', WORKER_SECRET: SECRET, WRONG_SECRET: 'another' },
    config: {
      plugins: { folder: 'plugins' },
      workers: {
        remote: [
          { jobType: 'CountWordsJob', url, secret: { env: 'WORKER_SECRET' }, tier: 'interactive', triggers: ['data.TextReceived'], replaySafety: 'idempotent' },
          { jobType: 'UnwelcomeJob', url, secret: { env: 'WRONG_SECRET' }, tier: 'interactive', triggers: ['data.TextRefused'] },
        ],
      },
    },
  });
  mkdirSync(join(site.folder, 'plugins'));
  cpSync(join(EXAMPLES, 'plugins', 'greeter'), join(site.folder, 'plugins', 'greeter'), { recursive: true });
  await site.start();
});
afterAll(async () => {
  await site?.dispose();
  worker?.kill();
});

/** Start the example on a free port. @returns its URL, as it prints it. */
async function startWorker(): Promise<string> {
  const child = spawn('python3', [join(EXAMPLES, 'http-worker', 'worker.py'), '0'], { env: { ...process.env, WORKER_SECRET: SECRET }, stdio: ['ignore', 'pipe', 'inherit'] });
  worker = child;
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(/http:\S+/.exec(chunk.toString())?.[0] ?? ''));
    child.once('exit', () => reject(new Error('the worker did not start')));
  });
}

const traceWith = (correlationId: string, eventType: string): Promise<Trace> =>
  eventually(`${eventType} in the trace`, async () => {
    const trace = await site.api<Trace>(`/traces/${correlationId}`);
    return trace.events.some((event) => event.eventType === eventType) && trace.jobs.every(({ state }) => state === 'completed') && trace;
  });
const dataOf = async (trace: Trace, eventType: string): Promise<unknown> => {
  const eventId = trace.events.find((event) => event.eventType === eventType)?.eventId ?? '';
  return (await site.api<{ envelope: { data: unknown } }>(`/events/${eventId}`)).envelope.data;
};

test('the example plugin greets', async () => {
  const { correlationId } = await site.publish('communication.VisitorArrived', { name: 'Ada', language: 'de' });
  expect(await dataOf(await traceWith(correlationId, 'communication.VisitorGreeted'), 'communication.VisitorGreeted')).toEqual({ name: 'Ada', words: 'Guten Tag, Ada!' });
});

test('a plugin that is saved is loaded anew; a broken one leaves the one before in place and says so', async () => {
  const file = join(site.folder, 'plugins', 'greeter', 'index.ts');
  const source = readFileSync(file, 'utf8');
  writeFileSync(file, source.replace('Guten Tag', 'Moin'));
  await eventually('the reload', async () => site.output.includes('Plugins reloaded: greeter.'));
  const moin = await site.publish('communication.VisitorArrived', { name: 'Ada', language: 'de' });
  expect(await dataOf(await traceWith(moin.correlationId, 'communication.VisitorGreeted'), 'communication.VisitorGreeted')).toMatchObject({ words: 'Moin, Ada!' });

  writeFileSync(file, 'export default { broken');
  await eventually('the refusal', async () => site.output.includes('Plugins were not reloaded, the ones before go on.') && site.output.includes(file));
  const still = await site.publish('communication.VisitorArrived', { name: 'Grace', language: 'de' });
  expect(await dataOf(await traceWith(still.correlationId, 'communication.VisitorGreeted'), 'communication.VisitorGreeted')).toMatchObject({ words: 'Moin, Grace!' });
});

test('a worker in Python does a job: its events follow, with the job as their cause', async (context) => {
  if (noPython !== null) context.skip(noPython);
  const { correlationId } = await site.publish('data.TextReceived', { text: 'one two three' });
  const trace = await traceWith(correlationId, 'data.WordsCounted');
  expect(await dataOf(trace, 'data.WordsCounted')).toEqual({ text: 'one two three', words: 3, attempt: 1 });
  expect(trace.events.find(({ eventType }) => eventType === 'data.WordsCounted')?.jobId).toBe(trace.jobs.find(({ jobType }) => jobType === 'CountWordsJob')?.jobId);
});

test('what the worker answers decides what follows: later, never, or refused for a wrong signature', async (context) => {
  if (noPython !== null) context.skip(noPython);
  const busy = await site.publish('data.TextReceived', { text: 'busy' });
  expect(await dataOf(await traceWith(busy.correlationId, 'data.WordsCounted'), 'data.WordsCounted')).toMatchObject({ attempt: 2 });
  const dead = async (correlationId: string): Promise<string> => eventually('the dead letter', async () => {
    const { jobs } = await site.api<Trace>(`/traces/${correlationId}`);
    return jobs.find(({ state }) => state === 'dead')?.lastError;
  });
  const failed = await site.publish('data.TextReceived', { text: 7 });
  expect(await dead(failed.correlationId)).toContain('CountWordsJob: input.text is no text');
  const unwelcome = await site.publish('data.TextRefused', { text: 'x' });
  expect(await dead(unwelcome.correlationId)).toMatch(/workers\.remote\.UnwelcomeJob\.url answered HTTP 401: .*signature/);
});
