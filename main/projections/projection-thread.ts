/** A worker thread of the projection: one writes, one reads, one keeps the text index (`workerData.role`). */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { ReadLedgerEntry } from '../job-queue/ledger.ts';
import type { ProjectionQueries } from './projection-queries.ts';
import type { TierQueries } from './tier-queries.ts';
import type { TraceQuery } from '../../shared/trace-query.ts';
import { deleteProjection, isDamage } from './database-file.ts';
import { DAMAGED, openForReading, openForWriting } from './projection-store.ts';
import type { RowSearch } from './row-search.ts';
import type { ProjectedEvent, ProjectedSetAside } from './projection-writer.ts';
import type { Tally } from './tallies.ts';
import type { TallyQueries } from './tally-queries.ts';
import { TextIndex } from './text-index.ts';
import type { TraceSearchOptions } from './trace-search.ts';

const { role, file } = workerData as { role: 'write' | 'read' | 'text'; file: string };

/** The text index takes this much at a time, and looks this often whether there is more, ms: a search waits for one step at most. */
const TEXT_STEP = 200;
const TEXT_EVERY_MS = 250;

/** Of a process's own threads, in the sense of nice(2): 0 is as all others, 19 is last. */
const LOWER_PRIORITY = 10;
const LOWEST_PRIORITY = 19;

function writerThread(path: string) {
  // The view may lag when the machine is full; the work it tells of may not. Only Linux sets the priority of a single thread.
  if (process.platform === 'linux') setPriority(0, LOWER_PRIORITY);
  const { writer, rebuilt, close } = openForWriting(path);
  return {
    rebuilt: () => rebuilt,
    position: () => writer.position(),
    applyEvents: (events: ProjectedEvent[], setAside: ProjectedSetAside[], lastSeq: number, tallies: Tally[]) => guarded(() => writer.applyEvents(events, setAside, lastSeq, tallies)),
    applyLedger: (entries: ReadLedgerEntry[]) => guarded(() => writer.applyLedger(entries)),
    prune: (beforeMs: number, max: number) => guarded(() => writer.prune(beforeMs, max)),
    close,
  };
}

/** Errors lose their class and code between threads: say damage in a way that survives. */
function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isDamage(error)) throw new Error(`${DAMAGED}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    throw error;
  }
}

function readerThread(path: string) {
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

function textThread(path: string) {
  if (process.platform === 'linux') setPriority(0, LOWEST_PRIORITY);
  let index = new TextIndex(path, `${path}.text`);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const step = (): void => {
    if (stopped) return;
    let more = false;
    try {
      more = index.advance(TEXT_STEP);
    } catch (error) {
      // A full disk may pass; a damaged index is begun anew. A damaged read model is noticed by who writes it, and ends this thread.
      if (isDamage(error)) index = startAnew(index);
    }
    timer = setTimeout(step, more ? 0 : TEXT_EVERY_MS);
  };
  const startAnew = (damaged: TextIndex): TextIndex => {
    try {
      damaged.close();
      deleteProjection(`${path}.text`);
      return new TextIndex(path, `${path}.text`);
    } catch {
      return damaged;
    }
  };
  step();
  return {
    events: (...given: Parameters<TextIndex['events']>) => index.events(...given),
    failures: (tokens: string[], max: number) => index.failures(tokens, max),
    jobs: (...given: Parameters<TextIndex['jobs']>) => index.jobs(...given),
    close() {
      stopped = true;
      clearTimeout(timer);
      index.close();
    },
  };
}

export type WriterThread = ReturnType<typeof writerThread>;
export type ReaderThread = ReturnType<typeof readerThread>;
export type TextThread = ReturnType<typeof textThread>;

if (parentPort) expose({ write: writerThread, read: readerThread, text: textThread }[role](file), nodeEndpoint(parentPort));
