/**
 * Published → handler started, as the site itself measures it: from the time at which JetStream stored the event (durably,
 * sync_interval: always) to the start of the handler, read back from the ledger. Load comes from another process.
 */
import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import { createEvent } from '../shared/envelope.ts';
import { natsClient, sqlClient } from '../tests/support/site-clients.ts';
import { eventually, SiteProcess } from '../tests/support/site-process.ts';

export interface LatencyResult {
  readonly scenario: string;
  readonly events: number;
  /** What was really published, per second. */
  readonly ratePerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Published → job.Completed on the bus, jobs per second, while the load ran and until it was all done. */
  readonly donePerSecond: number;
}

interface Scenario {
  readonly name: string;
  /** Null publishes as fast as the bus acknowledges. */
  readonly perSecond: number | null;
  readonly events: number;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'idle (10/s)', perSecond: 10, events: 100 },
  { name: '200/s', perSecond: 200, events: 4_000 },
  { name: '1,000/s', perSecond: 1_000, events: 10_000 },
  { name: 'flat out', perSecond: null, events: 10_000 },
];

/** Run all scenarios on one fresh site, after a warm-up that is not counted. */
export async function measureRealtimeLatency(onResult: (result: LatencyResult) => void): Promise<void> {
  const site = new SiteProcess();
  try {
    await site.start();
    await runScenario(site, { name: 'warm-up', perSecond: 200, events: 1_000 });
    for (const scenario of SCENARIOS) onResult(await runScenario(site, scenario));
  } finally {
    await site.dispose();
  }
}

async function runScenario(site: SiteProcess, scenario: Scenario): Promise<LatencyResult> {
  const connection = await natsClient(site);
  const client = jetstream(connection);
  const sql = await sqlClient(site);
  const source = `bench.${scenario.name}`;
  const ids: string[] = [];
  const from = performance.now();
  await (scenario.perSecond === null ? publishFlatOut(client, source, scenario.events, ids) : publishPaced(client, source, scenario, ids));
  const publishedIn = performance.now() - from;
  const ended = await eventually('all jobs to end', async () => {
    const { rows } = await sql.query<{ n: string }>(
      `SELECT count(*) AS n FROM spine.job_ledger e JOIN spine.job_ledger c ON c.job_id = e.job_id AND c.kind = 'completed'
       WHERE e.kind = 'enqueued' AND (e.detail->>'triggeringEventId')::uuid = ANY($1::uuid[])`,
      [ids],
    );
    const { rows: outbox } = await sql.query<{ n: string }>('SELECT count(*) AS n FROM spine.outbox');
    return Number(rows[0]?.n) === ids.length && Number(outbox[0]?.n) === 0 && performance.now() - from;
  }, 120_000);
  const { rows } = await sql.query<{ ms: number }>(
    `SELECT (c.detail->>'startedMs')::float8 - (e.detail->>'publishedMs')::float8 AS ms FROM spine.job_ledger e
     JOIN spine.job_ledger c ON c.job_id = e.job_id AND c.kind = 'completed'
     WHERE e.kind = 'enqueued' AND (e.detail->>'triggeringEventId')::uuid = ANY($1::uuid[]) ORDER BY 1`,
    [ids],
  );
  await sql.end();
  await connection.close();
  const at = (share: number): number => rows[Math.min(rows.length - 1, Math.ceil(share * rows.length) - 1)]?.ms ?? Number.NaN;
  return {
    scenario: scenario.name, events: ids.length, ratePerSecond: ids.length / (publishedIn / 1_000),
    p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1), donePerSecond: ids.length / (ended / 1_000),
  };
}

const bytesOf = (source: string, ids: string[]): { subject: string; body: string; id: string } => {
  const event = createEvent({ eventType: 'connector.LocationUpdated', source, data: { subject: 'van-7', latitude: 52.52, longitude: 13.405 } });
  ids.push(event.eventId);
  return { subject: event.eventType, body: JSON.stringify(event), id: event.eventId };
};

async function publishPaced(client: JetStreamClient, source: string, { perSecond, events }: Scenario, ids: string[]): Promise<void> {
  const pending: Promise<unknown>[] = [];
  const from = performance.now();
  while (ids.length < events) {
    const due = Math.min(events, Math.floor(((performance.now() - from) / 1_000) * (perSecond ?? 1)) + 1);
    while (ids.length < due) {
      const { subject, body, id } = bytesOf(source, ids);
      pending.push(client.publish(subject, body, { msgID: id, timeout: 30_000 }));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
}

async function publishFlatOut(client: JetStreamClient, source: string, events: number, ids: string[]): Promise<void> {
  const one = async (): Promise<void> => {
    while (ids.length < events) {
      const { subject, body, id } = bytesOf(source, ids);
      await client.publish(subject, body, { msgID: id, timeout: 30_000 });
    }
  };
  await Promise.all(Array.from({ length: 64 }, one));
}
