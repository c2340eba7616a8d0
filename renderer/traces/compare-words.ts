/** What two traces differ in, in one line of words. Pure. */
import type { ComparedNode, Comparison } from '../../shared/compare-traces.ts';
import { t } from '../../shared/i18n/translate.ts';
import { formatDuration } from '../kit/format.ts';

/** "B took 1.2 s longer, mostly SendOutgoingMessageJob (+1.1 s). It lacks 2 nodes." */
export function differenceWords({ rows, onlyA, onlyB, totalDelta }: Comparison): string {
  const words: string[] = [];
  if (Math.abs(totalDelta) < 1) words.push(t('Both took the same time.'));
  else {
    const most = mostOf(rows, totalDelta > 0 ? 1 : -1);
    const values = { time: formatDuration(Math.abs(totalDelta)), most: most?.name ?? 'nothing', delta: `${(most?.tookDelta ?? 0) > 0 ? '+' : ''}${formatDuration(most?.tookDelta)}` };
    words.push(
      totalDelta > 0
        ? t('B took {time} longer{most, select, nothing {} other {, mostly {most} ({delta})}}.', values)
        : t('B took {time} less{most, select, nothing {} other {, mostly {most} ({delta})}}.', values),
    );
  }
  if (onlyA > 0 && onlyB > 0) words.push(t('It lacks {a, plural, one {# node} other {# nodes}} and has {b, plural, one {# node} other {# nodes}} more.', { a: onlyA, b: onlyB }));
  else if (onlyA > 0) words.push(t('It lacks {n, plural, one {# node} other {# nodes}}.', { n: onlyA }));
  else if (onlyB > 0) words.push(t('It has {n, plural, one {# node} other {# nodes}} more.', { n: onlyB }));
  else words.push(t('Both have the same nodes.'));
  return words.join(' ');
}

/** The job whose time changed most in that direction. */
function mostOf(rows: readonly ComparedNode[], sign: 1 | -1): ComparedNode | null {
  let most: ComparedNode | null = null;
  for (const row of rows) if (row.tookDelta !== null && row.tookDelta * sign >= 1 && row.tookDelta * sign > (most?.tookDelta ?? 0) * sign) most = row;
  return most;
}
