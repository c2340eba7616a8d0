/**
 * Does the site keep what it promises, now? Settings are asked of the servers that are running, not read from what was meant;
 * the books are counted. What can't be known from here is said to be unknown.
 */
import { readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../shared/errors.ts';
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
const holds = (words: string): Judged => ({ verdict: 'holds', words, remedy: null });
const broken = (words: string, remedy: string): Judged => ({ verdict: 'broken', words, remedy });
const weak = (words: string, remedy: string): Judged => ({ verdict: 'weak', words, remedy });
const unknown = (words: string, remedy: string | null = null): Judged => ({ verdict: 'unknown', words, remedy });

const LITTLE_DISK = 2 * 1_024 ** 3;
const OLD_BACKUP_MS = 8 * 86_400_000;
const OLD_OUTBOX_MS = 10_000;
/** Counting the books reads the whole ledger: it is repeated so seldom that it takes no more than this share of the time. */
const BOOKS_SHARE = 0.02;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const grouped = (n: number): string => n.toLocaleString('en');

/** Title of each, and how it is judged. */
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
      ['bus-sync', 'Acknowledged events survive a power cut', () => this.#busSync()],
      ['bus-storage', 'Events are kept on disk', () => this.#busStorage()],
      ['audit-locked', 'The audit log can’t be rewritten', () => this.#auditLocked()],
      ['retention', 'Events are kept as long as configured', () => this.#retention()],
      ['copies', 'The copies are in step', () => this.#copies()],
      ['database-sync', 'Committed work survives a power cut', () => this.#databaseSync()],
      ['database-checksums', 'Damaged pages are noticed', () => this.#checksums()],
      ['outbox', 'What jobs emit reaches the bus', () => this.#outbox()],
      ['conservation', 'No job is lost and none is doubled', () => this.#conservation()],
      ['disk', 'There is room', () => this.#disk()],
      ['backup', 'A lost disk is no loss', () => this.#backup()],
    ];
    const guarantees = await Promise.all(
      checks.map(async ([id, title, judge]): Promise<GuaranteeRow> => {
        try {
          return { id, title, ...(await judge()) };
        } catch (error) {
          return { id, title, ...unknown(`can't be asked: ${messageOf(error)}`) };
        }
      }),
    );
    return { measuredMs: Date.now(), guarantees };
  }

  #busSync(): Judged {
    const { natsEmbedded, root } = this.#sources;
    if (!natsEmbedded) return unknown('an outside NATS server does not tell its sync_interval', 'Ask whoever runs it: without sync_interval: always, a power cut may take the events of the last two minutes.');
    // What the server was started with: it is written anew at every start, and the server does not read it again.
    const always = /^\s*sync_interval:\s*always\s*$/m.test(readFileSync(join(root, 'run', 'nats.conf'), 'utf8'));
    return always ? holds('sync_interval: always') : broken('sync_interval is not always', 'Start the site again: its configuration of NATS was changed by hand.');
  }

  async #busStorage(): Promise<Judged> {
    const settings = await this.#sources.bus.streamSettings();
    const inMemory = settings.filter(({ storage }) => storage !== 'file').map(({ name }) => name);
    if (inMemory.length > 0) return broken(`${inMemory.join(', ')} in memory only`, 'Make the stream anew with file storage.');
    const replicas = Math.min(...settings.map(({ replicas: n }) => n));
    return holds(replicas > 1 ? `file storage, ${replicas} replicas` : 'file storage, one server');
  }

  async #auditLocked(): Promise<Judged> {
    const audit = (await this.#sources.bus.streamSettings()).find(({ name }) => name === 'audit-log');
    if (!audit) return broken('there is no audit-log', 'Start the site again: it is made at the start.');
    return audit.deletionDenied ? holds('delete and purge are denied') : broken('delete or purge is allowed', 'Make the stream anew with deny_delete and deny_purge.');
  }

  async #retention(): Promise<Judged> {
    const { bus, retention } = this.#sources;
    const wanted = (name: string): number => retention.maxAgeMs(StreamName.parse(name)) ?? Number.POSITIVE_INFINITY;
    const reports = await bus.streams();
    const shorter = reports.filter(({ name, maxAgeMs }) => maxAgeMs !== null && maxAgeMs < wanted(name));
    if (shorter.length > 0) return broken(`${shorter.map(({ name, maxAgeMs }) => `${name} only ${days(maxAgeMs)}`).join(', ')}`, 'Start the site again: it brings the streams up to date.');
    return holds(reports.map(({ name, maxAgeMs }) => `${name} ${days(maxAgeMs)}`).join(', '));
  }

  /** A copy whose origin fell behind it (made anew, rolled back) skips events in silence, and reports no lag. */
  async #copies(): Promise<Judged> {
    const [origin, ...copies] = await this.#sources.bus.streams();
    const ahead = copies.filter(({ lastSeq }) => lastSeq > (origin?.lastSeq ?? 0));
    if (ahead.length > 0) return broken(`${ahead.map(({ name }) => name).join(', ')} ahead of the origin: it was made anew, and what comes now is not copied`, 'Restore the origin from a backup, or make the copies anew.');
    const behind = copies.filter(({ lag }) => (lag ?? 0) > 0);
    if (behind.some(({ lag }) => (lag ?? 0) > 10_000)) return weak(behind.map(({ name, lag }) => `${name} ${grouped(lag ?? 0)} events behind`).join(', '), 'It should catch up by itself; if not, see the log of NATS.');
    return holds(behind.length === 0 ? copies.map(({ name }) => name).join(' and ') : behind.map(({ name, lag }) => `${name} ${grouped(lag ?? 0)} behind, catching up`).join(', '));
  }

  async #databaseSync(): Promise<Judged> {
    const { rows } = await this.#sources.database.intake.query<{ fsync: string; commit: string; pages: string }>(`SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit, current_setting('full_page_writes') AS pages`);
    const [row] = rows;
    const words = `fsync ${row?.fsync}, synchronous_commit ${row?.commit}, full_page_writes ${row?.pages}`;
    return row?.fsync === 'on' && row.commit !== 'off' && row.pages === 'on' ? holds(words) : broken(words, 'Switch all of them on in the configuration of PostgreSQL, and reload it.');
  }

  async #checksums(): Promise<Judged> {
    const { rows } = await this.#sources.database.intake.query<{ on: string }>(`SELECT current_setting('data_checksums') AS on`);
    return rows[0]?.on === 'on' ? holds('data_checksums on') : weak('data_checksums off', 'pg_checksums --enable on the stopped server.');
  }

  async #outbox(): Promise<Judged> {
    const { backlog, oldestMs, stuck } = await outboxStatus(this.#sources.database.intake);
    if (stuck > 0) return broken(`${grouped(stuck)} events can't be published as they are`, 'See the log: their domain is not configured.');
    if (oldestMs !== null && oldestMs > OLD_OUTBOX_MS) return weak(`${grouped(backlog)} events wait, the oldest ${Math.round(oldestMs / 1_000)} s`, 'They go out once NATS takes them.');
    return holds(backlog === 0 ? 'the outbox is empty' : `${grouped(backlog)} ${backlog === 1 ? 'event is' : 'events are'} on the way`);
  }

  async #conservation(): Promise<Judged> {
    if (this.#books && performance.now() < this.#books.until) return this.#books.judged;
    const from = performance.now();
    const { owed, completed, dead, waiting, enqueuedTwice, endedTwice } = await balanceOf(this.#sources.database.intake);
    const sum = `${grouped(owed)} jobs = ${grouped(completed)} completed + ${grouped(dead)} dead + ${grouped(waiting)} waiting`;
    const wrong = [
      ...(owed === completed + dead + waiting ? [] : [`${sum.replace('=', '≠')}`]),
      ...(enqueuedTwice === 0 ? [] : [`${grouped(enqueuedTwice)} enqueued twice`]),
      ...(endedTwice === 0 ? [] : [`${grouped(endedTwice)} ended twice`]),
    ];
    const judged = wrong.length === 0 ? holds(sum) : broken(wrong.join(', '), 'Keep the data folder as it is, make a backup, and report it with spine diagnostics.');
    const to = performance.now();
    this.#books = { judged, until: to + (to - from) / BOOKS_SHARE };
    return judged;
  }

  #disk(): Judged {
    const { bavail, blocks, bsize } = statfsSync(this.#sources.root);
    const words = `${gibibytes(bavail * bsize)} of ${gibibytes(blocks * bsize)} free`;
    return bavail * bsize > LITTLE_DISK ? holds(words) : weak(words, 'Free some space, or shorten streams.platformEvents.');
  }

  #backup(): Judged {
    const { config, path, root } = this.#sources;
    const folder = config.backup ? path(config.backup.folder) : join(root, 'backups');
    const newest = listBackups(folder).find(({ manifest }) => manifest?.site === config.site)?.manifest;
    const remedy = 'Back up now on the Backups page; backup.schedule does it by itself.';
    if (!newest) return weak('there is no backup', remedy);
    const ageMs = Date.now() - newest.mark.atMs;
    const words = `the newest backup is ${ageMs < HOUR_MS ? 'less than an hour' : ageMs < DAY_MS ? `${Math.round(ageMs / HOUR_MS)} h` : days(ageMs)} old`;
    if (ageMs > OLD_BACKUP_MS) return weak(words, remedy);
    return config.backup ? holds(words) : weak(`${words}, on the same disk as the site`, 'Name another disk in backup.folder.');
  }
}

function days(ms: number | null): string {
  return ms === null ? 'for ever' : `${Math.round(ms / DAY_MS)} d`;
}

function gibibytes(n: number): string {
  return `${(n / 1_024 ** 3).toFixed(1)} GiB`;
}
