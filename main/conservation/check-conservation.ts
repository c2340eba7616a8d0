/**
 * The conservation checker: after a run, whatever was killed in it, and after a restore, nothing may be lost and nothing doubled.
 *
 *   published = routed + set aside          every acknowledged event is in the inbox
 *   owed      = completed + dead + waiting  every job of the ledger has one end, or is still on a queue
 *   no orphan                               every job's triggering event was routed, every emitted event's job is known
 */
import type { Sql } from '../database/database.ts';

export interface Conservation {
  readonly published: number;
  readonly routed: number;
  readonly jobs: number;
  readonly completed: number;
  readonly dead: number;
  readonly redriven: number;
  readonly onQueues: number;
  readonly outbox: number;
  /** What does not add up, in words; empty if all does. */
  readonly violations: string[];
}

/** Ids of acknowledged events: all at once, or in parts as they are read. */
export type PublishedIds = readonly string[] | AsyncIterable<readonly string[]>;

export async function checkConservation(sql: Sql, publishedIds: PublishedIds): Promise<Conservation> {
  const one = async (text: string, values: unknown[] = []): Promise<number> => Number((await sql.query<{ n: string }>(text, values)).rows[0]?.n ?? Number.NaN);
  const ended = (kind: string): Promise<number> => one(`SELECT count(DISTINCT job_id) AS n FROM spine.job_ledger WHERE kind = $1`, [kind]);
  let [published, routed] = [0, 0];
  for await (const ids of Array.isArray(publishedIds) ? [publishedIds as readonly string[]] : (publishedIds as AsyncIterable<readonly string[]>)) {
    published += ids.length;
    routed += await one('SELECT count(*) AS n FROM spine.inbox WHERE event_id = ANY($1::uuid[])', [ids]);
  }
  const jobs = await ended('enqueued');
  const [completed, dead, redriven] = [await ended('completed'), await ended('dead'), await ended('redriven')];
  const onQueues = await one(`SELECT count(*) AS n FROM pgboss.job WHERE name IN (SELECT DISTINCT detail->>'queue' FROM spine.job_ledger WHERE kind = 'enqueued')`);
  const outbox = await one('SELECT count(*) AS n FROM spine.outbox');

  const violations: string[] = [];
  const must = (holds: boolean, words: string): void => void (holds || violations.push(words));
  must(routed === published, `${published} events were acknowledged, ${routed} are routed`);
  must(jobs === completed + dead + onQueues, `${jobs} jobs were owed; ${completed} completed + ${dead} dead + ${onQueues} waiting`);
  const none = async (what: string, text: string): Promise<void> => {
    const n = await one(text);
    must(n === 0, `${n} ${what}`);
  };
  await none('jobs were enqueued twice', `SELECT count(*) AS n FROM (SELECT job_id FROM spine.job_ledger WHERE kind = 'enqueued' GROUP BY 1 HAVING count(*) > 1) x`);
  await none('jobs ended twice', `SELECT count(*) AS n FROM (SELECT job_id FROM spine.job_ledger WHERE kind IN ('completed', 'dead') GROUP BY 1 HAVING count(*) > 1) x`);
  await none('jobs whose triggering event was not routed', `SELECT count(*) AS n FROM spine.job_ledger l LEFT JOIN spine.inbox i ON i.event_id = (l.detail->>'triggeringEventId')::uuid WHERE l.kind = 'enqueued' AND i.event_id IS NULL`);
  await none('jobs handed on by a job that is not known', `SELECT count(*) AS n FROM spine.job_ledger l WHERE l.kind = 'enqueued' AND l.detail->>'parentJobId' IS NOT NULL AND NOT EXISTS (SELECT 1 FROM spine.job_ledger p WHERE p.job_id = (l.detail->>'parentJobId')::uuid AND p.kind = 'enqueued')`);
  // Set operations, which are hashed: on freshly filled tables that nobody has analysed yet, a correlated query is quadratic.
  await none('completed jobs without their idempotency record', `SELECT count(*) AS n FROM (
    SELECT job_id FROM spine.job_ledger WHERE kind = 'completed'
    EXCEPT SELECT idempotency_key FROM spine.effect WHERE effect = ''
    EXCEPT SELECT job_id FROM spine.job_ledger WHERE kind = 'enqueued' AND (detail->>'redriveOf' IS NOT NULL OR detail->>'replayOf' IS NOT NULL)) unrecorded`);
  return { published, routed, jobs, completed, dead, redriven, onQueues, outbox, violations };
}
