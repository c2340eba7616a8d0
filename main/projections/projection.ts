/**
 * The projection: follows bus and ledger into SQLite, and answers questions about them. It writes to neither.
 *
 * Deleting the file rebuilds it; so does damage, another schema version, or a stream that was made anew.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Remote, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type pg from 'pg';
import { messageOf } from '../../shared/errors.ts';
import type { EventFilter, EventRow, JobFilter, JobRow, TraceSearchResult } from '../../shared/operator-api/index.ts';
import { asksForPayload, payloadTokens, tokensOf } from '../../shared/payload-query.ts';
import type { TraceQuery } from '../../shared/trace-query.ts';
import type { EventBus, Follower, StoredMessage } from '../event-bus/event-bus.ts';
import type { OnDisk } from '../database/on-disk.ts';
import { type LedgerPosition, readLedger } from '../job-queue/ledger.ts';
import type { EventReader } from '../routing/event-reader.ts';
import type { SetAside } from '../routing/inbox.ts';
import { Wakeable } from '../wakeable.ts';
import { eventRowOf } from './event-row.ts';
import { BatchedWrites } from './batched-writes.ts';
import { deleteProjection } from './database-file.ts';
import type { ReaderThread, TextThread, WriterThread } from './projection-thread.ts';
import { DAMAGED } from './projection-store.ts';
import type { ProjectedEvent, ProjectedSetAside } from './projection-writer.ts';
import type { FoundPage } from './row-search.ts';
import { setAsideRowOf } from './set-aside-row.ts';
import { type TalliedEvent, tally, type Tally } from './tallies.ts';

const EVENT_BATCH = 500;
/** Events that may wait for the writer: larger transactions touch fewer pages an event. */
const MOST_WAITING = 8_000;
const LEDGER_BATCH = 2_000;
/** Backstop for ledger entries of other processes, ms. */
const LEDGER_POLL_MS = 500;
const AWAY_MS = 500;
/**
 * Between two transactions, ms: so that a trickle of events costs one now and then and not one each. Each writes every page
 * that it touches once more, to the log and at a checkpoint, and the disk is what the work itself waits for: at 1,000 jobs/s
 * one each 25 ms wrote 110 MB/s and held up everybody's fsync. So a busy feed gathers for longer, by the size of its batches.
 */
const GATHER_MS = { least: 25, most: 250 } as const;
/** Beyond it a transaction gains nothing by being larger. */
const LARGE_BATCH = 1_000;
const PRUNE_EVERY_MS = 600_000;
/** What the text index finds is looked at again, up to this many. */
const TEXT_CANDIDATES = 5_000;
const decoder = new TextDecoder();

export interface ProjectionOptions {
  readonly file: string;
  readonly bus: EventBus;
  readonly pool: pg.Pool;
  readonly onDisk: OnDisk;
  readonly reader: EventReader;
  /** What is older is deleted from the view, ms; null keeps all. Asked anew each time: an operator may change it. */
  readonly retentionMs: () => number | null;
  /** Messages that are no valid event. They are not in the view; the position does not pass them before this resolves. */
  readonly onRefused: (refused: readonly SetAside[]) => Promise<void>;
  /** Every batch of messages as it arrives, before it is in SQLite. `total` counts those that were no events too. */
  readonly onEvents: (events: readonly ProjectedEvent[], total: number) => void;
  /** The view has changed. */
  readonly onApplied: () => void;
  readonly onRebuild: (why: string) => void;
  readonly onError: (error: unknown) => void;
}

/** What a batch of messages came to. */
interface ReadBatch {
  readonly events: ProjectedEvent[];
  readonly setAside: ProjectedSetAside[];
  readonly tallies: Tally[];
  /** Sequence of its last message. */
  readonly seq: number;
}

interface Threads {
  readonly workers: readonly Worker[];
  readonly write: Remote<WriterThread>;
  /** Damage that a reader meets begins the view anew. */
  readonly read: Remote<ReaderThread>;
  readonly text: Remote<TextThread>;
}

export class Projection {
  readonly #options: ProjectionOptions;
  readonly #ledgerGrew = new Wakeable();
  #threads: Threads | null = null;
  #follower: Follower | null = null;
  #loops: Promise<unknown> = Promise.resolve();
  #lastSeq = 0;
  #readSeq = 0;
  #stopping = false;
  #searching: Promise<void> = Promise.resolve();
  #rebuilding: Promise<void> | null = null;
  #pruning: NodeJS.Timeout | undefined;

  constructor(options: ProjectionOptions) {
    this.#options = options;
  }

  /** Stream sequence that the view has reached. */
  get lastSeq(): number {
    return this.#lastSeq;
  }
  /** Stream sequence that has been read and shown live; the view follows within moments. */
  get readSeq(): number {
    return this.#readSeq;
  }
  get rebuilding(): boolean {
    return this.#rebuilding !== null;
  }

  /** Questions, answered in the reading thread. */
  get read(): Remote<ReaderThread> {
    if (!this.#threads) throw new Error('the projection is not open');
    return this.#threads.read;
  }

  /** Find traces. Words of payloads and of errors are asked of the text index first. */
  async searchTraces(query: TraceQuery, order: 'recent' | 'slowest', limit: number, signal?: AbortSignal): Promise<Omit<TraceSearchResult, 'tookMs'>> {
    return this.#inTurn(signal, async ({ read, text }) => {
      const found = query.text === undefined && query.fields === undefined ? null : await text.events(payloadTokens(query), TEXT_CANDIDATES);
      // A name of an error has an index of its own; anything else that is said of an error is a text.
      const byName = query.error === undefined ? null : await read.searchTraces({ error: query.error }, { order: 'recent', limit: 1, textSeqs: null, failureIds: null });
      const failureIds = query.error !== undefined && byName?.traces.length === 0 ? await text.failures(tokensOf(query.error), TEXT_CANDIDATES) : null;
      const result = await read.searchTraces(query, { order, limit, textSeqs: found?.ids ?? null, failureIds });
      return { ...result, complete: result.complete && (found?.ids.length ?? 0) < TEXT_CANDIDATES, textUpToSeq: found?.upToSeq ?? null };
    });
  }

  /** A page of events, newest first. Conditions on payloads are asked of the text index, and looked at again. @throws the signal's reason. */
  async searchEvents(filter: EventFilter, beforeSeq: number | null, limit: number, signal?: AbortSignal): Promise<FoundPage<EventRow> & { upTo: number | null }> {
    return this.#inTurn(signal, async ({ read, text }) => {
      if (!asksForPayload(filter)) return { ...(await read.events(filter, beforeSeq, limit)), upTo: null };
      const { ids, upToSeq } = await text.events(payloadTokens(filter), TEXT_CANDIDATES, beforeSeq);
      return { ...(await read.eventsAmong(ids, ids.length === TEXT_CANDIDATES, filter, limit)), upTo: upToSeq };
    });
  }

  /** A page of jobs, newest first; conditions on their input as above. */
  async searchJobs(filter: JobFilter, beforeLedgerId: number | null, limit: number, signal?: AbortSignal): Promise<FoundPage<JobRow>> {
    return this.#inTurn(signal, async ({ read, text }) => {
      if (!asksForPayload(filter)) return read.jobs(filter, beforeLedgerId, limit);
      const ids = await text.jobs(payloadTokens(filter), TEXT_CANDIDATES, beforeLedgerId);
      return read.jobsAmong(ids, ids.length === TEXT_CANDIDATES, filter, limit);
    });
  }

  /** Searches one after the other: quick questions never wait behind several of them, and one that nobody waits for any more is not begun. */
  async #inTurn<Result>(signal: AbortSignal | undefined, search: (threads: Threads) => Promise<Result>): Promise<Result> {
    const before = this.#searching;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#searching = promise;
    try {
      await before;
      signal?.throwIfAborted();
      if (!this.#threads) throw new Error('the projection is not open');
      return await search(this.#threads);
    } finally {
      resolve();
    }
  }

  async start(): Promise<void> {
    await this.#forgetOldStream();
    await this.#open();
    this.#pruning = setInterval(() => void this.#prune(), PRUNE_EVERY_MS);
    this.#pruning.unref();
  }

  /** The ledger has grown. */
  wake(): void {
    this.#ledgerGrew.wake();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#pruning);
    await this.#rebuilding;
    await this.#close();
  }

  async #open(): Promise<void> {
    const { file, bus, onRebuild } = this.#options;
    mkdirSync(dirname(file), { recursive: true });
    const writing = thread(file, 'write');
    const write = wrap<WriterThread>(nodeEndpoint(writing));
    // The file is there, with its tables, once the writer answers.
    const rebuilt = await write.rebuilt();
    if (rebuilt !== null) onRebuild(rebuilt);
    const position = await write.position();
    const [reading, indexing] = [thread(file, 'read'), thread(file, 'text')];
    this.#threads = { workers: [writing, reading, indexing], write, read: this.#watched(wrap<ReaderThread>(nodeEndpoint(reading))), text: wrap<TextThread>(nodeEndpoint(indexing)) };
    this.#lastSeq = position.lastSeq;
    this.#readSeq = position.lastSeq;
    this.#follower = await bus.follow(position.lastSeq + 1);
    this.#loops = Promise.all([this.#followEvents(this.#follower, write), this.#followLedger(write, position.ledger)]);
  }

  #watched(read: Remote<ReaderThread>): Remote<ReaderThread> {
    return new Proxy(read, {
      get: (target, name) => {
        const method = (target as unknown as Record<PropertyKey, (...given: unknown[]) => Promise<unknown>>)[name];
        return (...given: unknown[]): Promise<unknown> | undefined =>
          method?.(...given).catch((error: unknown) => {
            if (messageOf(error).includes(DAMAGED)) this.#giveUp(error);
            throw error;
          });
      },
    });
  }

  async #close(): Promise<void> {
    this.#ledgerGrew.wake();
    await this.#follower?.close();
    await this.#loops;
    const { workers = [], write, read, text } = this.#threads ?? {};
    await Promise.allSettled([write?.close(), read?.close(), text?.close()]);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  async #followEvents(follower: Follower, write: Remote<WriterThread>): Promise<void> {
    // A batch is written by its thread while the next ones are read, checked and shown by ours.
    const writes = new BatchedWrites<ReadBatch>(MOST_WAITING, ({ events, setAside }) => events.length + setAside.length, async (batches) => {
      const last = batches.at(-1);
      if (!last) return;
      const events = batches.flatMap((batch) => batch.events);
      await write.applyEvents(events, batches.flatMap((batch) => batch.setAside), last.seq, batches.flatMap((batch) => batch.tallies));
      this.#lastSeq = last.seq;
      this.#options.onApplied();
      await gather(events.length);
    });
    try {
      for (;;) {
        const messages = await follower.nextBatch(EVENT_BATCH);
        const last = messages.at(-1);
        if (!last) break;
        const { events, refused, tallies } = this.#read(messages);
        if (refused.length > 0) await this.#report(refused);
        this.#readSeq = last.seq;
        this.#options.onEvents(events, messages.length);
        await writes.add({ events, setAside: refused.flatMap((message) => setAsideRowOf(message) ?? []), tallies, seq: last.seq });
      }
      await writes.drain();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #read(messages: readonly StoredMessage[]): { events: ProjectedEvent[]; refused: SetAside[]; tallies: Tally[] } {
    const events: ProjectedEvent[] = [];
    const counted: TalliedEvent[] = [];
    const refused: SetAside[] = [];
    for (const message of messages) {
      const read = this.#options.reader.readLast(message);
      if (read.ok) {
        const row = eventRowOf(read.event, message, read.verdict);
        events.push({ row, body: decoder.decode(message.body) });
        counted.push({ row, data: read.event.data });
      } else refused.push({ message, reason: read.reason, problem: read.problem });
    }
    return { events, refused, tallies: tally(counted, refused) };
  }

  async #report(refused: readonly SetAside[]): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#options.onRefused(refused);
        return;
      } catch (error) {
        this.#options.onError(error);
        await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      }
    }
  }

  async #followLedger(write: Remote<WriterThread>, from: LedgerPosition): Promise<void> {
    let position = from;
    while (!this.#stopping && this.#rebuilding === null) {
      let entries;
      try {
        const askedMs = performance.now();
        entries = await readLedger(this.#options.pool, position, LEDGER_BATCH);
        // What a crash of Postgres takes back must not be in the view, and its places in the ledger are given out again.
        if (entries.length > 0) await this.#options.onDisk.reached(askedMs);
      } catch (error) {
        this.#options.onError(error);
        await this.#ledgerGrew.wait(AWAY_MS);
        continue;
      }
      const last = entries.at(-1);
      if (last) {
        try {
          await write.applyLedger(entries);
        } catch (error) {
          this.#giveUp(error);
          return;
        }
        position = { txid: last.txid, id: last.id };
        this.#options.onApplied();
      }
      if (entries.length < LEDGER_BATCH) {
        await gather(entries.length);
        await this.#ledgerGrew.wait(LEDGER_POLL_MS);
      }
    }
  }

  /** The view can't be written: begin it anew. Bus and ledger still hold everything. */
  #giveUp(error: unknown): void {
    if (this.#stopping || this.#rebuilding) return;
    this.#options.onError(error);
    this.#rebuilding = (async () => {
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      await this.#close();
      if (messageOf(error).includes(DAMAGED)) {
        this.#options.onRebuild(messageOf(error));
        deleteProjection(this.#options.file);
      }
      this.#rebuilding = null;
      if (!this.#stopping) await this.#open();
    })();
  }

  /** A stream that was made anew counts from 1 again: a view of the old one would hide its events. */
  async #forgetOldStream(): Promise<void> {
    const { file, bus, onRebuild } = this.#options;
    const origin = (await bus.streams())[0];
    if (!origin) return;
    const stamp = `${file}.stream`;
    const created = String(origin.createdMs);
    if (existsSync(file) && (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== created)) {
      onRebuild('the stream platform-events was made anew');
      deleteProjection(file);
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(stamp, created);
  }

  async #prune(): Promise<void> {
    const { onError } = this.#options;
    const retentionMs = this.#options.retentionMs();
    if (retentionMs === null) return;
    try {
      while (!this.#stopping && this.#threads && (await this.#threads.write.prune(Date.now() - retentionMs, 1_000))) {
        // Leave the thread to the feed between chunks.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      onError(error);
    }
  }
}

/** @param items of the batch that has been written: a millisecond for each, within bounds. */
async function gather(items: number): Promise<void> {
  if (items >= LARGE_BATCH) return;
  await new Promise((resolve) => setTimeout(resolve, Math.min(GATHER_MS.most, Math.max(GATHER_MS.least, items))));
}

/** Threads run the source as it is, or the bundle when built: their entry has the same ending as this file. */
function thread(file: string, role: 'write' | 'read' | 'text'): Worker {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./projection-thread.${ending}`, import.meta.url), { workerData: { role, file }, name: `projection-${role}` });
}
