import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotRetryableError, RateLimitedError, RetryableError } from '../../../shared/errors.ts';
import { type OutboundRequest, postJson, retryAfterMs } from './outbound-http.ts';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
let server: Server;
let base: string;
let received: Received[];
let respond: (response: ServerResponse) => void;
beforeEach(async () => {
  received = [];
  respond = (response) => void response.writeHead(200).end('{}');
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    received.push({ headers: request.headers, body });
    respond(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const post = (given: Partial<OutboundRequest> = {}) => postJson({ url: base, body: { to: 'ops' }, idempotencyKey: 'key-1', setting: 'channels.ops.url', signal: AbortSignal.timeout(5_000), ...given });

describe('postJson', () => {
  it('sends JSON with the idempotency key, and gives the answer', async () => {
    respond = (response) => void response.writeHead(202).end('{"id":7}');
    expect(await post({ headers: { 'x-token': 't' } })).toMatchObject({ status: 202, body: { id: 7 } });
    expect(received[0]).toMatchObject({ body: '{"to":"ops"}', headers: { 'idempotency-key': 'key-1', 'content-type': 'application/json', 'x-token': 't' } });
  });

  it('accepts an answer that is no JSON', async () => {
    respond = (response) => void response.writeHead(200).end('thanks');
    expect((await post()).body).toBe('thanks');
  });

  it.each([
    [400, NotRetryableError], [401, NotRetryableError], [404, NotRetryableError], [409, NotRetryableError], [422, NotRetryableError],
    [408, RetryableError], [425, RetryableError], [429, RetryableError], [500, RetryableError], [502, RetryableError], [503, RetryableError], [302, NotRetryableError],
  ])('HTTP %i', async (status, expected) => {
    respond = (response) => void response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('why');
    const posting = post();
    await expect(posting).rejects.toThrow(expected);
    await expect(posting).rejects.toThrow(`channels.ops.url answered HTTP ${status}`);
  });

  it.each([429, 503])('HTTP %i with Retry-After', async (status) => {
    respond = (response) => void response.writeHead(status, { 'retry-after': '12' }).end();
    await expect(post()).rejects.toThrow(expect.objectContaining({ constructor: RateLimitedError, retryAfterMs: 12_000 }) as Error);
  });

  it('takes silence, a closed door and a broken line for what may pass', async () => {
    await expect(post({ url: 'http://127.0.0.1:1/' })).rejects.toThrow(RetryableError);
    await expect(post({ url: 'http://does-not-exist.invalid/' })).rejects.toThrow(RetryableError);
    respond = (response) => response.destroy();
    await expect(post()).rejects.toThrow(RetryableError);
  });

  it('passes the abort on when the attempt has ended', async () => {
    const attempt = new AbortController();
    const reason = new RetryableError('ran too long');
    respond = () => attempt.abort(reason);
    await expect(post({ signal: attempt.signal })).rejects.toBe(reason);
  });

  it('keeps secrets out of errors, and sends those of a URL as Basic authorization', async () => {
    respond = (response) => void response.writeHead(400).end('token tok-12345 is wrong');
    const posting = post({ url: base.replace('//', '//user:pa%20ss@'), secrets: ['tok-12345'] });
    await expect(posting).rejects.toThrow(/token \*\*\* is wrong$/);
    await expect(posting).rejects.not.toThrow(/pa%20ss|127\.0\.0\.1/);
    expect(received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:pa ss').toString('base64')}`);
  });

  it('does not read an endless answer', async () => {
    respond = (response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(1_048_576);
      const more = (): void => void (response.destroyed || response.write(chunk, more));
      more();
    };
    await expect(post()).rejects.toThrow('longer than 4 MB');
  });
});

it('reads Retry-After as seconds or a date, at most an hour', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(retryAfterMs('30', now)).toBe(30_000);
  expect(retryAfterMs('Thu, 01 Jan 2026 00:00:10 GMT', now)).toBe(10_000);
  expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
  expect(retryAfterMs('999999', now)).toBe(3_600_000);
  expect(retryAfterMs('soon', now)).toBeNull();
  expect(retryAfterMs(null, now)).toBeNull();
});
