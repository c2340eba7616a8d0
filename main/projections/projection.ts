/**
 * The projection: follows bus and ledger into SQLite, and answers questions about them. It writes to neither.
 * The bus is followed by the thread that writes (`following.ts`), the ledger from here.
 *
 * Deleting the file rebuilds it; so does damage, another schema version, or a stream that was made anew.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { expose, type Remote, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type pg from 'pg';
import { messageOf } from '../../shared/errors.ts';
import type { EventFilter, EventRow, JobFilter, JobRow, TraceSearchResult } from '../../shared/operator-api/index.ts';
import { asksForPayload, payloadTokens, tokensOf } from '../../shared/payload-query.ts';
import type { TraceQuery } from '../../shared/trace-query.ts';
import type { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import type { FollowedStream } from '../event-bus/drivers/nats/follow.ts';
import type { EventBus } from '../event-bus/event-bus.ts';
import type { OnDisk } from '../database/on-disk.ts';
import { type LedgerPosition, readLedger } from '../job-queue/ledger.ts';
import type { SetAside } from '../routing/inbox.ts';
import { Wakeable } from '../wakeable.ts';
import { deleteProjection } from './database-file.ts';
import { type FollowedFrom, gatherMs, type ReadReport } from './following.ts';
import type { ReaderThread } from './reading-thread.ts';
import type { TextThread } from './text-thread.ts';
import type { ThreadData } from './threads.ts';
import type { WriterThread } from './writing-thread.ts';
import { DAMAGED } from './projection-store.ts';
import type { FoundPage } from './row-search.ts';

const LEDGER_BATCH = 2_000;
/** Backstop for ledger entries of other processes, ms. */
const LEDGER_POLL_MS = 500;
const AWAY_MS = 500;
/** Beyond it a transaction gains nothing by being larger. */
const LARGE_BATCH = 1_000;
/** Nobody waits for a thread of the view within milliseconds: what it lets go need not pile up, MiB. */
const YOUNG_MB = 8;
const PRUNE_EVERY_MS = 600_000;
/** What the text index finds is looked at again, up to this many. */
const TEXT_CANDIDATES = 5_000;

export interface ProjectionOptions {
  readonly file: string;
  /** The stream that is followed, and the bus to ask about it. */
  readonly stream: FollowedStream;
  readonly bus: Pick<EventBus, 'streams'>;
  /** Schemas of event types that plugins have brought are only here. */
  readonly events: EventCatalogue;
  readonly pool: pg.Pool;
  readonly onDisk: OnDisk;
  /** What is older is deleted from the view, ms; null keeps all. Asked anew each time: an operator may change it. */
  readonly retentionMs: () => number | null;
  /** Messages that are no valid event. They are not in the view; the position does not pass them before this resolves. */
  readonly onRefused: (refused: readonly SetAside[]) => Promise<void>;
  /** What was read of the bus, some times a second, before it is in SQLite. */
  readonly onRead: (report: ReadReport) => void;
  /** The view has changed. */
  readonly onApplied: () => void;
  readonly onRebuild: (why: string) => void;
  readonly onError: (error: unknown) => void;
  /** Entry of the threads; the projection's own if there is none. */
  readonly threadEntry?: URL;
}

interface Threads {
  readonly workers: readonly Worker[];
  readonly write: Remote<WriterThread>;
  /** Damage that a reader meets begins the view anew. */
  readonly read: Remote<ReaderThread>;
  readonly text: Remote<TextThread>;
  /** Ours of what the writer asks and tells through. */
  readonly port: MessagePort;
}

export class Projection {
  readonly #options: ProjectionOptions;
  readonly #ledgerGrew = new Wakeable();
  #threads: Threads | null = null;
  #watched = false;
  /** Threads are open and followed. */
  #following = false;
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

  /** Somebody watches the live feed, or nobody does any more: only then events are handed over. Resolves when that is known. */
  async setWatched(watched: boolean): Promise<void> {
    this.#watched = watched;
    if (this.#following) await this.#threads?.write.watched(watched);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#pruning);
    await this.#rebuilding;
    await this.#close();
  }

  async #open(): Promise<void> {
    const { file, stream, events, onRebuild } = this.#options;
    mkdirSync(dirname(file), { recursive: true });
    const { port1: port, port2 } = new MessageChannel();
    const writing = this.#thread({ file, role: 'write', services: port2 }, [port2]);
    const workers = [writing];
    const write = wrap<WriterThread>(nodeEndpoint(writing));
    try {
      // The file is there, with its tables, once the writer answers.
      const rebuilt = await write.rebuilt();
      if (rebuilt !== null) onRebuild(rebuilt);
      const position = await write.position();
      expose(this.#answers(), nodeEndpoint(port));
      this.#lastSeq = position.lastSeq;
      this.#readSeq = position.lastSeq;
      await write.follow(stream, [...events.added()]);
      await write.watched(this.#watched);
      const [reading, indexing] = [this.#thread({ file, role: 'read' }), this.#thread({ file, role: 'text' })];
      workers.push(reading, indexing);
      this.#threads = { workers, write, read: this.#watching(wrap<ReaderThread>(nodeEndpoint(reading))), text: wrap<TextThread>(nodeEndpoint(indexing)), port };
      this.#following = true;
      this.#loops = Promise.all([write.followed().catch((error: unknown) => this.#giveUp(error)), this.#followLedger(write, position.ledger)]);
    } catch (error) {
      port.close();
      await Promise.all(workers.map((worker) => worker.terminate()));
      throw error;
    }
  }

  /** What the writer's thread asks and tells. */
  #answers(): FollowedFrom {
    const { events, onRead, onApplied } = this.#options;
    return {
      read: async (report, known) => {
        this.#readSeq = report.seq;
        onRead(report);
        return events.added().size === known ? null : [...events.added()];
      },
      refused: (refused) => this.#report(refused),
      judge: async (payloads) => payloads.map((payload) => events.check(payload)),
      applied: async (seq) => {
        this.#lastSeq = seq;
        onApplied();
      },
    };
  }

  #watching(read: Remote<ReaderThread>): Remote<ReaderThread> {
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
    const { workers = [], write, read, text, port } = this.#threads ?? {};
    this.#following = false;
    this.#ledgerGrew.wake();
    await write?.stopFollowing();
    await this.#loops;
    await Promise.allSettled([write?.close(), read?.close(), text?.close()]);
    port?.close();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  /** @returns false if they could not be kept, since we stop. */
  async #report(refused: readonly SetAside[]): Promise<boolean> {
    for (;;) {
      try {
        await this.#options.onRefused(refused);
        return true;
      } catch (error) {
        this.#options.onError(error);
        if (this.#stopping) return false;
        await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      }
    }
  }

  async #followLedger(write: Remote<WriterThread>, from: LedgerPosition): Promise<void> {
    let position = from;
    while (this.#following) {
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
      while (!this.#stopping) {
        try {
          await this.#open();
          break;
        } catch (again) {
          // The bus is away as well, perhaps.
          this.#options.onError(again);
          await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
        }
      }
      this.#rebuilding = null;
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

  /** Threads run the source as it is, or the bundle when built: their entry has the same ending as this file. */
  #thread(data: ThreadData, transferList: MessagePort[] = []): Worker {
    const entry = this.#options.threadEntry ?? new URL(`./projection-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
    return new Worker(entry, { workerData: data, transferList, name: `projection-${data.role}`, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
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

/** @param items of the batch that has been written. */
async function gather(items: number): Promise<void> {
  if (items >= LARGE_BATCH) return;
  await new Promise((resolve) => setTimeout(resolve, gatherMs(items)));
}
