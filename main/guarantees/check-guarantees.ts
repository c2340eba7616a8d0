/**
 * Does the site keep what it promises, now? Settings are asked of the servers that are running, not read from what was meant;
 * the books are counted. What can't be known from here is said to be unknown.
 */
import { readFileSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../../shared/errors.ts';
import { message, verbatim, type Words, words } from '../../shared/i18n/translate.ts';
import { type GuaranteeRow, type Guarantees, StreamName } from '../../shared/operator-api/index.ts';
import { listBackups } from '../backup/list-backups.ts';
import type { SiteConfig } from '../config/site-config.ts';
import type { Database } from '../database/database.ts';
import type { EventBus } from '../event-bus/event-bus.ts';
import { outboxStatus } from '../outbox/outbox.ts';
import type { RetentionBook } from '../streams/retention-book.ts';
import { balanceOf } from './balance.ts';

export interface GuaranteeSources {
  readonly bus: EventBus;
  readonly database: Database;
  readonly config: SiteConfig;
  readonly retention: Pick<RetentionBook, 'maxAgeMs'>;
  readonly path: (relative: string) => string;
  /** The data folder. */
  readonly root: string;
  readonly natsEmbedded: boolean;
}

type Judged = Omit<GuaranteeRow, 'id' | 'title'>;
const holds = (found: Words): Judged => ({ verdict: 'holds', words: found, remedy: null });
const broken = (found: Words, remedy: Words): Judged => ({ verdict: 'broken', words: found, remedy });
const weak = (found: Words, remedy: Words): Judged => ({ verdict: 'weak', words: found, remedy });
const unknown = (found: Words, remedy: Words | null = null): Judged => ({ verdict: 'unknown', words: found, remedy });

const LITTLE_DISK = 2 * 1_024 ** 3;
const OLD_BACKUP_MS = 8 * 86_400_000;
const OLD_OUTBOX_MS = 10_000;
/** Counting the books reads the whole ledger: it is repeated so seldom that it takes no more than this share of the time. */
const BOOKS_SHARE = 0.02;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const grouped = (n: number): string => n.toLocaleString('en');

/** Title of each (a message), and how it is judged. */
type Check = readonly [id: GuaranteeRow['id'], title: string, judge: () => Promise<Judged> | Judged];

export class GuaranteeChecker {
  readonly #sources: GuaranteeSources;
  /** The last count, and until when it is given again, by the monotonic clock. */
  #books: { readonly judged: Judged; readonly until: number } | null = null;

  constructor(sources: GuaranteeSources) {
    this.#sources = sources;
  }

  /** All of them. Never throws: what can't be asked is unknown, and says why. */
  async check(): Promise<Guarantees> {
    const checks: readonly Check[] = [
      ['bus-sync', message('Acknowledged events survive a power cut'), () => this.#busSync()],
      ['bus-storage', message('Events are kept on disk'), () => this.#busStorage()],
      ['audit-locked', message('The audit log can’t be rewritten'), () => this.#auditLocked()],
      ['retention', message('Events are kept as long as configured'), () => this.#retention()],
      ['copies', message('The copies are in step'), () => this.#copies()],
      ['database-sync', message('Committed work survives a power cut'), () => this.#databaseSync()],
      ['database-checksums', message('Damaged pages are noticed'), () => this.#checksums()],
      ['outbox', message('What jobs emit reaches the bus'), () => this.#outbox()],
      ['conservation', message('No job is lost and none is doubled'), () => this.#conservation()],
      ['disk', message('There is room'), () => this.#disk()],
      ['backup', message('A lost disk is no loss'), () => this.#backup()],
    ];
    const guarantees = await Promise.all(
      checks.map(async ([id, title, judge]): Promise<GuaranteeRow> => {
        try {
          return { id, title, ...(await judge()) };
        } catch (error) {
          return { id, title, ...unknown(words('can\'t be asked: {problem}', { problem: messageOf(error) })) };
        }
      }),
    );
    return { measuredMs: Date.now(), guarantees };
  }

  #busSync(): Judged {
    const { natsEmbedded, root } = this.#sources;
    if (!natsEmbedded) return unknown(words('an outside NATS server does not tell its sync_interval'), words('Ask whoever runs it: without sync_interval: always, a power cut may take the events of the last two minutes.'));
    // What the server was started with: it is written anew at every start, and the server does not read it again.
    const always = /^\s*sync_interval:\s*always\s*$/m.test(readFileSync(join(root, 'run', 'nats.conf'), 'utf8'));
    return always ? holds(verbatim('sync_interval: always')) : broken(words('sync_interval is not always'), words('Start the site again: its configuration of NATS was changed by hand.'));
  }

  async #busStorage(): Promise<Judged> {
    const settings = await this.#sources.bus.streamSettings();
    const inMemory = settings.filter(({ storage }) => storage !== 'file').map(({ name }) => name);
    if (inMemory.length > 0) return broken(words('{streams} in memory only', { streams: inMemory.join(', ') }), words('Make the stream anew with file storage.'));
    const replicas = Math.min(...settings.map(({ replicas: n }) => n));
    return holds(replicas > 1 ? words('file storage, {n, number} replicas', { n: replicas }) : words('file storage, one server'));
  }

  async #auditLocked(): Promise<Judged> {
    const audit = (await this.#sources.bus.streamSettings()).find(({ name }) => name === 'audit-log');
    if (!audit) return broken(words('there is no audit-log'), words('Start the site again: it is made at the start.'));
    return audit.deletionDenied ? holds(words('delete and purge are denied')) : broken(words('delete or purge is allowed'), words('Make the stream anew with deny_delete and deny_purge.'));
  }

  async #retention(): Promise<Judged> {
    const { bus, retention } = this.#sources;
    const wanted = (name: string): number => retention.maxAgeMs(StreamName.parse(name)) ?? Number.POSITIVE_INFINITY;
    const reports = await bus.streams();
    const shorter = reports.filter(({ name, maxAgeMs }) => maxAgeMs !== null && maxAgeMs < wanted(name));
    if (shorter.length > 0) return broken(words('only {streams}', { streams: shorter.map(({ name, maxAgeMs }) => `${name} ${days(maxAgeMs)}`).join(', ') }), words('Start the site again: it brings the streams up to date.'));
    return holds(verbatim(reports.map(({ name, maxAgeMs }) => `${name} ${days(maxAgeMs)}`).join(', ')));
  }

  /** A copy whose origin fell behind it (made anew, rolled back) skips events in silence, and reports no lag. */
  async #copies(): Promise<Judged> {
    const [origin, ...copies] = await this.#sources.bus.streams();
    const ahead = copies.filter(({ lastSeq }) => lastSeq > (origin?.lastSeq ?? 0));
    if (ahead.length > 0) return broken(words('{streams} ahead of the origin: it was made anew, and what comes now is not copied', { streams: ahead.map(({ name }) => name).join(', ') }), words('Restore the origin from a backup, or make the copies anew.'));
    const behind = copies.filter(({ lag }) => (lag ?? 0) > 0);
    const lags = behind.map(({ name, lag }) => `${name} ${grouped(lag ?? 0)}`).join(', ');
    if (behind.some(({ lag }) => (lag ?? 0) > 10_000)) return weak(words('{streams} events behind', { streams: lags }), words('It should catch up by itself; if not, see the log of NATS.'));
    return holds(behind.length === 0 ? verbatim(copies.map(({ name }) => name).join(', ')) : words('{streams} behind, catching up', { streams: lags }));
  }

  async #databaseSync(): Promise<Judged> {
    const { rows } = await this.#sources.database.intake.query<{ fsync: string; commit: string; pages: string }>(`SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit, current_setting('full_page_writes') AS pages`);
    const [row] = rows;
    const settings = verbatim(`fsync ${row?.fsync}, synchronous_commit ${row?.commit}, full_page_writes ${row?.pages}`);
    return row?.fsync === 'on' && row.commit !== 'off' && row.pages === 'on' ? holds(settings) : broken(settings, words('Switch all of them on in the configuration of PostgreSQL, and reload it.'));
  }

  async #checksums(): Promise<Judged> {
    const { rows } = await this.#sources.database.intake.query<{ on: string }>(`SELECT current_setting('data_checksums') AS on`);
    return rows[0]?.on === 'on' ? holds(verbatim('data_checksums on')) : weak(verbatim('data_checksums off'), words('pg_checksums --enable on the stopped server.'));
  }

  async #outbox(): Promise<Judged> {
    const { backlog, oldestMs, stuck } = await outboxStatus(this.#sources.database.intake);
    if (stuck > 0) return broken(words('{n, number} events can\'t be published as they are', { n: stuck }), words('See the log: their domain is not configured.'));
    if (oldestMs !== null && oldestMs > OLD_OUTBOX_MS) return weak(words('{n, number} events wait, the oldest {seconds, number} s', { n: backlog, seconds: Math.round(oldestMs / 1_000) }), words('They go out once NATS takes them.'));
    return holds(backlog === 0 ? words('the outbox is empty') : words('{n, plural, one {# event is} other {# events are}} on the way', { n: backlog }));
  }

  async #conservation(): Promise<Judged> {
    if (this.#books && performance.now() < this.#books.until) return this.#books.judged;
    const from = performance.now();
    const { owed, completed, dead, waiting, enqueuedTwice, endedTwice } = await balanceOf(this.#sources.database.intake);
    const adds = owed === completed + dead + waiting;
    const books = words('{owed, number} jobs {sign} {completed, number} completed + {dead, number} dead + {waiting, number} waiting{enqueuedTwice, plural, =0 {} other {, # enqueued twice}}{endedTwice, plural, =0 {} other {, # ended twice}}', {
      owed, completed, dead, waiting, enqueuedTwice, endedTwice, sign: adds ? '=' : '≠',
    });
    const judged = adds && enqueuedTwice + endedTwice === 0 ? holds(books) : broken(books, words('Keep the data folder as it is, make a backup, and report it with spine diagnostics.'));
    const to = performance.now();
    this.#books = { judged, until: to + (to - from) / BOOKS_SHARE };
    return judged;
  }

  #disk(): Judged {
    const { bavail, blocks, bsize } = statfsSync(this.#sources.root);
    const room = words('{free, number} of {all, number} GiB free', { free: gibibytes(bavail * bsize), all: gibibytes(blocks * bsize) });
    return bavail * bsize > LITTLE_DISK ? holds(room) : weak(room, words('Free some space, or shorten streams.platformEvents.'));
  }

  #backup(): Judged {
    const { config, path, root } = this.#sources;
    const folder = config.backup ? path(config.backup.folder) : join(root, 'backups');
    const newest = listBackups(folder).find(({ manifest }) => manifest?.site === config.site)?.manifest;
    const remedy = words('Back up now on the Backups page; backup.schedule does it by itself.');
    if (!newest) return weak(words('there is no backup'), remedy);
    const ageMs = Date.now() - newest.mark.atMs;
    const age = ageMs < HOUR_MS ? words('the newest backup is less than an hour old') : words('the newest backup is {age} old', { age: ageMs < DAY_MS ? `${Math.round(ageMs / HOUR_MS)} h` : days(ageMs) });
    if (ageMs > OLD_BACKUP_MS) return weak(age, remedy);
    // A schedule or a number to keep names no other disk.
    return resolve(folder) === resolve(root, 'backups') ? weak(words('{age}, on the same disk as the site', { age }), words('Name another disk in backup.folder.')) : holds(age);
  }
}

function days(ms: number | null): string {
  return ms === null ? '∞' : `${Math.round(ms / DAY_MS)} d`;
}

function gibibytes(n: number): number {
  return Math.round((n / 1_024 ** 3) * 10) / 10;
}
