/** Keeps the rows of the tail in the order of truth, each once. */
import type { EventRow } from '../../shared/operator-api/index.ts';

type Sequenced = Pick<EventRow, 'seq'>;

/** Both lists newest first by `seq`; so is the result, without repetitions. */
export function mergeNewer<Row extends Sequenced>(fresh: readonly Row[], before: readonly Row[]): Row[] {
  const newest = before[0]?.seq ?? Number.NEGATIVE_INFINITY;
  const lastFresh = fresh.at(-1);
  // The usual case: everything fresh is newer than everything known.
  if (lastFresh === undefined || lastFresh.seq > newest) return [...fresh, ...before];
  const bySeq = new Map<number, Row>();
  for (const row of before) bySeq.set(row.seq, row);
  for (const row of fresh) bySeq.set(row.seq, row);
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq);
}
