/** The types that flow now: how many a second, and how that went over the last minute. A press filters by the type. */
import { type ReactElement, useSyncExternalStore } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { formatRate } from '../kit/format.ts';
import { EventType } from '../kit/ids.tsx';
import { KEPT_SECONDS, type TypeCounts, type TypeRate } from './type-counts.ts';

const MOST = 8;
/** Rates are taken over this many seconds, so that they don't flicker. */
const RATE_SECONDS = 5;

const everySecond = (listener: () => void): (() => void) => {
  const timer = setInterval(listener, 1_000);
  return () => clearInterval(timer);
};
const second = (): number => Math.floor(Date.now() / 1_000) * 1_000;

/** A strip above the list. */
export function TypeRates({ counts, onType }: { counts: TypeCounts; onType(type: string): void }): ReactElement {
  const now = useSyncExternalStore(everySecond, second);
  const rates = counts.at(now);
  return (
    <section className="type-rates" aria-label={t('Types of the last minute')}>
      {rates.length === 0 ? <span className="quiet">{now - counts.sinceMs < KEPT_SECONDS * 1_000 ? t('No event since this view was opened.') : t('No event in the last minute.')}</span> : null}
      {/* The busiest, but by name: what is busiest changes from second to second. */}
      {rates.slice(0, MOST).sort((a, b) => a.type.localeCompare(b.type)).map((rate) => (
        <button key={rate.type} type="button" className="type-rate" onClick={() => onType(rate.type)} title={t('Filter by {type}', { type: rate.type })}>
          <EventType type={rate.type} />
          <Bars rate={rate} />
          <span className="num">{formatRate(rate.perSecond.slice(-RATE_SECONDS).reduce((sum, n) => sum + n, 0) / RATE_SECONDS)}/s</span>
        </button>
      ))}
      {rates.length > MOST ? <span className="quiet">{t('and {n, number} more', { n: rates.length - MOST })}</span> : null}
    </section>
  );
}

function Bars({ rate: { perSecond } }: { rate: TypeRate }): ReactElement {
  const top = Math.max(1, ...perSecond);
  const points = perSecond.map((count, index) => `${index},${(12 - (count / top) * 11).toFixed(1)}`).join(' ');
  return (
    <svg className="type-bars" viewBox={`0 0 ${KEPT_SECONDS - 1} 12`} preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points} />
    </svg>
  );
}
