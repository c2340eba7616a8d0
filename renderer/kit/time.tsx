/** Times: relative in lists, exact on hover. */
import type { ReactElement } from 'react';
import { useNow } from './clock.ts';
import { formatAge, formatClock, formatMoment, MISSING } from './format.ts';

/** "12 s", ticking; the exact local and UTC moment on hover. */
export function Ago({ at, suffix = '' }: { at: number | null | undefined; suffix?: string }): ReactElement {
  const now = useNow();
  if (at === null || at === undefined) return <span className="missing">{MISSING}</span>;
  const age = formatAge(Math.max(0, now - at));
  return (
    <time dateTime={isoOf(at)} title={formatMoment(at)} className="num">
      {age}
      {age === 'now' ? '' : suffix}
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
