/**
 * Small HTTP servers on loopback that play the outside world of the demo: a webhook, a telephony and a fax gateway,
 * an OpenAI-compatible model and a CRM. They take their time, fail now and then, and honour the idempotency key.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { DEAD_NUMBER, DEMO_CUSTOMERS, UNKNOWN_READER } from './demo-people.ts';

/** How the endpoints behave; tests make them quick and predictable. */
export interface DemoMood {
  /** In [0, 1). */
  readonly random: () => number;
  /** Stretches every delay; 0 answers at once. */
  readonly pace: number;
  /** Share of requests that get a 503 the first time. */
  readonly failureShare: number;
}

export const DEMO_MOOD: DemoMood = { random: Math.random, pace: 1, failureShare: 0.12 };

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> | readonly unknown[];
  readonly headers?: Record<string, string>;
}
interface Asked {
  readonly body: Record<string, unknown>;
  readonly key: string;
  readonly headers: IncomingMessage['headers'];
}

const LARGEST_BODY = 1_048_576;
/** Keys that are remembered, so that a repeated request gets the same answer. */
const MOST_KEYS = 5_000;

export class DemoEndpoints {
  readonly #mood: DemoMood;
  #server: Server | null = null;
  #port = 0;
  /** Answers given, by path and idempotency key; null: failed once. */
  readonly #answers = new Map<string, Answer | null>();
  #accepted = 0;

  constructor(mood: DemoMood = DEMO_MOOD) {
    this.#mood = mood;
  }

  /** `http://127.0.0.1:<port>`. Only while open. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get open(): boolean {
    return this.#server !== null;
  }

  /** Listen on a free port. Does not keep the process alive. */
  async start(): Promise<void> {
    if (this.#server) return;
    const server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    server.unref();
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const body = await readJson(request);
    const key = String(request.headers['idempotency-key'] ?? '');
    const { status, headers, body: answer } = body === null ? refuse(400, 'the body is not a JSON object') : await this.#answer(pathname, { body, key, headers: request.headers });
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(status === 304 ? undefined : JSON.stringify(answer));
  }

  async #answer(path: string, asked: Asked): Promise<Answer> {
    switch (path) {
      case '/ops':
        return this.#once(path, asked, [40, 260], () => (asked.body.to === UNKNOWN_READER ? refuse(400, `there is no reader "${UNKNOWN_READER}"`) : this.#accept('demo-msg')));
      case '/calls':
        return this.#once(path, asked, [80, 600], () => (asked.body.to === DEAD_NUMBER ? refuse(400, 'the number is not in service') : this.#accept('demo-call')));
      case '/faxes':
        return this.#once(path, asked, [200, 1_200], () => this.#accept('demo-fax'));
      case '/v1/chat/completions':
        return this.#once(path, asked, [400, 1_800], () => completion(asked.body));
      case '/crm/customers':
        return this.#customers(asked);
      default:
        return refuse(404, `there is no ${path} in the demo`);
    }
  }

  /** The same key gets the same answer; some keys get a 503 first. */
  async #once(path: string, { key }: Asked, [least, most]: readonly [number, number], answer: () => Answer): Promise<Answer> {
    const { random, pace, failureShare } = this.#mood;
    await wait((least + (most - least) * random() ** 2) * pace);
    const name = `${path} ${key}`;
    const given = this.#answers.get(name);
    if (given) return given;
    if (given === undefined && random() < failureShare) {
      this.#remember(name, null);
      return random() < 0.5 ? { ...refuse(503, 'busy, try again'), headers: { 'retry-after': '2' } } : refuse(503, 'restarting');
    }
    const fresh = answer();
    if (key !== '') this.#remember(name, fresh);
    return fresh;
  }

  #remember(name: string, answer: Answer | null): void {
    this.#answers.set(name, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_KEYS && oldest !== undefined) this.#answers.delete(oldest);
  }

  #accept(kind: string): Answer {
    return { status: 202, body: { id: `${kind}-${++this.#accepted}` } };
  }

  /** The CRM's list: one customer's last contact changes each minute, so that most of a sync is unchanged. */
  #customers({ headers }: Asked): Answer {
    const minute = Math.floor(Date.now() / 60_000);
    const customers = DEMO_CUSTOMERS.map((customer, index) => {
      const rounds = Math.floor((minute + index) / DEMO_CUSTOMERS.length);
      return { ...customer, lastContact: new Date((rounds * DEMO_CUSTOMERS.length - index) * 60_000).toISOString() };
    });
    const etag = `"${createHash('sha256').update(JSON.stringify(customers)).digest('hex').slice(0, 16)}"`;
    return headers['if-none-match'] === etag ? { status: 304, body: [] } : { status: 200, body: { customers }, headers: { etag } };
  }
}

function refuse(status: number, error: string): Answer {
  return { status, body: { error } };
}

function completion(body: Record<string, unknown>): Answer {
  const messages = Array.isArray(body.messages) ? (body.messages as { role?: unknown; content?: unknown }[]) : [];
  const prompt = String(messages.findLast(({ role }) => role === 'user')?.content ?? '');
  const content = `Demo endpoint: no model is configured, so this text is made up. A model would answer here to “${prompt.slice(0, 120)}”.`;
  const words = (text: string): number => text.split(/\s+/).length;
  return {
    status: 200,
    body: {
      id: 'chatcmpl-demo',
      object: 'chat.completion',
      model: 'demo-model',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
      usage: { prompt_tokens: words(prompt), completion_tokens: words(content), total_tokens: words(prompt) + words(content) },
    },
  };
}

/** Null if the body is no JSON object. An empty body is an empty object. */
async function readJson(request: IncomingMessage): Promise<Record<string, unknown> | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_BODY) return null;
    chunks.push(chunk);
  }
  if (length === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
