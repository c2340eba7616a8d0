/** Where the time went, in one line: the critical path by kind of time. */
import type { ReactElement } from 'react';
import type { SegmentKind } from '../../shared/critical-path.ts';
import { message, t } from '../../shared/i18n/translate.ts';
import { formatDuration, formatShare } from '../kit/format.ts';
import type { TraceModel } from './trace-model.ts';

const KINDS: readonly (readonly [SegmentKind, string])[] = [
  ['waiting', message('waiting')], ['running', message('running')], ['backoff', message('retry wait')], ['relay', message('to the bus')], ['decision', message('until a person decided')],
  ['idle', message('between')],
];

/** Nothing for a trace in which no time passed. */
export function PathStrip({ model }: { model: TraceModel }): ReactElement | null {
  const { critical } = model;
  if (!critical || critical.totalMs <= 0) return null;
  const shown = KINDS.filter(([kind]) => critical.byKind[kind] > 0);
  return (
    <div className="path-strip">
      <span className="path-title">
        {t('Critical path')} <b className="num">{formatDuration(critical.totalMs)}</b>
      </span>
      <span className="path-bar" aria-hidden="true">
        {shown.map(([kind]) => (
          <span key={kind} className={`path-part path-${kind}`} style={{ flexGrow: critical.byKind[kind] / critical.totalMs }} />
        ))}
      </span>
      {shown.map(([kind, words]) => (
        <span key={kind} className="path-words">
          <span className={`path-key path-${kind}`} />
          {t(words)} <b className="num">{formatDuration(critical.byKind[kind])}</b> <span className="quiet num">{formatShare(critical.byKind[kind] / critical.totalMs)}</span>
        </span>
      ))}
    </div>
  );
}
