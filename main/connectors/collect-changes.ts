/** From what a source yields to what is new or changed, in bounded batches. */
import { fingerprintOf, storableRecord } from './record-identity.ts';
import type { Position, SourceItem } from './source.ts';

export interface ChangedRecord {
  readonly recordId: string;
  readonly record: Record<string, unknown>;
  readonly fingerprint: string;
  readonly receivedFrom: string;
}

export interface Changes {
  /** In the order of the source; a record that comes twice counts with its last content. */
  readonly changed: ChangedRecord[];
  /** Read again and found the same. Records of files that have not changed are not read at all. */
  readonly unchanged: number;
  /** As "customers.csv:7 has 3 cells, the header has 4". */
  readonly problems: readonly string[];
  /** Of all problems, `problems` has the first ones. */
  readonly problemCount: number;
  /** The last position before which everything is in `changed` or was unchanged; null: go on from the old one. */
  readonly position: Position | null;
  /** False if the batch is full before the source ended: call again from `position`. */
  readonly finished: boolean;
}

export interface CollectOptions {
  /** A batch ends at the first place to go on from with this many changed records, and at twice as many anywhere. */
  readonly limit: number;
  /** Fingerprints on record, by record id. */
  readonly known: (recordIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly signal: AbortSignal;
}

const LOOK_UP = 500;
const MOST_PROBLEMS = 20;

/** Read until the source ends or the batch is full. */
export async function collectChanges(items: AsyncIterable<SourceItem>, { limit, known, signal }: CollectOptions): Promise<Changes> {
  const changed = new Map<string, ChangedRecord>();
  let pending: ChangedRecord[] = [];
  let unchanged = 0;
  let problemCount = 0;
  let reached: (() => Position) | null = null;
  const problems: string[] = [];
  const settle = async (): Promise<void> => {
    if (pending.length === 0) return;
    const onRecord = await known(pending.map(({ recordId }) => recordId));
    for (const candidate of pending) {
      if (onRecord.get(candidate.recordId) === candidate.fingerprint) {
        unchanged++;
        changed.delete(candidate.recordId);
      } else {
        changed.set(candidate.recordId, candidate);
      }
    }
    pending = [];
  };
  const result = (finished: boolean): Changes => ({ changed: [...changed.values()], unchanged, problems, problemCount, position: reached?.() ?? null, finished });

  for await (const item of items) {
    signal.throwIfAborted();
    if (item.kind === 'problem') {
      problemCount++;
      if (problems.length < MOST_PROBLEMS) problems.push(`${item.at} ${item.problem}`);
    } else if (item.kind === 'covered') {
      await settle();
      reached = item.position;
      if (changed.size >= limit) return result(false);
    } else {
      const record = storableRecord(item.record);
      pending.push({ recordId: item.recordId, record, fingerprint: fingerprintOf(record), receivedFrom: item.receivedFrom });
      if (pending.length >= Math.min(LOOK_UP, limit)) await settle();
      // Without a place to go on from, a source is read again from the old position: what is published by then is unchanged.
      if (changed.size >= 2 * limit) return result(false);
    }
  }
  await settle();
  return result(true);
}
