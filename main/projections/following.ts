/**
 * The read model's following of the bus, in the thread that writes it: the thread of the services has jobs to run. That one is
 * told what was read (for the live feed) and how far the view has come, and is asked for what only it can do.
 */
import type { EventCatalogue, PayloadVerdict } from '../../shared/event-catalogue/index.ts';
import type { Follower, StoredMessage } from '../event-bus/event-bus.ts';
import type { SetAside } from '../routing/inbox.ts';
import type { LiveEvent } from './live-flow.ts';
import type { ProjectionWriter } from './projection-writer.ts';
import { type Judged, type ReadBatch, readBatch } from './reading-events.ts';
import { setAsideRowOf } from './set-aside-row.ts';

const EVENT_BATCH = 500;
/** Between two reads, unless much is there: so many reports a second and no more, ms. */
const READ_EVERY_MS = 20;
/**
 * Between two transactions, ms: so that a trickle of events costs one now and then and not one each. Each writes every page
 * that it touches once more, to the log and at a checkpoint, and the disk is what the work itself waits for: at 1,000 jobs/s
 * one each 25 ms wrote 110 MB/s and held up everybody's fsync, and at 200/s they met every tenth event on its way. So a busy
 * feed gathers for longer, by the size of its batches.
 */
const GATHER_MS = { least: 25, forEach: 4, most: 250 } as const;
/** Beyond it a transaction gains nothing by being larger. */
const LARGE_BATCH = 1_000;

/** What was read of the bus, before it is in the view. */
export interface ReadReport {
  /** Sequence of the last message. */
  readonly seq: number;
  /** Messages, those that are no events included. */
  readonly total: number;
  readonly byDomain: Readonly<Record<string, number>>;
  /** null while nobody watches. */
  readonly events: readonly LiveEvent[] | null;
}

/** The other side: the thread of the services. */
export interface FollowedFrom {
  /** @returns types whose payloads it judges, as `<type>@<version>`, if their number is not `known`; else null. */
  read(report: ReadReport, known: number): Promise<readonly string[] | null>;
  /** Messages that are no valid event. The position does not pass them before this resolves. @returns false if they could not be kept, since the site stops. */
  refused(refused: readonly SetAside[]): Promise<boolean>;
  judge(payloads: Judged[]): Promise<PayloadVerdict[]>;
  /** The view has come to this sequence. */
  applied(seq: number): Promise<void>;
}

export interface FollowingOptions {
  readonly follower: Follower;
  readonly writer: Pick<ProjectionWriter, 'applyEvents'>;
  readonly services: FollowedFrom;
  readonly catalogue: Pick<EventCatalogue, 'check'>;
  /** Types whose payloads the services judge, as `<type>@<version>`. */
  readonly judgedElsewhere: readonly string[];
}

export class Following {
  readonly #options: FollowingOptions;
  /** Read, and not written yet. */
  #waiting: ReadBatch[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | null = null;
  /** When the next transaction is due, ms of performance.now(). */
  #dueMs = 0;
  #failure: { readonly error: unknown } | null = null;
  #notOurs: ReadonlySet<string>;
  watched = false;

  constructor(options: FollowingOptions) {
    this.#options = options;
    this.#notOurs = new Set(options.judgedElsewhere);
  }

  /** Resolves once closed and written. @throws what a transaction threw: from then on nothing more is read. */
  async run(): Promise<void> {
    const { follower, services, catalogue } = this.#options;
    for (;;) {
      const messages = await follower.nextBatch(EVENT_BATCH);
      if (messages.length === 0) break;
      const batch = await readBatch(messages, { catalogue, notOurs: this.#notOurs, elsewhere: services.judge });
      if (batch.refused.length > 0 && !(await services.refused(batch.refused.map(toHandOver)))) break;
      const judged = await services.read(reportOf(batch, messages.length, this.watched), this.#notOurs.size);
      if (judged) this.#notOurs = new Set(judged);
      this.#take(batch);
      if (messages.length < EVENT_BATCH) await new Promise((resolve) => setTimeout(resolve, READ_EVERY_MS));
    }
    if (this.#timer) clearTimeout(this.#timer);
    if (!this.#failure) this.#write();
    if (this.#failure) throw this.#failure.error;
  }

  async close(): Promise<void> {
    await this.#options.follower.close();
  }

  #take(batch: ReadBatch): void {
    this.#waiting.push(batch);
    this.#size += batch.events.length + batch.refused.length;
    if (this.#size >= LARGE_BATCH) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), Math.max(0, this.#dueMs - performance.now()));
  }

  #write(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const batches = this.#waiting;
    const last = batches.at(-1);
    if (!last || this.#failure) return;
    const size = this.#size;
    this.#waiting = [];
    this.#size = 0;
    try {
      this.#options.writer.applyEvents(batches.flatMap(({ events }) => events), batches.flatMap(({ refused }) => refused.flatMap((message) => setAsideRowOf(message) ?? [])), last.seq, batches.flatMap(({ tallies }) => tallies));
    } catch (error) {
      this.#failure = { error };
      void this.close();
      return;
    }
    this.#dueMs = performance.now() + gatherMs(size);
    void this.#options.services.applied(last.seq);
  }
}

/** How long to gather after a transaction of so many, ms. */
export function gatherMs(items: number): number {
  return Math.min(GATHER_MS.most, Math.max(GATHER_MS.least, GATHER_MS.forEach * items));
}

function reportOf({ events, seq }: ReadBatch, total: number, watched: boolean): ReadReport {
  const byDomain: Record<string, number> = {};
  for (const { row: { domain } } of events) byDomain[domain] = (byDomain[domain] ?? 0) + 1;
  return { seq, total, byDomain, events: watched ? events : null };
}

/** Plain, and without the rest of what came in the same packet. */
function toHandOver({ message: { seq, subject, headers, body, storedMs }, reason, problem }: SetAside): SetAside {
  const message: StoredMessage = { seq, subject, headers: headers.map(([name, value]) => [name, value]), body: Uint8Array.from(body), storedMs };
  return { message, reason, problem };
}
