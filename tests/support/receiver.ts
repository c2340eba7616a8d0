/** An outside system for tests: a webhook receiver that remembers every delivery, and can be told to fail. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedMessage {
  readonly idempotencyKey: string;
  readonly body: Record<string, unknown>;
  readonly headers: NodeJS.Dict<string | string[]>;
}

export class Receiver {
  readonly received: ReceivedMessage[] = [];
  /** What to answer, and when: after a time, or once a promise is kept; default 200, at once. */
  answer: (message: ReceivedMessage) => { status: number; headers?: Record<string, string>; delayMs?: number; until?: Promise<void> } = () => ({ status: 200 });
  #server: Server | null = null;

  async start(): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const message = { idempotencyKey: String(request.headers['idempotency-key']), headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown> };
        this.received.push(message);
        const { status, headers, delayMs = 0, until } = this.answer(message);
        void until?.then(() => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{"id":"x"}'));
        if (!until) setTimeout(() => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{"id":"x"}'), delayMs);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve) => {
      if (this.#server) this.#server.close(() => resolve());
      else resolve();
    });
  }
}
