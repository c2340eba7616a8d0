/** The process of a rival: takes from the bus (if it has one), enqueues, works. Told what to do by `WorkerOrder`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { Queue, Worker } from 'bullmq';
import { Logger, run as runGraphile } from 'graphile-worker';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { nowMs } from './now.ts';
import { settle } from './settle.ts';
import type { FromWorker, ToWorker, WorkerOrder } from './rival.ts';

const order = JSON.parse(process.argv[2] ?? '{}') as WorkerOrder;
const { handlerMs, concurrency } = order;

const tell = (message: FromWorker): void => void process.send?.(message);
let runs: { id: string; startedMs: number; endedMs: number }[] = [];
setInterval(() => {
  if (runs.length === 0) return;
  tell({ type: 'runs', runs });
  runs = [];
}, 20);

async function handle(id: string): Promise<void> {
  const startedMs = nowMs();
  if (handlerMs > 0) await sleep(handlerMs);
  runs.push({ id, startedMs, endedMs: nowMs() });
}

interface Wired {
  /** Enqueue durably. */
  add(id: string): Promise<unknown>;
  open(): Promise<number>;
  addBacklog(jobs: number): Promise<unknown>;
}

async function pgBoss(): Promise<Wired> {
  const boss = new PgBoss({ connectionString: order.postgres, max: 16, useListenNotify: true });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  await boss.start();
  await boss.createQueue('tick', { notify: true });
  await boss.createQueue('backlog');
  // As FACTS of the house found best for work(): batches of 50, jobs of a batch side by side.
  await boss.work<{ id: string }>('tick', { batchSize: 50, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 }, async (jobs) => {
    await Promise.all(jobs.map(({ data }) => handle(data.id)));
  });
  const pool = new pg.Pool({ connectionString: order.postgres, max: 1 });
  return {
    add: (id) => boss.send('tick', { id }),
    open: async () => Number((await pool.query<{ n: string }>(`SELECT count(*) AS n FROM pgboss.job WHERE name = 'tick' AND state < 'completed'`)).rows[0]?.n),
    addBacklog: async (jobs) => {
      for (let left = jobs; left > 0; left -= 10_000) await boss.insert('backlog', Array.from({ length: Math.min(left, 10_000) }, (_, n) => ({ data: { n } })));
    },
  };
}

async function graphile(): Promise<Wired> {
  const pool = new pg.Pool({ connectionString: order.postgres, max: 24 });
  const runner = await runGraphile({
    pgPool: pool, concurrency, pollInterval: 500, noHandleSignals: true, logger: new Logger(() => () => {}),
    taskList: { tick: async (payload) => handle((payload as { id: string }).id) },
  });
  return {
    // The job key is what makes a redelivered event no second job.
    add: (id) => runner.addJob('tick', { id }, { jobKey: id, maxAttempts: 5 }),
    open: async () => Number((await pool.query<{ n: string }>(`SELECT count(*) AS n FROM graphile_worker.jobs WHERE task_identifier = 'tick'`)).rows[0]?.n),
    addBacklog: (jobs) => pool.query(`SELECT graphile_worker.add_job('backlog', json_build_object('n', n)) FROM generate_series(1, $1::int) n`, [jobs]),
  };
}

async function bullmq(): Promise<Wired> {
  const connection = { host: '127.0.0.1', port: order.redisPort, maxRetriesPerRequest: null };
  const queue = new Queue('tick', { connection });
  const backlog = new Queue('backlog', { connection });
  const worker = new Worker<{ id: string }>('tick', async ({ data }) => handle(data.id), { connection, concurrency, removeOnComplete: { count: 1_000 } });
  await worker.waitUntilReady();
  return {
    add: (id) => queue.add('tick', { id }, { jobId: id, attempts: 5 }),
    open: async () => {
      const { active = 0, waiting = 0 } = await queue.getJobCounts('active', 'waiting');
      return active + waiting;
    },
    addBacklog: async (jobs) => {
      for (let left = jobs; left > 0; left -= 5_000) await backlog.addBulk(Array.from({ length: Math.min(left, 5_000) }, (_, n) => ({ name: 'n', data: { n } })));
    },
  };
}

/** Only with those that keep their jobs in Postgres is there one. */
async function settlePostgres(): Promise<void> {
  if (!order.postgres) return;
  const client = new pg.Client({ connectionString: order.postgres });
  await client.connect();
  await settle(client);
  await client.end();
}

/** By hand: take messages, enqueue each, acknowledge it then; as many under way as handlers. */
async function followBus(wired: Wired): Promise<void> {
  const connection = await connect({ servers: new URL(order.natsUrl).host, authenticator: nkeyAuthenticator(new TextEncoder().encode(order.natsSeed)) });
  await (await jetstreamManager(connection)).consumers.add('ticks', { durable_name: 'worker', ack_policy: AckPolicy.Explicit, max_ack_pending: concurrency });
  const consumer = await jetstream(connection).consumers.get('ticks', 'worker');
  await consumer.consume({
    max_messages: 500,
    callback: (message) => {
      void wired.add(message.json<{ id: string }>().id).then(() => message.ack(), (error: unknown) => process.stderr.write(`${String(error)}\n`));
    },
  });
}

const wired = await { 'pg-boss': pgBoss, 'graphile-worker': graphile, bullmq }[order.kind]();
if (order.natsUrl) await followBus(wired);
process.on('message', (message: ToWorker) => {
  if (message.type === 'send') void wired.add(message.id).then(() => tell({ type: 'sent', id: message.id, storedMs: nowMs() }));
  else if (message.type === 'open?') void wired.open().then((jobs) => tell({ type: 'open', jobs }));
  else void wired.addBacklog(message.jobs).then(settlePostgres).then(() => tell({ type: 'backlog' }));
});
tell({ type: 'ready' });
