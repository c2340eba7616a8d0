/** The streams with their measures: three rows, all in sight. */
import { IconAlertTriangle, IconCircleCheck, IconClock, IconLock } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { BusStream, StreamName } from '../../shared/operator-api/index.ts';
import { say, t } from '../../shared/i18n/translate.ts';
import { formatBytes, formatCount, formatDuration, formatMoment, formatRate, MISSING } from '../kit/format.ts';
import { Ago } from '../kit/time.tsx';
import { originWords, retentionWords } from './retention-words.ts';

export function StreamTable({ streams, chosen, onRetention }: { streams: readonly BusStream[]; chosen: StreamName; onRetention(stream: StreamName): void }): ReactElement {
  return (
    <div className="streams-table">
      <table className="table" aria-label={t('Streams')}>
        <thead>
          <tr>
            <th>{t('Stream')}</th>
            <th className="right">{t('Messages')}</th>
            <th className="right">{t('Size')}</th>
            <th className="right">{t('Per second')}</th>
            <th className="right">{t('First')}</th>
            <th className="right">{t('Last')}</th>
            <th>{t('Keeps')}</th>
            <th>{t('Lag')}</th>
            <th className="right">{t('Consumers')}</th>
            <th><span className="unseen">{t('Actions')}</span></th>
          </tr>
        </thead>
        <tbody>
          {streams.map((stream) => (
            <tr key={stream.name} className={stream.name === chosen ? 'is-chosen' : undefined} aria-current={stream.name === chosen ? 'true' : undefined}>
              <td>
                <Link className="mono" to="/streams" search={{ stream: stream.name }} title={stream.subjects.join(', ')}>{stream.name}</Link>
                <div className="quiet">{originOf(stream)}</div>
              </td>
              <td className="right num">{formatCount(stream.messages)}</td>
              <td className="right num">{formatBytes(stream.bytes)}</td>
              <td className="right num"><Rate rate={stream.rate} /></td>
              <td className="right num"><Place seq={stream.firstSeq} at={stream.firstMs} /></td>
              <td className="right num"><Place seq={stream.lastSeq} at={stream.lastMs} /></td>
              <td>
                {retentionWords(stream.retention)}
                <div className="quiet">{originWords(stream.origins.maxAge)}</div>
              </td>
              <td><CopySign stream={stream} /></td>
              <td className="right"><Link className="num" to="/streams" search={{ stream: stream.name, view: 'consumers' }}>{formatCount(stream.consumers)}</Link></td>
              <td className="right">
                <button type="button" className="link-button streams-edit" onClick={() => onRetention(stream.name)}>
                  {stream.locked ? <><IconLock size={13} /> {t('Locked…')}</> : t('Retention…')}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {streams.flatMap(({ name, drift }) => drift.map((words) => (
        <p key={`${name} ${words.message}`} className="streams-drift tone-retrying">
          <IconAlertTriangle size={14} /> <strong>{name}</strong> {say(words)}
        </p>
      )))}
    </div>
  );
}

function originOf({ copyOf, subjects }: BusStream): string {
  if (copyOf === null) return t('the origin, {n, plural, one {# domain} other {# domains}}', { n: subjects.length });
  return subjects.length === 0 ? t('copy of all') : t('copy of {subjects}', { subjects: subjects.join(', ') });
}

function Rate({ rate }: { rate: BusStream['rate'] }): ReactElement {
  if (rate === null) return <span className="missing" title={t('Two looks are needed; the first was just taken.')}>{MISSING}</span>;
  return <>{formatRate(rate.perSecond)}<div className="quiet">{t('over {time}', { time: formatDuration(Math.round(rate.overMs / 1_000) * 1_000) })}</div></>;
}

function Place({ seq, at }: { seq: number; at: number | null }): ReactElement {
  if (at === null) return <span className="missing">{MISSING}</span>;
  return <>{formatCount(seq)}<div className="quiet" title={formatMoment(at)}><Ago at={at} /></div></>;
}

/** Is the copy in step? */
function CopySign({ stream: { copyOf, lag, missing } }: { stream: BusStream }): ReactElement {
  if (copyOf === null) return <span className="quiet">{t('origin')}</span>;
  if ((missing ?? 0) > 0) return <span className="status tone-failed"><IconAlertTriangle size={14} /> {t('{n, plural, one {# missing} other {# missing}}', { n: missing ?? 0 })}</span>;
  if ((lag ?? 0) > 0) return <span className="status tone-retrying"><IconClock size={14} /> {t('{n, plural, one {# behind} other {# behind}}', { n: lag ?? 0 })}</span>;
  return <span className="status tone-ok" title={missing === null ? t('Nothing is behind. Events came in while the two were compared, so they were not counted.') : t('Both were counted: nothing is missing.')}><IconCircleCheck size={14} /> {t('in step')}</span>;
}
