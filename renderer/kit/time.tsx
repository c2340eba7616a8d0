/** Times: relative in lists, exact on hover. */
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { useNow } from './clock.ts';
import { formatAge, formatClock, formatMoment, MISSING } from './format.ts';

/** "12 s", "12 s ago" or "12 s old", ticking; the exact local and UTC moment on hover. */
export function Ago({ at, says = 'age' }: { at: number | null | undefined; says?: 'age' | 'ago' | 'old' }): ReactElement {
  const now = useNow();
  if (at === null || at === undefined) return <span className="missing">{MISSING}</span>;
  const passed = Math.max(0, now - at);
  const age = formatAge(passed);
  return (
    <time dateTime={isoOf(at)} title={formatMoment(at)} className="num">
      {says === 'age' || passed < 1_000 ? age : says === 'ago' ? t('{age} ago', { age }) : t('{age} old', { age })}
    </time>
  );
}

/** "12:04:31.204" of this machine; the exact local and UTC moment on hover. */
export function Clock({ at, ms = true }: { at: number; ms?: boolean }): ReactElement {
  return (
    <time dateTime={isoOf(at)} title={formatMoment(at)} className="num">
      {formatClock(at, ms)}
    </time>
  );
}

function isoOf(at: number): string | undefined {
  return Number.isFinite(at) ? new Date(at).toISOString() : undefined;
}
