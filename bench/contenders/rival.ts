/**
 * The rivals: what a user would wire by hand, with the same durability. The consumer runs in a process of its own
 * (rival-worker.ts); servers are the spine's embedded ones, with one stream and nothing else on them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { openDataFolder } from '../../embedded/data-folder.ts';
import { startEmbeddedNats } from '../../embedded/nats-server.ts';
import { startEmbeddedPostgres } from '../../embedded/postgres.ts';
import { connectNats } from '../../main/event-bus/drivers/nats/connection.ts';
import { headers, jetstreamManager } from '../../main/event-bus/drivers/nats/nats-api.ts';
import { Publisher } from '../../main/event-bus/drivers/nats/publisher.ts';
import type { Contender, Run } from './contender.ts';
import { CONCURRENCY } from './contender.ts';
import { nowMs } from './now.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { untilTrue } from './until.ts';

export type RivalKind = 'pg-boss' | 'graphile-worker' | 'bullmq';

/** What the worker's process is told, as JSON on its command line. */
export interface WorkerOrder {
  readonly kind: RivalKind;
  readonly handlerMs: number;
  readonly concurrency: number;
  readonly postgres: string;
  readonly natsUrl: string;
  readonly natsSeed: string;
  readonly redisPort: number;
}
/** From the worker: ready, jobs that ran, or the answer to a question. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'runs'; readonly runs: readonly (Run & { id: string })[] }
  | { readonly type: 'open'; readonly jobs: number }
  | { readonly type: 'sent'; readonly id: string; readonly storedMs: number }
  | { readonly type: 'backlog' };
/** To the worker. */
export type ToWorker = { readonly type: 'open?' } | { readonly type: 'send'; readonly id: string } | { readonly type: 'backlog'; readonly jobs: number };

const HOW: Record<RivalKind, string> = {
  'pg-boss': 'pg-boss alone: send() with NOTIFY, work() with LISTEN, no bus',
  'graphile-worker': 'NATS → addJob() then ack → graphile-worker',
  bullmq: 'NATS → queue.add() then ack → BullMQ on Redis (appendfsync always)',
};

export class Rival implements Contender {
  readonly name: string;
  readonly how: string;
  readonly #kind: RivalKind;
  readonly #handlerMs: number;
  readonly #stopping: (() => Promise<void> | void)[] = [];
  readonly #runs = new Map<string, Run>();
  readonly #serverPids: number[] = [];
  readonly #sending = new Map<string, (storedMs: number) => void>();
  #worker: ChildProcess | null = null;
  #publisher: Publisher | null = null;
  #open = Number.NaN;
  #backlogDone: (() => void) | null = null;

  constructor(kind: RivalKind, handlerMs: number) {
    this.name = kind === 'pg-boss' ? kind : `NATS → ${kind}`;
    this.how = HOW[kind];
    this.#kind = kind;
    this.#handlerMs = handlerMs;
  }

  async start(): Promise<void> {
    const root = mkdtempSync(join(tmpdir(), 'spine-rival-'));
    chmodSync(root, 0o755);
    this.#stopping.push(() => rmSync(root, { recursive: true, force: true }));
    const folder = openDataFolder(root);
    this.#stopping.push(() => folder.release());
    const log = (): void => {};
    let postgres = '';
    let redis: RedisServer | null = null;
    if (this.#kind !== 'bullmq') {
      const server = await startEmbeddedPostgres({ folder, log });
      this.#stopping.push(() => server.stop());
      this.#serverPids.push(server.pid() ?? 0);
      const { user, password, host, port, database } = server.connection;
      postgres = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
    } else {
      const server = await startRedis(root);
      redis = server;
      this.#stopping.push(() => server.stop());
      this.#serverPids.push(server.pid);
    }
    let natsUrl = '';
    let natsSeed = '';
    if (this.#kind !== 'pg-boss') {
      const server = await startEmbeddedNats({ folder, domains: ['bench'], log });
      this.#stopping.push(() => server.stop());
      this.#serverPids.push(server.pid() ?? 0);
      natsUrl = server.url;
      natsSeed = Buffer.from(server.credentials.admin.seed).toString('utf8');
      const connection: NatsConnection = await connectNats({ url: server.url, outside: false, seed: server.credentials.admin.seed }, 'bench');
      this.#stopping.push(() => connection.close());
      await (await jetstreamManager(connection)).streams.add({ name: 'ticks', subjects: ['bench.*'], duplicate_window: 120_000_000_000 });
      const publisher = new Publisher(connection);
      this.#publisher = publisher;
      this.#stopping.push(() => publisher.close());
    }
    await this.#startWorker({ kind: this.#kind, handlerMs: this.#handlerMs, concurrency: CONCURRENCY, postgres, natsUrl, natsSeed, redisPort: redis?.port ?? 0 });
  }

  async publish(id: string): Promise<number> {
    if (this.#publisher) {
      const head = headers();
      head.set('Nats-Msg-Id', id);
      await this.#publisher.publish('bench.Tick', JSON.stringify({ id, padding: 'x'.repeat(300) }), head, 60_000);
      return nowMs();
    }
    // Without a bus the sender talks to Postgres; in the worker's process, as a service that uses pg-boss would.
    const sent = new Promise<number>((resolve) => this.#sending.set(id, resolve));
    this.#tell({ type: 'send', id });
    return sent;
  }

  async settled(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Run>> {
    await untilTrue(`the jobs of ${this.name} to end`, async () => {
      if ([...ids].some((id) => !this.#runs.has(id))) return false;
      this.#open = Number.NaN;
      this.#tell({ type: 'open?' });
      await untilTrue('the count of open jobs', async () => !Number.isNaN(this.#open));
      return this.#open === 0;
    });
    return new Map([...this.#runs].filter(([id]) => ids.has(id)));
  }

  async addBacklog(jobs: number): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#backlogDone = resolve;
    });
    this.#tell({ type: 'backlog', jobs });
    await done;
  }

  pids(): number[] {
    return [...this.#serverPids, this.#worker?.pid ?? 0].filter((pid) => pid > 0);
  }

  async stop(): Promise<void> {
    for (const end of this.#stopping.toReversed()) await end();
  }

  #tell(message: ToWorker): void {
    this.#worker?.send(message);
  }

  async #startWorker(order: WorkerOrder): Promise<void> {
    const worker = fork(join(import.meta.dirname, 'rival-worker.ts'), [JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#worker = worker;
    this.#stopping.push(async () => {
      worker.kill('SIGKILL');
      if (worker.exitCode === null && worker.signalCode === null) await new Promise((resolve) => worker.once('exit', resolve));
    });
    await new Promise<void>((resolve, reject) => {
      worker.once('exit', (code) => reject(new Error(`the worker of ${this.name} ended with ${code}`)));
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'ready') resolve();
        else if (message.type === 'open') this.#open = message.jobs;
        else if (message.type === 'backlog') this.#backlogDone?.();
        else if (message.type === 'sent') {
          this.#sending.get(message.id)?.(message.storedMs);
          this.#sending.delete(message.id);
        } else for (const { id, ...run } of message.runs) this.#runs.set(id, run);
      });
    });
  }
}
