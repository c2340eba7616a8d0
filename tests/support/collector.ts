/** An OTLP endpoint for tests: keeps the spans that it is sent, and can be told to be slow or to refuse. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OtlpAttribute, OtlpSpan, OtlpTrace } from '../../shared/trace-to-otlp.ts';

export class Collector {
  readonly spans: OtlpSpan[] = [];
  readonly resources: OtlpAttribute[][] = [];
  readonly headers: NodeJS.Dict<string | string[]>[] = [];
  /** What to answer; default 200 at once. */
  answer: () => { status: number; delayMs?: number } = () => ({ status: 200 });
  #server: Server | null = null;

  /** @returns the address for OTEL_EXPORTER_OTLP_ENDPOINT. */
  async start(): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status, delayMs = 0 } = this.answer();
        this.headers.push(request.headers);
        if (status === 200 && request.url === '/v1/traces') this.#take(JSON.parse(Buffer.concat(chunks).toString('utf8')) as OtlpTrace);
        setTimeout(() => response.writeHead(status, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}'), delayMs);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve) => {
      if (this.#server) this.#server.close(() => resolve());
      else resolve();
    });
  }

  #take({ resourceSpans }: OtlpTrace): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      this.resources.push(resource.attributes);
      for (const { spans } of scopeSpans) this.spans.push(...spans);
    }
  }
}

/** Attributes by name. */
export function attributesOf(of: { readonly attributes: readonly OtlpAttribute[] }): Record<string, unknown> {
  return Object.fromEntries(of.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
