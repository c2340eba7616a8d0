/** Reads of the tallies: how often, how lately, by name. */
import type Database from 'better-sqlite3';
import type { TallyKind } from './tallies.ts';

/** Behind every character of a name, in the order of SQLite. */
const LAST = '\u{10FFFF}';

export interface TallySum {
  readonly name: string;
  /** As far back as the view goes. */
  readonly count: number;
  /** Since the moment that was asked for. */
  readonly lately: number;
  readonly lastSeq: number;
  readonly lastMs: number;
  /** Of the last one, if it is an event that the view holds. */
  readonly lastEventId: string | null;
  readonly lastCorrelationId: string | null;
}

export class TallyQueries {
  readonly #sums: Database.Statement;

  constructor(db: Database.Database) {
    this.#sums = db.prepare(`
      SELECT t.*, e.event_id AS lastEventId, e.correlation_id AS lastCorrelationId FROM (
        SELECT name, sum(count) AS count, sum(CASE WHEN bucket_s >= @sinceS THEN count ELSE 0 END) AS lately, max(last_seq) AS lastSeq, max(last_ms) AS lastMs
        FROM tallies WHERE kind = @kind AND name >= @prefix AND name < @beyond GROUP BY name) t LEFT JOIN events e ON e.seq = t.lastSeq ORDER BY t.name`);
  }

  /** @param sinceMs start of an hour, epoch ms: hours are the grain. @param prefix only names that begin with it. */
  sums(kind: TallyKind, sinceMs: number, prefix = ''): TallySum[] {
    return this.#sums.all({ kind, sinceS: sinceMs / 1_000, prefix, beyond: `${prefix}${LAST}` }) as TallySum[];
  }
}
