/**
 * Tells when commits that did not wait for the disk are on it (docs/adr/0015).
 *
 * Postgres writes its log in order, so any later commit that waited for the disk took all earlier ones along. That holds as
 * long as the server lives: one that crashes in between forgets what was not written, and accepts commits again moments
 * later. Every crash ends every connection; so only a commit on a connection that was open before the first commit was
 * sent, and still is, proves anything.
 */
import type pg from 'pg';
import { UnavailableError } from '../../shared/errors.ts';
import { ask } from './ask.ts';

/** Who waits is usually told by the commit of an ended attempt. After this a commit is made for the purpose, ms. */
const COVER_MS = 10;
/** Between tries to connect again, ms. */
const AWAY_MS = 250;
/** Writes a log record and nothing else, so that its commit has something to wait for. */
const FLUSH = `SELECT pg_logical_emit_message(true, 'spine', '')`;

interface Waiting {
  /** When the commit was sent, and when it was answered: ms of performance.now(). */
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly tell: (lost: UnavailableError | null) => void;
}
type Outcome = 'on disk' | 'lost';

export interface OnDiskOptions {
  /** A connection whose commits wait for the disk. */
  readonly connect: () => Promise<pg.Client>;
  readonly onError: (error: Error) => void;
}

export class OnDisk {
  readonly #options: OnDiskOptions;
  /** When each connection was open at the latest, ms of performance.now(). */
  readonly #openSince = new WeakMap<object, number>();
  #client: pg.Client | null = null;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #connecting: Promise<void> = Promise.resolve();

  constructor(options: OnDiskOptions) {
    this.#options = options;
  }

  /** @throws the error of the connection. */
  async open(): Promise<void> {
    await this.#connect();
  }

  /** A connection has been opened whose commits may be told by `committed`. */
  opened(connection: object): void {
    this.#openSince.set(connection, performance.now());
  }

  /**
   * A commit that did not wait for the disk has been answered just now.
   * @param sentMs when it was sent, or what it told of was read: ms of performance.now().
   * @param tell called once: with null when it is on disk, with an error when it may be lost.
   */
  after(sentMs: number, tell: (lost: UnavailableError | null) => void): void {
    if (this.#closed) return tell(lost());
    this.#waiting.push({ sentMs, answeredMs: performance.now(), tell });
    this.#timer ??= setTimeout(() => this.#cover(), COVER_MS);
  }

  /** Resolves when everything that was visible to a query sent at `sentMs`, and answered just now, is on disk. @throws UnavailableError if it may be lost. */
  reached(sentMs: number): Promise<void> {
    return new Promise((resolve, reject) => this.after(sentMs, (error) => (error ? reject(error) : resolve())));
  }

  /** A commit that waited for the disk has succeeded; `begunMs`: when it was sent, ms of performance.now(). */
  committed(connection: object, begunMs: number): void {
    if (this.#waiting.length === 0) return;
    const openSince = this.#openSince.get(connection) ?? Number.POSITIVE_INFINITY;
    this.#tell(({ sentMs, answeredMs }) => answeredMs <= begunMs && openSince <= sentMs, 'on disk');
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#tell(() => true, 'lost');
    await this.#connecting;
    await this.#client?.end().catch(() => {});
  }

  /** The oldest that waits is old enough for a commit of its own; younger ones are usually told by another. */
  #cover(): void {
    const [oldest] = this.#waiting;
    const earlyMs = oldest ? oldest.answeredMs + COVER_MS - performance.now() : 0;
    if (oldest && earlyMs > 0.5) this.#timer = setTimeout(() => this.#cover(), earlyMs);
    else if (oldest) void this.#flush();
    else this.#timer = null;
  }

  async #flush(): Promise<void> {
    const client = this.#client;
    const begunMs = performance.now();
    let broken = client === null;
    if (client && this.#waiting.length > 0) {
      try {
        await ask(client, FLUSH);
        this.committed(client, begunMs);
      } catch (error) {
        this.#options.onError(error instanceof Error ? error : new Error(String(error)));
        broken = true;
      }
    }
    // Who is left from before is older than the connection, or the connection is gone: whether it is on disk nobody can tell.
    this.#tell(({ answeredMs }) => answeredMs <= begunMs, 'lost');
    if (broken && client) this.#lose(client);
    this.#timer = this.#waiting.length > 0 && !this.#closed ? setTimeout(() => this.#cover(), COVER_MS) : null;
  }

  #tell(whom: (waiting: Waiting) => boolean, outcome: Outcome): void {
    const told = this.#waiting.filter(whom);
    if (told.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !whom(waiting));
    const error = outcome === 'lost' ? lost() : null;
    for (const { tell } of told) tell(error);
  }

  async #connect(): Promise<void> {
    const client = await this.#options.connect();
    this.opened(client);
    client.once('end', () => this.#lose(client));
    this.#client = client;
  }

  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    void client.end().catch(() => {});
    this.#connecting = this.#connectAgain();
  }

  async #connectAgain(): Promise<void> {
    while (!this.#closed) {
      const opened = await this.#connect().then(() => true, () => false);
      if (opened) return;
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
    }
  }
}

function lost(): UnavailableError {
  return new UnavailableError('PostgreSQL', 'was gone before what was committed was known to be on its disk', 'It is done again by itself.');
}
