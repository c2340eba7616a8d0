/**
 * One SQLite file, opened either to write or to read. Runs inside a worker thread: nothing here blocks the services.
 *
 * A file that is damaged or of another schema version is deleted and begun anew; the feed then starts from the beginning
 * of bus and ledger.
 */
import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { DamagedFile, deleteProjection, isDamage } from './database-file.ts';
import { ProjectionQueries } from './projection-queries.ts';
import { ProjectionWriter } from './projection-writer.ts';
import { RowSearch } from './row-search.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { TallyQueries } from './tally-queries.ts';
import { TierQueries } from './tier-queries.ts';
import { TraceSearch } from './trace-search.ts';

/** Begins the message of an error that a rebuild mends. */
export const DAMAGED = 'projection damaged';

export interface OpenedForWriting {
  readonly writer: ProjectionWriter;
  /** Why the file was begun anew; null if it was fine or not there. */
  readonly rebuilt: string | null;
  close(): void;
}

/** Open the file to write, and make it if need be. */
export function openForWriting(file: string): OpenedForWriting {
  let rebuilt: string | null = null;
  let db: Database.Database;
  try {
    db = open(file);
    const problem = problemOf(db);
    if (problem !== null) {
      db.close();
      throw new DamagedFile(problem);
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    rebuilt = error instanceof Error ? error.message : String(error);
    deleteProjection(file);
    db = open(file);
  }
  db.pragma('synchronous = NORMAL');
  // Ids are spread over all of their index: pages that are kept need not be read again (64 MiB). A checkpoint goes to the disk
  // in one piece, and every commit of the services waits for it: 90 ms after 128 MiB of log, so rather often and little (pages).
  db.pragma('cache_size = -65536');
  db.pragma('wal_autocheckpoint = 4000');
  if (db.pragma('user_version', { simple: true }) === 0) {
    db.exec(SCHEMA);
    // The text index is one of this very file, and of no other that stood in its place before.
    db.prepare("INSERT INTO meta VALUES ('born', ?)").run(randomUUID());
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  }
  return { writer: new ProjectionWriter(db), rebuilt, close: () => db.close() };
}

/** Open the file to read; it must be there. */
export function openForReading(file: string): { queries: ProjectionQueries; tiers: TierQueries; tallies: TallyQueries; rows: RowSearch; search: TraceSearch; close(): void } {
  const db = new Database(file, { readonly: true });
  return { queries: new ProjectionQueries(db), tiers: new TierQueries(db), tallies: new TallyQueries(db), rows: new RowSearch(db), search: new TraceSearch(db), close: () => db.close() };
}

function open(file: string): Database.Database {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  return db;
}

/**
 * A file up to this size is read through at the start, bytes. A larger one would hold the start of the site up for minutes;
 * there, damage is noticed when a page that has it is used, and leads to the same rebuild.
 */
const READ_THROUGH = 512 * 1_048_576;

function problemOf(db: Database.Database): string | null {
  const version = db.pragma('user_version', { simple: true });
  if (version !== 0 && version !== SCHEMA_VERSION) return `schema version ${String(version)} instead of ${SCHEMA_VERSION}`;
  const bytes = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  if (bytes > READ_THROUGH) return null;
  // Reads every page once: a second per some 500 MB, in the thread of the writer.
  const [result] = db.pragma('quick_check(1)') as { quick_check: string }[];
  return result?.quick_check === 'ok' ? null : `damaged (${result?.quick_check ?? 'no answer'})`;
}

/** Errors lose their class and code between threads: say damage in a way that survives. */
export function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isDamage(error)) throw new Error(`${DAMAGED}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    throw error;
  }
}
