/** The HTTP worker protocol against a small server that answers what it is told to. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ConfigError, NotRetryableError, RateLimitedError, RetryableError } from '../../../shared/errors.ts';
import { JobCatalogue } from '../../../shared/job-catalogue/index.ts';
import { SiteConfig } from '../../config/site-config.ts';
import { attemptDouble } from '../handlers/attempt-double.ts';
import { httpWorker, remoteJobs } from './http-worker.ts';
import { isSigned, WorkerAnswer, WorkerRequest } from './http-worker-protocol.ts';

let server: Server;
let url: string;
let answer: unknown;
let asked: { headers: IncomingHttpHeaders; body: string } | null;

beforeEach(async () => {
  asked = null;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked = { headers: request.headers, body };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => void server.close());

const config = (): SiteConfig => SiteConfig.parse({ workers: { remote: [{ jobType: 'CountJob', url, secret: { env: 'X' }, tier: 'background', triggers: ['data.*'], timeout: '30s' }] } });
async function run(told: unknown): Promise<ReturnType<typeof attemptDouble>> {
  answer = told;
  const [remote] = config().workers.remote;
  if (!remote) throw new Error('no worker');
  const attempt = attemptDouble('CountJob', { text: 'a b' });
  await httpWorker(remote, { secret: () => 'key', jobs: new JobCatalogue(remoteJobs(config(), new JobCatalogue())) })(attempt);
  return attempt;
}

describe('a request', () => {
  it('is what the protocol says, signed over its bytes, with the idempotency key', async () => {
    const attempt = await run({ outcome: 'completed' });
    const { headers, body } = asked ?? { headers: {}, body: '' };
    expect(WorkerRequest.parse(JSON.parse(body))).toMatchObject({ jobType: 'CountJob', attempt: 1, input: { text: 'a b' }, idempotencyKey: attempt.idempotencyKey });
    const signed = { timestamp: String(headers['x-spine-timestamp']), signature: String(headers['x-spine-signature']) };
    expect(isSigned('key', signed, body, Date.now())).toBe(true);
    expect(isSigned('other', signed, body, Date.now())).toBe(false);
    expect(isSigned('key', signed, `${body} `, Date.now())).toBe(false);
    expect(isSigned('key', { ...signed, timestamp: String(Number(signed.timestamp) - 1) }, body, Date.now())).toBe(false);
    expect(isSigned('key', signed, body, Date.now() + 600_000)).toBe(false);
    expect(headers['idempotency-key']).toBe(attempt.idempotencyKey);
  });
});

describe('an answer', () => {
  it('completed: its events and its jobs', async () => {
    const attempt = await run({ outcome: 'completed', events: [{ eventType: 'data.Counted', data: { n: 2 } }], handOn: [{ jobType: 'OtherJob', input: {}, key: 'k' }] });
    expect(attempt.emitted).toEqual([{ eventType: 'data.Counted', data: { n: 2 } }]);
    expect(attempt.handedOn).toEqual([{ jobType: 'OtherJob', input: {}, key: 'k' }]);
  });
  it.each([
    ['retry', { outcome: 'retry', error: 'not now' }, RetryableError],
    ['rate-limited', { outcome: 'rate-limited', error: 'slow down', retryAfterMs: 900 }, RateLimitedError],
    ['failed', { outcome: 'failed', error: 'never' }, NotRetryableError],
    ['something else', { outcome: 'fine' }, RetryableError],
    ['no JSON', 'hello', RetryableError],
  ])('%s', async (_, told, kind) => {
    await expect(run(told)).rejects.toThrow(kind);
  });
});

it('a job type without a tier is refused, one of the catalogue keeps its definition', () => {
  const parsed = (jobType: string): SiteConfig => SiteConfig.parse({ workers: { remote: [{ jobType, url, secret: { env: 'X' } }] } });
  expect(() => remoteJobs(parsed('NewJob'), new JobCatalogue())).toThrow(ConfigError);
  expect(remoteJobs(parsed('PlaceCallJob'), new JobCatalogue())).toEqual([]);
});

it('the OpenAPI file names the fields, the answers and the headers of the protocol', () => {
  const api = parse(readFileSync(new URL('../../../docs/http-worker.openapi.yaml', import.meta.url), 'utf8')) as {
    paths: Record<string, { post: { parameters: { name: string }[] } }>;
    components: { schemas: { Job: { properties: object; required: string[] }; Answer: { oneOf: { properties: { outcome: { const: string } } }[] } } };
  };
  const { Job, Answer } = api.components.schemas;
  expect(Object.keys(Job.properties).sort()).toEqual(Object.keys(WorkerRequest.shape).sort());
  expect(Answer.oneOf.map(({ properties }) => properties.outcome.const).sort()).toEqual(WorkerAnswer.options.map(({ shape }) => shape.outcome.value).sort());
  expect(Object.values(api.paths)[0]?.post.parameters.map(({ name }) => name)).toEqual(['X-Spine-Timestamp', 'X-Spine-Signature', 'Idempotency-Key', 'traceparent']);
});
