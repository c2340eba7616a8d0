/** Traces as the operator API gives them: what the view has, and what only Postgres knows of routing, put together. */
import { ConfigError, NotFoundError } from '../../shared/errors.ts';
import type { PackedTrace, RoutedAs, SetAsideInTrace, Trace, TraceSearchResult } from '../../shared/operator-api/index.ts';
import { parseTraceQuery } from '../../shared/trace-query.ts';
import type { OperatorServices } from './services.ts';
import { pause } from './views.ts';

/** A trace that grows is sent again no more often than this, ms… */
const TRACE_EVERY_MS = 100;
/** …and a large one takes no more than this share of the time. */
const BUSY_SHARE = 0.2;
/** A change that is only known to Postgres (that an event was routed to nothing) is looked for this often, ms. */
const LOOK_AGAIN_MS = 1_000;

/** @throws NotFoundError if nothing is known of it. */
export async function traceOf(services: OperatorServices, correlationId: string): Promise<Trace> {
  const { jobless, setAside, ...trace } = await services.projection.read.trace(correlationId);
  if (trace.events.length + trace.jobs.length + setAside.length === 0) throw new NotFoundError('trace', correlationId);
  const [routed, failedTriggers] = await Promise.all([routedAs(services, jobless), triggersThatFailed(services, jobless)]);
  return { correlationId, ...trace, setAside: merged(setAside, failedTriggers), routed, measuredMs: Date.now() };
}

/** The trace at once, and again when it has grown. A trace that is not there yet is waited for. */
export async function* watchTrace(services: OperatorServices, correlationId: string, signal: AbortSignal): AsyncGenerator<PackedTrace, void> {
  let last: string | null = null;
  let unrouted = false;
  while (!signal.aborted) {
    const began = performance.now();
    // The summary is one row: it tells whether the whole must be read again.
    const summary = JSON.stringify(await services.projection.read.traceSummary(correlationId));
    if (summary !== last || unrouted) {
      const { jobless, setAside, nodes: _nodes, ...packed } = await services.projection.read.packedTrace(correlationId);
      const [routed, failedTriggers] = await Promise.all([routedAs(services, jobless), triggersThatFailed(services, jobless)]);
      const stillUnrouted = routed.some(({ owed }) => owed === null);
      if (summary !== last || !stillUnrouted) yield { correlationId, ...packed, setAside: merged(setAside, failedTriggers), routed, measuredMs: Date.now() };
      last = summary;
      unrouted = stillUnrouted;
    }
    const tookMs = performance.now() - began;
    await services.nextChange(LOOK_AGAIN_MS, signal);
    await pause(Math.max(TRACE_EVERY_MS, tookMs / BUSY_SHARE) - (performance.now() - began), signal);
  }
}

export async function searchTraces(services: OperatorServices, input: { query: string; order: 'recent' | 'slowest'; limit: number }, signal?: AbortSignal): Promise<TraceSearchResult> {
  const from = performance.now();
  const { query, problem } = parseTraceQuery(input.query, Date.now());
  if (query === null) throw new ConfigError('query', problem, 'words, ids and filters such as type:rule.* took:>2s');
  const found = await services.projection.searchTraces(query, input.order, input.limit, signal);
  return { ...found, tookMs: performance.now() - from };
}

/** What the inbox has of these events. While Postgres is away nothing is said of them. */
export async function routedAs({ database }: Pick<OperatorServices, 'database'>, eventIds: readonly string[]): Promise<RoutedAs[]> {
  if (eventIds.length === 0) return [];
  try {
    const { rows } = await database.intake.query<{ event_id: string; owed: number }>('SELECT event_id, owed FROM spine.inbox WHERE event_id = ANY($1::uuid[])', [eventIds]);
    const owed = new Map(rows.map((row) => [row.event_id, row.owed]));
    return eventIds.map((eventId) => ({ eventId, owed: owed.get(eventId) ?? null }));
  } catch {
    return [];
  }
}

/** Valid events whose trigger threw: routing alone knows that they were set aside. */
async function triggersThatFailed({ database, projection }: Pick<OperatorServices, 'database' | 'projection'>, eventIds: readonly string[]): Promise<SetAsideInTrace[]> {
  if (eventIds.length === 0) return [];
  try {
    const { rows } = await database.intake.query<{ seq: string; stored: number; subject: string; problem: string; event_id: string }>(
      `SELECT stream_seq AS seq, extract(epoch FROM stored_at)::float8 * 1000 AS stored, subject, problem, convert_from(body, 'UTF8')::jsonb ->> 'eventId' AS event_id
       FROM spine.set_aside WHERE reason = 'trigger-failed' ORDER BY id DESC LIMIT 1000`,
    );
    const ours = new Set(eventIds);
    const found = rows.filter(({ event_id }) => ours.has(event_id));
    return await Promise.all(
      found.map(async ({ seq, stored, subject, problem, event_id }) => {
        const event = (await projection.read.event(event_id))?.row;
        return { seq: Number(seq), storedMs: stored, subject, reason: 'trigger-failed', problem, eventId: event_id, causationId: event?.causationId ?? null, jobId: event?.jobId ?? null };
      }),
    );
  } catch {
    return [];
  }
}

function merged(a: readonly SetAsideInTrace[], b: readonly SetAsideInTrace[]): SetAsideInTrace[] {
  return [...new Map([...a, ...b].map((message) => [message.seq, message])).values()].sort((x, y) => x.seq - y.seq);
}
