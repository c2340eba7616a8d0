/**
 * The headless host: the console, the operator API and event intake over HTTP and WebSocket on loopback.
 *
 *   /                 the console            /rpc              operator API over WebSocket, for the console
 *   /open/<code>      launch link, once      /api/v1/…         operator API over HTTP, for scripts (openapi.json describes it)
 *   /session          token → cookie         /api/events       event intake
 *   /metrics          for Prometheus         /api/dead-letters.ndjson   download
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenAPIGenerator } from '@orpc/openapi';
import { OpenAPIHandler } from '@orpc/openapi/node';
import { RPCHandler } from '@orpc/server/ws';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { type WebSocket, WebSocketServer } from 'ws';
import { ConfigError, messageOf, SpineError, UnavailableError } from '../../shared/errors.ts';
import { SECURITY_HEADERS } from '../../shared/page-headers.ts';
import { operatorApi } from '../../shared/operator-api/index.ts';
import { CreditBook } from '../operator-api/credits.ts';
import { router } from '../operator-api/router.ts';
import type { OperatorServices } from '../operator-api/services.ts';
import { checkPublishable } from '../operator-api/steering.ts';
import { Access } from './access.ts';
import type { ConsoleFiles } from './console-files.ts';
import { downloadDeadLetters } from './download.ts';
import { readIngest } from './ingest.ts';

/** Largest body of an event intake, bytes: what the bus takes in one message, with room for a batch. */
const LARGEST_BODY = 8 * 1_048_576;
/** A page that does not read is cut off above this, bytes; credits keep an honest one far below. */
const LARGEST_BUFFER = 64 * 1_048_576;

export interface HttpHost {
  readonly port: number;
  readonly url: string;
  readonly access: Access;
  /** A link that opens the console once. */
  launchUrl(): string;
  close(): Promise<void>;
}

export interface HttpHostOptions {
  readonly services: OperatorServices;
  readonly version: string;
  readonly files: ConsoleFiles;
  /** 0 takes a free one. */
  readonly port: number;
  readonly onError: (error: unknown) => void;
}

/** @throws ConfigError if the port is taken. */
export async function startHttpHost(options: HttpHostOptions): Promise<HttpHost> {
  const { services, files, onError } = options;
  const access = new Access();
  const api = new OpenAPIHandler(router);
  const rpc = new RPCHandler(router);
  const description = await new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] }).generate(operatorApi, {
    info: { title: 'Spine operator API', version: options.version },
    servers: [{ url: '/api/v1' }],
    filter: ({ contract }) => contract['~orpc'].route.path !== undefined,
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (!access.fromHere(request)) return sendJson(response, 421, { error: 'host_unknown', message: 'This host answers to 127.0.0.1 and localhost only.' });
    if (path === '/healthz') return sendJson(response, 200, { ok: true });
    if (request.method === 'GET' && path.startsWith('/open/')) return open(path.slice('/open/'.length), response);
    if (!access.sameOrigin(request)) return sendJson(response, 403, { error: 'origin_refused', message: 'Requests from other pages are refused.' });
    if (request.method === 'POST' && path === '/session') return session(request, response);
    if (path.startsWith('/api/') || path === '/metrics') {
      if (!access.authenticated(request)) return sendJson(response, 401, { error: 'token_missing', message: 'Send the token of run/token in the data folder as "Authorization: Bearer …".' });
      if (path === '/api/events' && request.method === 'POST') return ingest(request, response);
      if (path === '/metrics' && request.method === 'GET') return metrics(response);
      if (path === '/api/launch' && request.method === 'POST') return sendJson(response, 200, { url: launchUrl() });
      if (path === '/api/dead-letters.ndjson' && request.method === 'GET') return downloadDeadLetters(request, response, services.database);
      if (path === '/api/v1/openapi.json') return sendJson(response, 200, description);
      const { matched } = await api.handle(request, response, { prefix: '/api/v1', context: { services, operator: 'script', credits: new CreditBook() } });
      if (matched) return;
      return sendJson(response, 404, { error: 'not_found', message: `There is no ${request.method ?? ''} ${path}. See /api/v1/openapi.json.` });
    }
    if (request.method === 'GET' && files.serve(path, response)) return;
    sendJson(response, 404, { error: 'not_found', message: `There is no ${path}.` });
  };

  const metrics = async (response: ServerResponse): Promise<void> => {
    const text = await services.metrics.text();
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': services.metrics.contentType, 'cache-control': 'no-store' }).end(text);
  };
  const open = (code: string, response: ServerResponse): void => {
    const cookie = access.redeem(code);
    // A used code leads to the console all the same: it says how to get a new link.
    response.writeHead(303, { ...SECURITY_HEADERS, location: '/', ...(cookie ? { 'set-cookie': cookie } : {}) }).end();
  };
  const session = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request, 4_096);
    let token: unknown;
    try {
      token = (JSON.parse(body.toString('utf8')) as { token?: unknown }).token;
    } catch {
      token = null;
    }
    if (typeof token !== 'string' || !access.isToken(token)) return sendJson(response, 401, { error: 'token_wrong', message: 'This is not the token of this launch. It is in run/token in the data folder.' });
    response.writeHead(204, { ...SECURITY_HEADERS, 'set-cookie': access.sessionCookie() }).end();
  };
  const ingest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const events = readIngest(request.headers, await readBody(request, LARGEST_BODY));
    // All are checked before the first is published: a list is taken as a whole or not at all.
    for (const event of events) checkPublishable(services, event);
    const receipts = await Promise.all(events.map(async (event) => ({ eventId: event.eventId, correlationId: event.correlationId, ...(await services.publish(event)) })));
    sendJson(response, 201, receipts.length === 1 ? receipts[0] : receipts);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof SpineError)) onError(error);
      if (response.headersSent) return void response.destroy();
      const status = error instanceof BodyTooLarge ? 413 : error instanceof ConfigError ? 400 : error instanceof UnavailableError ? 503 : 500;
      sendJson(response, status, {
        error: error instanceof SpineError ? error.code : 'internal',
        message: error instanceof SpineError ? error.message : 'Something went wrong here; the log in the data folder says what.',
        ...(error instanceof ConfigError ? { field: error.setting, expected: error.expected } : {}),
      });
    });
  });
  const sockets = acceptSockets(server, access, (socket) => {
    void rpc.upgrade(socket, { context: { services, operator: 'console', credits: new CreditBook() } });
  });
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  access.boundTo(port);
  const url = `http://127.0.0.1:${port}/`;
  const launchUrl = (): string => `${url}open/${access.launchCode()}`;
  return {
    port, url, access, launchUrl,
    async close() {
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function acceptSockets(server: Server, access: Access, onSocket: (socket: WebSocket) => void): { close(): void } {
  const acceptor = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: LARGEST_BODY });
  server.on('upgrade', (request, socket, head) => {
    // Close with a reason that the console can tell apart: a refused upgrade looks to a page like a host that is away.
    const refusal = !access.fromHere(request) || !access.sameOrigin(request) || request.url !== '/rpc' ? 403 : null;
    if (refusal !== null) {
      socket.end(`HTTP/1.1 ${refusal} Forbidden\r\nconnection: close\r\n\r\n`);
      return;
    }
    acceptor.handleUpgrade(request, socket, head, (accepted) => {
      if (!access.authenticated(request)) {
        accepted.close(4401, 'token needed');
        return;
      }
      const guard = setInterval(() => {
        if (accepted.bufferedAmount > LARGEST_BUFFER) accepted.terminate();
      }, 1_000);
      accepted.on('close', () => clearInterval(guard));
      onSocket(accepted);
    });
  });
  return {
    close() {
      for (const client of acceptor.clients) client.close(1001, 'the site is stopping');
      acceptor.close();
      setTimeout(() => {
        for (const client of acceptor.clients) client.terminate();
      }, 200).unref();
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new ConfigError('SPINE_HTTP_PORT', `port ${port} is taken`, 'a free port, or 0 to take any', { cause });
    throw new ConfigError('SPINE_HTTP_PORT', `can't listen on port ${port} (${messageOf(cause)})`, 'a port that this user may use', { cause });
  }
}

class BodyTooLarge extends SpineError {
  constructor(limit: number) {
    super('too_large', `The body is larger than ${limit} bytes. Send fewer or smaller events.`);
  }
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
