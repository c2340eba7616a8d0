/**
 * A whole site as its own process, on a data folder of its own, for tests that kill it, restart it, or look at it from
 * outside. Everything it starts is gone when the test ends, also when it fails.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';

const root = dirname(dirname(import.meta.dirname));
/** A first start runs initdb; CI's machine may be busy. */
const START_MS = 40_000;

export interface SiteInfo {
  readonly url: string;
  readonly pid: number;
  readonly tokenFile: string;
  readonly natsUrl: string;
  readonly natsSeedFile: string;
}

export class SiteProcess {
  readonly folder: string;
  readonly #config: object | null;
  readonly #env: Record<string, string>;
  readonly #nodeArgs: readonly string[];
  #child: ChildProcess | null = null;
  #output = '';
  #info: SiteInfo | null = null;

  /** `nodeArgs` go to node before the program. */
  constructor(options: { config?: object; env?: Record<string, string>; nodeArgs?: readonly string[] } = {}) {
    // Postgres runs as another user when the tests run as root: the folder must be passable.
    this.folder = mkdtempSync(join(tmpdir(), 'spine-site-'));
    chmodSync(this.folder, 0o755);
    this.#config = options.config ?? null;
    this.#env = options.env ?? {};
    this.#nodeArgs = options.nodeArgs ?? [];
  }

  get output(): string {
    return this.#output;
  }
  get info(): SiteInfo {
    if (!this.#info) throw new Error('the site has not been started');
    return this.#info;
  }
  get token(): string {
    return readFileSync(this.info.tokenFile, 'utf8');
  }

  /** Start it, and wait until the console is served. */
  async start(...args: string[]): Promise<void> {
    await this.startWith({}, ...args);
  }

  /** Start it with more in its environment, for this start only. */
  async startWith(env: Record<string, string>, ...args: string[]): Promise<void> {
    if (this.#config) writeFileSync(join(this.folder, 'spine.yaml'), stringify(this.#config));
    this.#output = '';
    const child = spawn(join(root, 'node_modules/.bin/node'), [...this.#nodeArgs, join(root, 'main/headless.ts'), ...args], {
      env: { ...process.env, ...this.#env, ...env, SPINE_DATA_DIR: this.folder },
      stdio: ['ignore', 'pipe', 'pipe', ...(this.#nodeArgs.length > 0 ? (['ipc'] as const) : [])],
    });
    this.#child = child;
    const append = (chunk: Buffer): void => void (this.#output += chunk.toString());
    child.stdout?.on('data', append);
    child.stderr?.on('data', append);
    const until = Date.now() + START_MS;
    while (!this.#output.includes('Console  ')) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > until) throw new Error(`the site did not start:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#info = JSON.parse(readFileSync(join(this.folder, 'run', 'site.json'), 'utf8')) as SiteInfo;
  }

  /** Start it where it must not come up. @returns exit code and what it printed. */
  async refuse(...args: string[]): Promise<{ code: number | null; output: string }> {
    const started = this.start(...args);
    await started.then(
      () => {
        throw new Error('the site started although it must not');
      },
      () => {},
    );
    const child = this.#child;
    if (child && child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    return { code: child?.exitCode ?? null, output: this.#output };
  }

  /** Close our end of what it prints. */
  stopReading(): void {
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ask the module that `nodeArgs` brought into the process, and wait for its answer. */
  async ask(question: object): Promise<void> {
    const child = this.#child;
    if (!child) throw new Error('the site has not been started');
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', () => reject(new Error('the site ended before it answered')));
      child.send(question);
    });
  }

  /** How the process ended; null while it runs. */
  get end(): { code: number | null; signal: NodeJS.Signals | null } | null {
    const child = this.#child;
    return child && (child.exitCode !== null || child.signalCode !== null) ? { code: child.exitCode, signal: child.signalCode } : null;
  }

  /** Wait until the process has ended. @returns ms that it took. */
  async ended(): Promise<number> {
    const from = performance.now();
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
    return performance.now() - from;
  }

  /** Stop it in order, as Ctrl-C does. */
  async stop(): Promise<void> {
    this.signal('SIGINT');
    await this.ended();
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended();
  }

  /** Pid of an embedded server, from its own pid file. */
  serverPid(server: 'nats' | 'postgres'): number {
    const file = [join(this.folder, 'nats', 'nats.pid'), join(this.folder, 'run', 'nats.pid'), join(this.folder, 'postgres', 'data', 'postmaster.pid')].find((path) => existsSync(path) && path.includes(server === 'nats' ? 'nats.pid' : 'postmaster'));
    if (!file) throw new Error(`no pid file of ${server}`);
    return Number(readFileSync(file, 'utf8').split('\n')[0]);
  }

  /** Call the operator API over HTTP. */
  async api<Answer = Record<string, never>>(path: string, body?: unknown): Promise<Answer> {
    const response = await this.request(`/api/v1${path}`, body);
    const answer = (await response.json()) as Answer;
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  async request(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(new URL(path, this.info.url), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Publish by HTTP intake. @returns the event's ids. */
  async publish(eventType: string, data: object, more: object = {}): Promise<{ eventId: string; correlationId: string; seq: number }> {
    const response = await this.request('/api/events', { eventType, source: 'test', data, ...more });
    const answer = (await response.json()) as { eventId: string; correlationId: string; seq: number };
    if (response.status !== 201) throw new Error(`publish: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** A new link to the console. */
  async launchUrl(): Promise<string> {
    const response = await this.request('/api/launch', {});
    return ((await response.json()) as { url: string }).url;
  }

  /** End everything and delete the data folder. */
  async dispose(): Promise<void> {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) {
      this.signal('SIGINT');
      const timer = setTimeout(() => this.signal('SIGKILL'), 15_000);
      await this.ended();
      clearTimeout(timer);
    }
    for (const server of ['nats', 'postgres'] as const) {
      try {
        process.kill(this.serverPid(server), 'SIGKILL');
      } catch {
        // It is gone, as it should be.
      }
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Ask again until `check` gives something, or fail with what was asked for. */
export async function eventually<Found>(what: string, check: () => Promise<Found | null | undefined | false>, ms = 20_000): Promise<Found> {
  const until = Date.now() + ms;
  let last: unknown;
  for (;;) {
    try {
      const found = await check();
      if (found) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) throw new Error(`${what} did not come about within ${ms} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
