/** Answers that put several reads together, and the live ones. */
import type { EventDetail, JobDetail, LatencyHistogram, QueueStatus, SiteStatus, TierSummary } from '../../shared/operator-api/index.ts';
import type { LatencyPoint } from '../../shared/operator-api/tiers-contract.ts';
import { NotFoundError } from '../../shared/errors.ts';
import { type Tier, TIER_PROMISES } from '../../shared/tiers.ts';
import { changedConcurrencies, pausedQueues } from '../job-queue/queue-control.ts';
import type { OperatorServices } from './services.ts';

const STATUS_EVERY_MS = 1_000;
/** Rates of queues are taken over these whole minutes and the one that runs, ms. */
const RATES_OVER_MS = 240_000;
/** Points of a chart. */
const POINTS = 180;

/** A status at once, then one a second. */
export async function* watchSite(services: OperatorServices, signal: AbortSignal): AsyncGenerator<SiteStatus, void> {
  while (!signal.aborted) {
    const next = performance.now() + STATUS_EVERY_MS;
    yield await services.monitor.status();
    await pause(next - performance.now(), signal);
  }
}

/** Wait, or until the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}

export async function eventDetail(services: OperatorServices, eventId: string): Promise<EventDetail> {
  const { read } = services.projection;
  const found = await read.event(eventId);
  if (!found) throw new NotFoundError('event', eventId);
  const { row, body } = found;
  const [message, effects, cause, job] = await Promise.all([
    // Headers are on the bus only; once its retention has taken the event, the view has the body alone.
    services.bus.read(row.seq).catch(() => null),
    read.effectsOf(eventId),
    row.causationId === null ? null : read.event(row.causationId),
    row.jobId === null ? null : read.job(row.jobId),
  ]);
  return {
    row,
    envelope: JSON.parse(body) as Record<string, unknown>,
    headers: (message?.headers ?? []).map(([name, value]) => ({ name, value })),
    bytes: Buffer.byteLength(body),
    description: services.events.get(row.eventType, row.eventVersion)?.description ?? null,
    causedBy: { event: cause?.row ?? null, job: job?.job ?? null },
    ...effects,
  };
}

export async function jobDetail(services: OperatorServices, jobId: string): Promise<JobDetail> {
  const found = await services.projection.read.job(jobId);
  if (!found) throw new NotFoundError('job', jobId);
  const definition = services.jobs.get(found.job.jobType);
  return {
    job: found.job,
    input: JSON.parse(found.input) as unknown,
    progress: services.workers?.progressOf(jobId) ?? null,
    definition: definition ? { description: definition.description, replaySafety: definition.replaySafety, maxAttempts: definition.retry.maxAttempts, timeoutMs: definition.timeoutMs } : null,
  };
}

export async function tierLatency(services: OperatorServices, tier: Tier, rangeMs: number): Promise<{ bucketMs: number; points: LatencyPoint[]; summary: TierSummary }> {
  const bucketMs = Math.max(10_000, Math.ceil(rangeMs / POINTS / 10_000) * 10_000);
  const [points, summary] = await Promise.all([services.projection.read.tierSeries(tier, Date.now() - rangeMs, bucketMs), services.monitor.tierSummary(tier, rangeMs)]);
  return { bucketMs, points, summary };
}

export async function tierHistogram(services: OperatorServices, tier: Tier, rangeMs: number): Promise<LatencyHistogram> {
  const sinceMs = Date.now() - rangeMs;
  return { tier, targetMs: TIER_PROMISES[tier].targetMs, sinceMs, measures: await services.projection.read.tierHistogram(tier, sinceMs) };
}

export async function queueStatus(services: OperatorServices): Promise<{ measuredMs: number; queues: QueueStatus[] }> {
  const measuredMs = Date.now();
  const { read } = services.projection;
  const [counts, rates, paused, changed] = await Promise.all([read.jobCounts(), read.queueRates(measuredMs - RATES_OVER_MS), pausedQueues(services.database.intake), changedConcurrencies(services.database.intake)]);
  const minutes = RATES_OVER_MS / 60_000 + (measuredMs % 60_000) / 60_000;
  const workers = new Map(services.workers?.status().map((status) => [status.queue, status]));
  return {
    measuredMs,
    queues: services.jobs.queues().map(({ name: queue, tier, jobTypes }) => {
      const ofQueue = counts.filter((row) => row.queue === queue);
      const count = (state: string): number => ofQueue.filter((row) => row.state === state).reduce((sum, row) => sum + row.count, 0);
      const oldest = ofQueue.flatMap(({ oldestMs }) => (oldestMs === null ? [] : [oldestMs]));
      const change = changed.find((row) => row.queue === queue);
      const rate = rates.find((row) => row.queue === queue) ?? { enqueued: 0, completed: 0, failed: 0, dead: 0 };
      const pause = paused.find((row) => row.queue === queue);
      return {
        queue, tier,
        waiting: count('waiting'),
        deferred: count('retrying'),
        running: count('running'),
        oldestMs: oldest.length > 0 ? Math.max(0, measuredMs - Math.min(...oldest)) : null,
        concurrency: workers.get(queue)?.concurrency ?? 0,
        concurrencyChanged: change ? { configured: services.config.workers[tier], operator: change.operator, reason: change.reason, sinceMs: change.sinceMs } : null,
        jobTypes: [...jobTypes],
        perMinute: { enqueued: rate.enqueued / minutes, completed: rate.completed / minutes, failed: rate.failed / minutes, dead: rate.dead / minutes },
        paused: pause ? { operator: pause.operator, reason: pause.reason, sinceMs: pause.sinceMs } : null,
        givesWay: workers.get(queue)?.givesWay ?? false,
        completedTotal: count('completed'),
      };
    }),
  };
}
