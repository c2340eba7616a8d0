/** The next times of a schedule: in words, how far away, and in the schedule's own zone where that differs. */
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { formatMoment } from '../kit/format.ts';
import { fromNow, saysTheSame, slotWords } from './slot-words.ts';
import './schedules.css';

/** One line a slot. */
export function SlotList({ slots, timeZone, now }: { slots: readonly number[]; timeZone: string; now: number }): ReactElement {
  const differs = slots.some((at) => !saysTheSame(at, timeZone));
  return (
    <>
    {differs ? <p className="quiet slots-zones">{t('Local time; on the right, in {timeZone}', { timeZone })}</p> : null}
    <ol className="slots">
      {slots.map((at) => (
        <li key={at}>
          <time dateTime={new Date(at).toISOString()} title={formatMoment(at)}>{slotWords(at, now)}</time>
          <span className="quiet">{fromNow(at, now)}</span>
          <span className="quiet">{differs ? `${slotWords(at, now, timeZone)}` : ''}</span>
        </li>
      ))}
    </ol>
    </>
  );
}
