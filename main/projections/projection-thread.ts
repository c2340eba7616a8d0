/** The worker thread of the projection: one writes, one reads (`workerData.role`). */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { EventFilter } from '../../shared/operator-api/index.ts';
import type { ReadLedgerEntry } from '../job-queue/ledger.ts';
import type { ProjectionQueries } from './projection-queries.ts';
import { DAMAGED, isDamage, openForReading, openForWriting } from './projection-store.ts';
import type { ProjectedEvent } from './projection-writer.ts';

const { role, file } = workerData as { role: 'write' | 'read'; file: string };

/** Of a process's own threads, in the sense of nice(2): 0 is as all others, 19 is last. */
const LOWER_PRIORITY = 10;

function writerThread(path: string) {
  // The view may lag when the machine is full; the work it tells of may not. Only Linux sets the priority of a single thread.
  if (process.platform === 'linux') setPriority(0, LOWER_PRIORITY);
  const { writer, rebuilt, close } = openForWriting(path);
  return {
    rebuilt: () => rebuilt,
    position: () => writer.position(),
    applyEvents: (events: ProjectedEvent[], lastSeq: number) => guarded(() => writer.applyEvents(events, lastSeq)),
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
  const { queries, close } = openForReading(path);
  /** Methods by name: comlink does not reach into the prototype of what it exposes through a spread. */
  return {
    events: (filter: EventFilter, beforeSeq: number | null, limit: number) => queries.events(filter, beforeSeq, limit),
    event: (id: string) => queries.event(id),
    effectsOf: (id: string) => queries.effectsOf(id),
    jobs: (...given: Parameters<ProjectionQueries['jobs']>) => queries.jobs(...given),
    job: (id: string) => queries.job(id),
    trace: (id: string) => queries.trace(id),
    traceSummary: (id: string) => queries.traceSummary(id),
    recentTraces: (...given: Parameters<ProjectionQueries['recentTraces']>) => queries.recentTraces(...given),
    searchTraces: (query: string, limit: number) => queries.searchTraces(query, limit),
    rates: (sinceMs: number, bucketMs: number) => queries.rates(sinceMs, bucketMs),
    tierWindow: (...given: Parameters<ProjectionQueries['tierWindow']>) => queries.tierWindow(...given),
    tierSeries: (...given: Parameters<ProjectionQueries['tierSeries']>) => queries.tierSeries(...given),
    jobCounts: () => queries.jobCounts(),
    totals: () => queries.totals(),
    names: () => queries.names(),
    close,
  };
}

export type WriterThread = ReturnType<typeof writerThread>;
export type ReaderThread = ReturnType<typeof readerThread>;


if (parentPort) expose(role === 'write' ? writerThread(file) : readerThread(file), nodeEndpoint(parentPort));
