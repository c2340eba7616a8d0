/** The thread of the projection that answers questions. */
import type { TraceQuery } from '../../shared/trace-query.ts';
import type { ProjectionQueries } from './projection-queries.ts';
import { guarded, openForReading } from './projection-store.ts';
import type { RowSearch } from './row-search.ts';
import type { TallyQueries } from './tally-queries.ts';
import type { TierQueries } from './tier-queries.ts';
import type { TraceSearchOptions } from './trace-search.ts';

export function readerThread(path: string) {
  const { queries, rows, tiers, tallies, search, close } = openForReading(path);
  /** Methods by name: comlink does not reach into the prototype of what it exposes through a spread. */
  const methods = {
    events: (...given: Parameters<RowSearch['events']>) => rows.events(...given),
    eventsAmong: (...given: Parameters<RowSearch['eventsAmong']>) => rows.eventsAmong(...given),
    jobsAmong: (...given: Parameters<RowSearch['jobsAmong']>) => rows.jobsAmong(...given),
    event: (id: string) => queries.event(id),
    entityEvents: (jobIds: readonly string[]) => queries.entityEvents(jobIds),
    effectsOf: (id: string) => queries.effectsOf(id),
    jobs: (...given: Parameters<RowSearch['jobs']>) => rows.jobs(...given),
    audit: (...given: Parameters<ProjectionQueries['audit']>) => queries.audit(...given),
    job: (id: string) => queries.job(id),
    trace: (id: string) => queries.trace(id),
    packedTrace: (id: string) => queries.packedTrace(id),
    bodies: (...given: Parameters<ProjectionQueries['bodies']>) => queries.bodies(...given),
    setAsideOf: (id: string) => queries.setAsideOf(id),
    traceSummary: (id: string) => queries.traceSummary(id),
    recentTraces: (...given: Parameters<ProjectionQueries['recentTraces']>) => queries.recentTraces(...given),
    searchTraces: (query: TraceQuery, options: TraceSearchOptions) => search.find(query, options),
    rates: (sinceMs: number, bucketMs: number) => queries.rates(sinceMs, bucketMs),
    tierWindow: (...given: Parameters<TierQueries['window']>) => tiers.window(...given),
    tierSeries: (...given: Parameters<TierQueries['series']>) => tiers.series(...given),
    tierHistogram: (...given: Parameters<TierQueries['histogram']>) => tiers.histogram(...given),
    budgetUse: (...given: Parameters<TierQueries['budgetUse']>) => tiers.budgetUse(...given),
    queueRates: (...given: Parameters<TierQueries['queueRates']>) => tiers.queueRates(...given),
    flowMap: (maxEvents: number) => tiers.flowMap(maxEvents),
    jobCounts: () => queries.jobCounts(),
    totals: () => queries.totals(),
    names: () => queries.names(),
    tallies: (...given: Parameters<TallyQueries['sums']>) => tallies.sums(...given),
    close,
  };
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, (...given: unknown[]) => guarded(() => (method as (...all: unknown[]) => unknown)(...given))])) as typeof methods;
}

export type ReaderThread = ReturnType<typeof readerThread>;
