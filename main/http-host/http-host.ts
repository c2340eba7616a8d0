/**
 * The headless host: the console, the operator API and event intake over HTTP and WebSocket; on loopback, or elsewhere with
 * TLS and tokens.
 *
 *   /                 the console            /rpc              operator API over WebSocket, for the console
 *   /open/<code>      launch link, once      /api/v1/…         operator API over HTTP, for scripts (openapi.json describes it)
 *   /session          token → cookie; DELETE signs out
 *                                            /api/events       event intake
 *                                            /api/dead-letters.ndjson   download
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { OpenAPIGenerator } from '@orpc/openapi';
import { OpenAPIHandler } from '@orpc/openapi/node';
import { RPCHandler } from '@orpc/server/ws';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { type WebSocket, WebSocketServer } from 'ws';
import { ConfigError, ForbiddenError, messageOf, SpineError, UnavailableError } from '../../shared/errors.ts';
import { mayActAs, type Role } from '../../shared/roles.ts';
import { SECURITY_HEADERS } from '../../shared/page-headers.ts';
import { operatorApi } from '../../shared/operator-api/index.ts';
import { CreditBook } from '../operator-api/credits.ts';
import { router } from '../operator-api/router.ts';
import type { OperatorServices } from '../operator-api/services.ts';
import { checkPublishable } from '../operator-api/steering.ts';
import type { Principal, TokenStore } from '../access/token-store.ts';
import { Access } from './access.ts';
import type { ConsoleFiles } from './console-files.ts';
import { downloadDeadLetters } from './download.ts';
import { readIngest } from './ingest.ts';
import type { ListenSettings } from './listen-settings.ts';

/** Largest body of an event intake, bytes: what the bus takes in one message, with room for a batch. */
const LARGEST_BODY = 8 * 1_048_576;
/** A page that does not read is cut off above this, bytes; credits keep an honest one far below. */
const LARGEST_BUFFER = 64 * 1_048_576;

/** Close code by which the console can tell that it has no session. */
const NO_SESSION = 4401;

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
  readonly listen: ListenSettings;
  readonly tokens: TokenStore;
  readonly onError: (error: unknown) => void;
}

/** @throws ConfigError if the port is taken. */
export async function startHttpHost(options: HttpHostOptions): Promise<HttpHost> {
  const { services, files, listen: settings, tokens, onError } = options;
  const { host, port: wantedPort, tls, names } = settings;
  const access = new Access({ tokens, names, tls: tls !== null });
  const masked = services.config.access.maskedFields;
  const api = new OpenAPIHandler(router);
  const rpc = new RPCHandler(router);
  const description = await new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] }).generate(operatorApi, {
    info: { title: 'Spine operator API', version: options.version },
    servers: [{ url: '/api/v1' }],
    filter: ({ contract }) => contract['~orpc'].route.path !== undefined,
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (tls !== null) response.setHeader('strict-transport-security', 'max-age=31536000');
    if (!access.knowsHost(request)) return sendJson(response, 421, { error: 'host_unknown', message: `This host answers to ${['127.0.0.1', 'localhost', ...names].join(', ')} only. Add other names to http.names in the configuration.` });
    if (path === '/healthz') return sendJson(response, 200, { ok: true });
    if (request.method === 'GET' && path.startsWith('/open/')) return open(path.slice('/open/'.length), response);
    if (!access.sameOrigin(request)) return sendJson(response, 403, { error: 'origin_refused', message: 'Requests from other pages are refused.' });
    if (path === '/session' && request.method === 'POST') return session(request, response);
    if (path === '/session' && request.method === 'DELETE') return void response.writeHead(204, { ...SECURITY_HEADERS, 'set-cookie': access.endSession(request) }).end();
    if (path.startsWith('/api/') || path === '/metrics') {
      const verdict = await access.authenticate(request);
      if ('refused' in verdict) {
        if (verdict.refused === 'too-many') return tooMany(response, verdict.retryAfterS);
        return sendJson(response, 401, { error: 'token_missing', message: 'Send a token (spine tokens create), or the one of run/token in the data folder, as "Authorization: Bearer …".' });
      }
      const { principal } = verdict;
      const may = (role: Role): boolean => mayActAs(principal.role, role) || (sendJson(response, 403, { error: 'role_too_low', message: `This needs the role ${role}; "${principal.name}" is a ${principal.role}.` }), false);
      if (path === '/api/events' && request.method === 'POST') return may('operator') ? ingest(request, response, principal.role) : undefined;
      if (path === '/metrics' && request.method === 'GET') return metrics(response);
      if (path === '/api/launch' && request.method === 'POST') return sendJson(response, 200, { url: launchUrl(principal) });
      if (path === '/api/dead-letters.ndjson' && request.method === 'GET') {
        return may(masked.length > 0 ? 'operator' : 'viewer') ? downloadDeadLetters(request, response, services.database) : undefined;
      }
      if (path === '/api/v1/openapi.json') return sendJson(response, 200, description);
      const operator = principal.tokenId === null ? 'script' : principal.name;
      const { matched } = await api.handle(request, response, { prefix: '/api/v1', context: { services, operator, role: principal.role, byToken: principal.tokenId !== null, credits: new CreditBook() } });
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
    const verdict = await access.checkToken(typeof token === 'string' ? token : '', request.socket.remoteAddress ?? '');
    if ('principal' in verdict) return void response.writeHead(204, { ...SECURITY_HEADERS, 'set-cookie': access.openSession(verdict.principal) }).end();
    if (verdict.refused === 'too-many') return tooMany(response, verdict.retryAfterS);
    sendJson(response, 401, { error: 'token_wrong', message: 'This is neither the token of this launch (run/token in the data folder) nor one that spine tokens create has made and nobody has revoked.' });
  };
  const ingest = async (request: IncomingMessage, response: ServerResponse, role: Role): Promise<void> => {
    const events = readIngest(request.headers, await readBody(request, LARGEST_BODY));
    // All are checked before the first is published: a list is taken as a whole or not at all.
    for (const event of events) checkPublishable(services, event, role);
    const receipts = await Promise.all(events.map(async (event) => ({ eventId: event.eventId, correlationId: event.correlationId, ...(await services.publish(event)) })));
    sendJson(response, 201, receipts.length === 1 ? receipts[0] : receipts);
  };

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof SpineError)) onError(error);
      if (response.headersSent) return void response.destroy();
      const status = error instanceof BodyTooLarge ? 413 : error instanceof ConfigError ? 400 : error instanceof ForbiddenError ? 403 : error instanceof UnavailableError ? 503 : 500;
      sendJson(response, status, {
        error: error instanceof SpineError ? error.code : 'internal',
        message: error instanceof SpineError ? error.message : 'Something went wrong here; the log in the data folder says what.',
        ...(error instanceof ConfigError ? { field: error.setting, expected: error.expected } : {}),
      });
    });
  };
  const server = tls === null ? createServer(onRequest) : createTlsServer({ ...tls, minVersion: 'TLSv1.2' }, onRequest);
  const sockets = acceptSockets(server, access, (socket, principal) => {
    void rpc.upgrade(socket, { context: { services, operator: principal.name, role: principal.role, byToken: principal.tokenId !== null, credits: new CreditBook() } });
  });
  await listen(server, host, wantedPort);
  const { port } = server.address() as AddressInfo;
  access.boundTo(port);
  const url = `${tls === null ? 'http' : 'https'}://${names[0] ?? '127.0.0.1'}:${port}/`;
  const launchUrl = (principal?: Principal): string => `${url}open/${access.launchCode(principal)}`;
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

function acceptSockets(server: Server, access: Access, onSocket: (socket: WebSocket, principal: Principal) => void): { close(): void } {
  const acceptor = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: LARGEST_BODY });
  server.on('upgrade', (request, socket, head) => {
    // Close with a reason that the console can tell apart: a refused upgrade looks to a page like a host that is away.
    const refusal = !access.knowsHost(request) || !access.sameOrigin(request) || request.url !== '/rpc' ? 403 : null;
    if (refusal !== null) {
      socket.end(`HTTP/1.1 ${refusal} Forbidden\r\nconnection: close\r\n\r\n`);
      return;
    }
    acceptor.handleUpgrade(request, socket, head, (accepted) => {
      // What the page sends meanwhile is kept: nobody listens to the socket yet.
      accepted.pause();
      access.authenticate(request).then((verdict) => {
        accepted.resume();
        if ('refused' in verdict) return accepted.close(NO_SESSION, verdict.refused === 'unknown' ? 'token needed' : 'too many wrong tokens');
        const { principal } = verdict;
        const guard = setInterval(() => {
          if (accepted.bufferedAmount > LARGEST_BUFFER) accepted.terminate();
          else if (!access.stillHolds(principal)) accepted.close(NO_SESSION, 'the token was revoked');
        }, 1_000);
        accepted.on('close', () => clearInterval(guard));
        onSocket(accepted, principal);
      }).catch(() => accepted.close(1011, 'the access tokens can not be read'));
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

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new ConfigError('SPINE_HTTP_PORT', `port ${port} is taken`, 'a free port, or 0 to take any', { cause });
    if ((cause as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL' || (cause as NodeJS.ErrnoException).code === 'ENOTFOUND') throw new ConfigError('http.host', `${host} is no address of this machine`, '127.0.0.1, 0.0.0.0 or an address of this machine', { cause });
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

function tooMany(response: ServerResponse, retryAfterS: number): void {
  response.setHeader('retry-after', String(retryAfterS));
  sendJson(response, 429, { error: 'too_many_tries', message: `Too many wrong tokens came from this address. Try again in ${retryAfterS} s.` });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
