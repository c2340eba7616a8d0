/** This spine, whole: three streams, inbox, ledger, outbox, relay, projection; the handler comes from a plugin. */
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import { createEvent } from '../../shared/envelope.ts';
import { Publisher } from '../../main/event-bus/drivers/nats/publisher.ts';
import { headers } from '../../main/event-bus/drivers/nats/nats-api.ts';
import { natsClient, sqlClient } from '../../tests/support/site-clients.ts';
import { SiteProcess } from '../../tests/support/site-process.ts';
import { type Contender, CONCURRENCY, type Offer, type Run } from './contender.ts';
import { nowMs } from './now.ts';
import { settle } from './settle.ts';
import { untilTrue } from './until.ts';

class Spine implements Contender {
  readonly name = 'spine';
  readonly how = 'this project: NATS → inbox → pg-boss queue → handler → outbox → NATS, with ledger, projection and audit copy';
  readonly #site: SiteProcess;
  #nats: NatsConnection | null = null;
  #publisher: Publisher | null = null;
  #sql: pg.Client | null = null;

  constructor(handlerMs: number) {
    this.#site = new SiteProcess({ config: { plugins: { folder: 'plugins' }, workers: { realtime: CONCURRENCY } }, env: { BENCH_HANDLER_MS: String(handlerMs) } });
  }

  async start(): Promise<void> {
    const plugins = join(this.#site.folder, 'plugins');
    mkdirSync(plugins);
    copyFileSync(join(import.meta.dirname, 'bench-plugin.mjs'), join(plugins, 'bench-plugin.mjs'));
    await this.#site.startWith({ BENCH_RUNS: this.#runsFile });
    this.#nats = await natsClient(this.#site);
    this.#publisher = new Publisher(this.#nats);
    this.#sql = await sqlClient(this.#site);
  }

  async publish(id: string): Promise<number> {
    await this.#publish('system.BenchTick', id);
    return nowMs();
  }

  async #publish(eventType: string, eventId: string): Promise<void> {
    if (!this.#publisher) throw new Error('not started');
    const head = headers();
    head.set('Nats-Msg-Id', eventId);
    await this.#publisher.publish(eventType, JSON.stringify(createEvent({ eventId, eventType, source: 'bench', data: { id: eventId } })), head, 60_000);
  }

  async settled(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Run>> {
    const sql = this.#sql;
    if (!sql) throw new Error('not started');
    await untilTrue('the jobs of the spine to end', async () => {
      const { rows } = await sql.query<{ outbox: string }>('SELECT count(*) AS outbox FROM spine.outbox');
      if (Number(rows[0]?.outbox) > 0) return false;
      const { rows: known } = await sql.query<{ n: string }>(
        `SELECT count(*) AS n FROM spine.job_ledger e JOIN spine.job_ledger c ON c.job_id = e.job_id AND c.kind = 'completed' WHERE e.kind = 'enqueued' AND (e.detail->>'triggeringEventId')::uuid = ANY($1::uuid[])`,
        [[...ids]],
      );
      return Number(known[0]?.n) === ids.size;
    });
    await untilTrue('the times of all runs', async () => this.#runs(ids).size === ids.size);
    return this.#runs(ids);
  }

  get #runsFile(): string {
    return join(this.#site.folder, 'bench-runs.txt');
  }

  /** A job that ran twice would count with its last run; the books say that none did. */
  #runs(ids: ReadonlySet<string>): Map<string, Run> {
    if (!existsSync(this.#runsFile)) return new Map();
    const lines = readFileSync(this.#runsFile, 'utf8').split('\n').slice(0, -1).map((line) => line.split(' '));
    return new Map(lines.flatMap(([id = '', started, ended]) => (ids.has(id) ? [[id, { startedMs: Number(started), endedMs: Number(ended) }] as const] : [])));
  }

  async addBacklog(jobs: number): Promise<void> {
    await this.#site.api('/queues/background/pause', { reason: 'a backlog for the benchmark' });
    // Straight into the queue's table: what counts here is that they lie there.
    await this.#sql?.query(
      `INSERT INTO pgboss.job (name, data, group_id, keep_until, policy)
       SELECT 'background', jsonb_build_object('jobType', 'IndexDocumentJob', 'n', n), 'IndexDocumentJob', now() + interval '1 year', 'standard' FROM generate_series(1, $1::int) n`,
      [jobs],
    );
    if (this.#sql) await settle(this.#sql);
  }

  async flood(jobs: number): Promise<void> {
    await this.#site.api('/queues/background/pause', { reason: 'a flood for the benchmark gathers' });
    const publish = async (): Promise<void> => {
      for (let n = 0; n < jobs / 64; n += 1) await this.#publish('system.BenchFlood', randomUUID());
    };
    await Promise.all(Array.from({ length: 64 }, publish));
    await untilTrue('the flood to wait in its queue, and all that tells of it to be on the bus', async () => {
      const answer = await this.#sql?.query<{ waiting: string; outbox: string }>(`SELECT (SELECT count(*) FROM pgboss.job WHERE name = 'background') AS waiting, (SELECT count(*) FROM spine.outbox) AS outbox`);
      return Number(answer?.rows[0]?.waiting) >= jobs && Number(answer?.rows[0]?.outbox) === 0;
    });
    await this.#site.api('/queues/background/resume', { reason: 'the flood begins' });
  }

  pids(): number[] {
    return [this.#site.info.pid, this.#site.serverPid('nats'), this.#site.serverPid('postgres')];
  }

  async stop(): Promise<void> {
    this.#publisher?.close();
    await this.#nats?.close();
    await this.#sql?.end();
    await this.#site.dispose();
  }
}

export const spine: Offer = { name: 'spine', make: (handlerMs) => new Spine(handlerMs) };
