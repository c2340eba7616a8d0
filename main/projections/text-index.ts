/**
 * The full-text index: follows the read model into a file of its own, a little at a time, and finds the events and failures
 * that hold some words. It may be behind; it says how far it has come.
 */
import Database from 'better-sqlite3';
import { deleteProjection, isDamage } from './database-file.ts';
import { TEXT_SCHEMA, TEXT_SCHEMA_VERSION } from './schema.ts';

export interface TextFound {
  /** Newest first. */
  readonly ids: number[];
  /** Up to which sequence events are indexed. */
  readonly upToSeq: number;
}

export class TextIndex {
  readonly #db: Database.Database;
  readonly #from: Database.Database;
  readonly #sql: ReturnType<typeof prepare>;

  /** @param from the read model. @param file the index's own. */
  constructor(from: string, file: string) {
    this.#from = new Database(from, { readonly: true });
    this.#db = openIndex(file, this.#from);
    this.#sql = prepare(this.#db, this.#from);
  }

  get upToSeq(): number {
    return this.#position('seq');
  }

  /** Index what is new, at most `max` events and failures. @returns true if there may be more. */
  advance(max: number): boolean {
    const events = this.#sql.newEvents.all(this.#position('seq'), max) as { seq: number; data: string }[];
    const failures = this.#sql.newFailures.all(this.#position('failure'), max) as { id: number; text: string }[];
    const jobs = this.#sql.newJobs.all(this.#position('job'), max) as { id: number; arrival: number; input: string }[];
    if (events.length + failures.length + jobs.length === 0) return this.#forget(max);
    this.#db.transaction(() => {
      for (const { seq, data } of events) this.#sql.addEvent.run(seq, data);
      for (const { id, text } of failures) this.#sql.addFailure.run(id, text);
      for (const { id, input } of jobs) this.#sql.addJob.run(id, input);
      if (jobs.length > 0) this.#sql.setMeta.run('job', String(jobs.at(-1)?.arrival));
      if (events.length > 0) this.#sql.setMeta.run('seq', String(events.at(-1)?.seq));
      if (failures.length > 0) this.#sql.setMeta.run('failure', String(failures.at(-1)?.id));
    })();
    return events.length === max || failures.length === max || jobs.length === max;
  }

  /** Take out what the read model no longer has. @returns true if there may be more. */
  #forget(max: number): boolean {
    const forget = (first: number | null, reached: 'seq' | 'failure' | 'job', position: 'first' | 'first_failure' | 'first_job', remove: Database.Statement): boolean => {
      const wanted = first ?? this.#position(reached) + 1;
      // Streams may begin anywhere: what was never indexed needs no forgetting.
      const from = this.#position(position);
      if (from >= wanted) return false;
      const { changes } = remove.run(wanted, max);
      if (changes < max) this.#sql.setMeta.run(position, String(wanted));
      return changes === max;
    };
    return this.#db.transaction(() => {
      const events = forget((this.#sql.firstEvent.get() as { first: number | null }).first, 'seq', 'first', this.#sql.removeEvents);
      const jobs = forget((this.#sql.firstJob.get() as { first: number | null }).first, 'job', 'first_job', this.#sql.removeJobs);
      return forget((this.#sql.firstFailure.get() as { first: number | null }).first, 'failure', 'first_failure', this.#sql.removeFailures) || events || jobs;
    })();
  }

  /** Events that hold all of these words, newest first. */
  events(tokens: readonly string[], max: number, before: number | null = null): TextFound {
    return { ids: this.#match('event_text', tokens, max, before), upToSeq: this.upToSeq };
  }

  /** Failures whose error holds all of these words, newest first. */
  failures(tokens: readonly string[], max: number): number[] {
    return this.#match('failure_text', tokens, max);
  }

  /** Jobs whose input holds all of these words, by their ledger ids, newest first. */
  jobs(tokens: readonly string[], max: number, before: number | null = null): number[] {
    return this.#match('job_text', tokens, max, before);
  }

  close(): void {
    this.#db.close();
    this.#from.close();
  }

  #match(table: 'event_text' | 'failure_text' | 'job_text', tokens: readonly string[], max: number, before: number | null = null): number[] {
    if (tokens.length === 0) return [];
    // Quoted, a word is a word and no operator.
    const words = tokens.map((token) => `"${token.replaceAll('"', '""')}"`).join(' AND ');
    return (this.#sql[table].all(words, before ?? Number.MAX_SAFE_INTEGER, max) as { id: number }[]).map(({ id }) => id);
  }
  #position(key: 'seq' | 'failure' | 'job' | 'first' | 'first_failure' | 'first_job'): number {
    return Number((this.#sql.getMeta.get(key) as { value: string } | undefined)?.value ?? 0);
  }
}

/** An index of another version, of another read model, or a damaged one is begun anew. */
function openIndex(file: string, from: Database.Database): Database.Database {
  const born = String((from.prepare("SELECT value FROM meta WHERE key = 'born'").get() as { value: string } | undefined)?.value ?? '');
  try {
    const db = open(file);
    if (db.pragma('user_version', { simple: true }) === TEXT_SCHEMA_VERSION && (db.prepare("SELECT value FROM meta WHERE key = 'born'").get() as { value: string } | undefined)?.value === born) return db;
    db.close();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  deleteProjection(file);
  const db = open(file);
  db.exec(TEXT_SCHEMA);
  db.prepare("INSERT INTO meta VALUES ('born', ?)").run(born);
  db.pragma(`user_version = ${TEXT_SCHEMA_VERSION}`);
  return db;
}

function open(file: string): Database.Database {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  // It can always be made again from the read model.
  db.pragma('synchronous = OFF');
  return db;
}

function prepare(db: Database.Database, from: Database.Database) {
  return {
    getMeta: db.prepare('SELECT value FROM meta WHERE key = ?'),
    setMeta: db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'),
    newEvents: from.prepare("SELECT seq, json_extract(body, '$.data') AS data FROM events WHERE seq > ? ORDER BY seq LIMIT ?"),
    newFailures: from.prepare("SELECT id, error_name || ' ' || message AS text FROM failures WHERE id > ? ORDER BY id LIMIT ?"),
    newJobs: from.prepare('SELECT ledger_id AS id, arrival, input FROM jobs WHERE arrival > ? ORDER BY arrival LIMIT ?'),
    firstJob: from.prepare('SELECT min(ledger_id) AS first FROM jobs'),
    removeJobs: db.prepare('DELETE FROM job_text WHERE rowid IN (SELECT rowid FROM job_text WHERE rowid < ? ORDER BY rowid LIMIT ?)'),
    addJob: db.prepare('INSERT OR IGNORE INTO job_text (rowid, input) VALUES (?, ?)'),
    job_text: db.prepare('SELECT rowid AS id FROM job_text WHERE job_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?'),
    firstEvent: from.prepare('SELECT min(seq) AS first FROM events'),
    firstFailure: from.prepare('SELECT min(id) AS first FROM failures'),
    removeEvents: db.prepare('DELETE FROM event_text WHERE rowid IN (SELECT rowid FROM event_text WHERE rowid < ? ORDER BY rowid LIMIT ?)'),
    removeFailures: db.prepare('DELETE FROM failure_text WHERE rowid IN (SELECT rowid FROM failure_text WHERE rowid < ? ORDER BY rowid LIMIT ?)'),
    addEvent: db.prepare('INSERT INTO event_text (rowid, data) VALUES (?, ?)'),
    addFailure: db.prepare('INSERT INTO failure_text (rowid, message) VALUES (?, ?)'),
    event_text: db.prepare('SELECT rowid AS id FROM event_text WHERE event_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?'),
    failure_text: db.prepare('SELECT rowid AS id FROM failure_text WHERE failure_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?'),
  };
}
