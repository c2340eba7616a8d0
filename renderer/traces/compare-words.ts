/** What two traces differ in, in one line of words. Pure. */
import type { ComparedNode, Comparison } from '../../shared/compare-traces.ts';
import { countOf, formatDuration } from '../kit/format.ts';

/** "B took 1.2 s longer, mostly SendOutgoingMessageJob (+1.1 s). It lacks 2 nodes." */
export function differenceWords({ rows, onlyA, onlyB, totalDelta }: Comparison): string {
  const words: string[] = [];
  if (Math.abs(totalDelta) < 1) words.push('Both took the same time.');
  else {
    const most = mostOf(rows, totalDelta > 0 ? 1 : -1);
    const mostly = most === null ? '' : `, mostly ${most.name} (${(most.tookDelta ?? 0) > 0 ? '+' : ''}${formatDuration(most.tookDelta)})`;
    words.push(`B took ${formatDuration(Math.abs(totalDelta))} ${totalDelta > 0 ? 'longer' : 'less'}${mostly}.`);
  }
  if (onlyA > 0 && onlyB > 0) words.push(`It lacks ${countOf(onlyA, 'node')} and has ${countOf(onlyB, 'node')} more.`);
  else if (onlyA > 0) words.push(`It lacks ${countOf(onlyA, 'node')}.`);
  else if (onlyB > 0) words.push(`It has ${countOf(onlyB, 'node')} more.`);
  else words.push('Both have the same nodes.');
  return words.join(' ');
}

/** The job whose time changed most in that direction. */
function mostOf(rows: readonly ComparedNode[], sign: 1 | -1): ComparedNode | null {
  let most: ComparedNode | null = null;
  for (const row of rows) if (row.tookDelta !== null && row.tookDelta * sign >= 1 && row.tookDelta * sign > (most?.tookDelta ?? 0) * sign) most = row;
  return most;
}
