/** An OTLP endpoint for tests: keeps the spans that it is sent, and can be told to be slow or to refuse. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeOtlp } from './decode-otlp.ts';
import type { OtlpAttribute, OtlpSpan, OtlpTrace } from '../../shared/trace-to-otlp.ts';

export class Collector {
  readonly spans: OtlpSpan[] = [];
  readonly resources: OtlpAttribute[][] = [];
  /** Why a request could not be decoded, each. */
  readonly unreadable: string[] = [];
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
        if (status === 200 && request.url === '/v1/traces') this.#take(Buffer.concat(chunks).toString('utf8'));
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

  #take(body: string): void {
    let decoded: OtlpTrace;
    try {
      decoded = decodeOtlp(body);
    } catch (error) {
      this.unreadable.push(error instanceof Error ? error.message : String(error));
      return;
    }
    const { resourceSpans } = decoded;
    for (const { resource, scopeSpans } of resourceSpans) {
      this.resources.push(resource.attributes);
      for (const { spans } of scopeSpans) this.spans.push(...spans);
    }
  }
}

/** Attributes by name. Whole numbers are 64 bits wide on the wire, and so come as text. */
export function attributesOf(of: { readonly attributes: readonly OtlpAttribute[] }): Record<string, unknown> {
  return Object.fromEntries(of.attributes.map(({ key, value }) => [key, 'intValue' in value ? Number(value.intValue) : Object.values(value)[0]]));
}
