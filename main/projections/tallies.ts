/** What is counted of each batch of events by the hour: types, who publishes them, which rules held, and what did not fit its schema. */
import type { Envelope } from '../../shared/envelope.ts';
import type { EventRow } from '../../shared/operator-api/index.ts';
import type { SetAside } from '../routing/inbox.ts';

/** Width of a bucket, seconds. */
export const TALLY_BUCKET_S = 3_600;
/** Names are chosen by publishers; longer ones are cut. */
const LONGEST_NAME = 400;

/**
 * type: `<type>@<version>` · source: `<type> <source>` · unknown: `<type>@<version>`, of types and versions that the catalogue lacks ·
 * drift: `<type>`, of events set aside since their payload does not fit · rule: id of a rule that held
 */
export type TallyKind = 'type' | 'source' | 'unknown' | 'drift' | 'rule';

export interface Tally {
  readonly kind: TallyKind;
  readonly name: string;
  readonly bucketS: number;
  count: number;
  lastSeq: number;
  lastMs: number;
}

export interface TalliedEvent {
  readonly row: Pick<EventRow, 'seq' | 'storedMs' | 'eventType' | 'eventVersion' | 'source' | 'verdict'>;
  readonly data: Envelope['data'];
}

/** Counts of a batch, one for each name and hour. */
export function tally(events: readonly TalliedEvent[], refused: readonly SetAside[]): Tally[] {
  const tallies = new Map<string, Tally>();
  const add = (kind: TallyKind, name: string, seq: number, storedMs: number): void => {
    const cut = name.slice(0, LONGEST_NAME);
    const bucketS = Math.floor(storedMs / 1_000 / TALLY_BUCKET_S) * TALLY_BUCKET_S;
    const key = `${kind} ${bucketS} ${cut}`;
    const found = tallies.get(key);
    if (found) {
      found.count += 1;
      found.lastSeq = seq;
      found.lastMs = storedMs;
    } else tallies.set(key, { kind, name: cut, bucketS, count: 1, lastSeq: seq, lastMs: storedMs });
  };
  for (const { row: { seq, storedMs, eventType, eventVersion, source, verdict }, data } of events) {
    add('type', `${eventType}@${eventVersion}`, seq, storedMs);
    add('source', `${eventType} ${source}`, seq, storedMs);
    if (verdict === 'uncatalogued') add('unknown', `${eventType}@${eventVersion}`, seq, storedMs);
    if (eventType === 'rule.ConditionMatched' && typeof data.ruleId === 'string') add('rule', data.ruleId, seq, storedMs);
  }
  for (const { message: { seq, storedMs, subject }, reason } of refused) if (reason === 'bad-payload') add('drift', subject, seq, storedMs);
  return [...tallies.values()];
}
