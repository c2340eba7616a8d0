/** Routing on a real Postgres: any order, any repetition, any split into batches, and failures in between → the same jobs, once. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEvent, type Envelope } from '../../shared/envelope.ts';
import { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import type { Delivery, DeliverySource, EventBus } from '../event-bus/event-bus.ts';
import type { JobQueue } from '../job-queue/job-queue.ts';
import { SpanRecorder } from '../telemetry/spans.ts';
import { NO_WORKERS } from '../job-queue/worker-slots.ts';
import { Routing } from './route-events.ts';

const events = new EventCatalogue();
const jobs = new JobCatalogue();
const examples = events.all();
let db: TestDatabase;
let seq = 0;

beforeAll(async () => {
  db = await startTestDatabase();
  for (const { name, tier } of jobs.queues()) await db.queue.ensureQueue(name, tier);
});
afterAll(() => db?.stop());

/** A source that gives batches of its own making, and takes back what is to be delivered again. */
class ScriptedDeliveries implements DeliverySource {
  readonly allAcknowledged: Promise<void>;
  readonly #batches: Envelope[][];
  #open = 0;
  #done: () => void = () => {};
  #wake: () => void = () => {};
  #closed = false;

  constructor(batches: Envelope[][]) {
    this.#batches = batches;
    this.#open = batches.flat().length;
    this.allAcknowledged = new Promise((resolve) => {
      this.#done = resolve;
    });
  }
  get buffered(): number {
    return this.#batches.length;
  }
  async nextBatch(): Promise<Delivery[]> {
    while (this.#batches.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return (this.#batches.shift() ?? []).map((event) => this.#delivery(event));
  }
  async hold(): Promise<void> {}
  async resume(): Promise<void> {}
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
  }

  #delivery(event: Envelope): Delivery {
    seq += 1;
    return {
      seq, subject: event.eventType, headers: [], body: new TextEncoder().encode(JSON.stringify(event)), storedMs: Date.now(),
      ack: () => {
        this.#open -= 1;
        if (this.#open === 0) this.#done();
      },
      retryLater: () => {
        this.#batches.push([event]);
        this.#wake();
      },
    };
  }
}

/** Fails the transactions with these numbers after their jobs are inserted, as a connection that breaks does. */
function breaking(queue: JobQueue, failing: ReadonlySet<number>): JobQueue {
  let calls = 0;
  return {
    ...queue,
    async enqueueStatements(newJobs) {
      calls += 1;
      const broken = failing.has(calls) ? [{ text: `SELECT spine.expect(0, 1, 'the connection broke before the commit')` }] : [];
      return [...(await queue.enqueueStatements(newJobs)), ...broken];
    },
    async enqueue(sql, newJobs) {
      await queue.enqueue(sql, newJobs);
      calls += 1;
      if (failing.has(calls)) throw new Error('the connection broke before the commit');
    },
  };
}

function routingOf(source: DeliverySource, failing: ReadonlySet<number>): Routing {
  return new Routing({
    // Of the bus, routing uses the deliveries only.
    bus: { deliveries: async () => source } as unknown as EventBus,
    durablePool: db.database.intake, pool: db.database.work, onDisk: db.database.onDisk, queue: breaking(db.queue, failing), jobs, spans: new SpanRecorder(), source: 'test',
    events, subjects: jobs.routedSubjects(['connector', 'communication', 'data', 'rule', 'job', 'ai', 'system']), slots: NO_WORKERS,
    onRouted: () => {}, onDurable: () => {}, onError: () => {},
  });
}

async function route(batches: Envelope[][], failing: ReadonlySet<number>): Promise<void> {
  const source = new ScriptedDeliveries(batches);
  const routing = routingOf(source, failing);
  await routing.start();
  await source.allAcknowledged;
  await routing.stop();
}

const column = async (text: string, ids: readonly string[]): Promise<string[]> => (await db.database.intake.query<{ id: string }>(text, [ids])).rows.map(({ id }) => id).sort();

/** Cut a list at the given places. */
function split<Item>(list: readonly Item[], cuts: readonly number[]): Item[][] {
  const places = [0, ...new Set(cuts.map((cut) => cut % (list.length + 1))), list.length].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => list.slice(places[index], end)).filter((batch) => batch.length > 0);
}

test('any order, any repetition, any split into batches and any failed commit: the same jobs with the same ids, once', async () => {
  const plan = fc.record({
    types: fc.array(fc.constantFrom(...examples), { minLength: 1, maxLength: 12 }),
    /** Which event comes when: each at least once. */
    again: fc.array(fc.nat(), { maxLength: 24 }),
    order: fc.array(fc.nat(), { minLength: 36, maxLength: 36 }),
    cuts: fc.array(fc.nat(), { maxLength: 10 }),
    failing: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ types, again, order, cuts, failing }) => {
      const published = types.map(({ type, version, example }) => createEvent({ eventType: type, eventVersion: version, source: 'test', data: example as Record<string, unknown> }));
      const repeated = [...published, ...again.flatMap((n) => published[n % published.length] ?? [])];
      const delivered = repeated.map((event, index) => ({ event, at: order[index] ?? 0 })).sort((a, b) => a.at - b.at).map(({ event }) => event);
      await route(split(delivered, cuts), new Set(failing));

      const eventIds = published.map(({ eventId }) => eventId);
      const owed = published.flatMap((event) => jobs.owedBy(event).map(({ id }) => id)).sort();
      expect(await column('SELECT event_id AS id FROM spine.inbox WHERE event_id = ANY($1::uuid[])', eventIds)).toEqual([...eventIds].sort());
      expect(await column(`SELECT id FROM pgboss.job WHERE data->>'triggeringEventId' = ANY($1::text[])`, eventIds)).toEqual(owed);
      expect(await column(`SELECT job_id AS id FROM spine.job_ledger WHERE kind = 'enqueued' AND detail->>'triggeringEventId' = ANY($1::text[])`, eventIds)).toEqual(owed);
      expect(await column(`SELECT body::jsonb->>'jobId' AS id FROM spine.outbox WHERE event_type = 'job.Enqueued' AND body::jsonb->>'causationId' = ANY($1::text[])`, eventIds)).toEqual(owed);
    }),
    { numRuns: 60 },
  );
});

test('an event is routed beside a batch whose commit has to wait', async () => {
  const owing = examples.find(({ type, version, example }) => jobs.owedBy(createEvent({ eventType: type, eventVersion: version, source: 'test', data: example as Record<string, unknown> })).length > 0);
  if (!owing) throw new Error('no event of the catalogue owes a job');
  const [slow, quick] = [0, 1].map(() => createEvent({ eventType: owing.type, eventVersion: owing.version, source: 'test', data: owing.example as Record<string, unknown> }));
  if (!slow || !quick) throw new Error('unreachable');
  const inbox = (ids: string[]): Promise<string[]> => column('SELECT event_id AS id FROM spine.inbox WHERE event_id = ANY($1::uuid[])', ids);
  const blocker = await db.database.connect();
  const source = new ScriptedDeliveries([[slow], [quick]]);
  const routing = routingOf(source, new Set());
  try {
    // Whoever enters the same event waits for the end of this transaction.
    await blocker.query('BEGIN');
    await blocker.query(`INSERT INTO spine.inbox (event_id, event_type, stream_seq, owed) VALUES ($1, 'a.B', 1, 0)`, [slow.eventId]);
    await routing.start();
    await expect.poll(() => inbox([quick.eventId])).toEqual([quick.eventId]);
    expect(await inbox([slow.eventId])).toEqual([]);
    await blocker.query('ROLLBACK');
    await source.allAcknowledged;
    expect(await inbox([slow.eventId])).toEqual([slow.eventId]);
  } finally {
    await blocker.end();
    await routing.stop();
  }
});
