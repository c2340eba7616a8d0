/** A failure family above its dead letters: what it is, how it goes, what was said of it. */
import { Button } from '@mantine/core';
import { IconFlag } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';
import type { FailureFamilyRow } from '../../shared/operator-api/index.ts';
import { formatCount, formatMoment } from '../kit/format.ts';
import { JobType } from '../kit/ids.tsx';
import { MarkSign, TrendSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { TrendBars } from '../kit/trend-bars.tsx';
import { trendWords } from './families-view.tsx';
import { MarkDialog } from './mark-dialog.tsx';

/** See the file. */
export function FamilyHead({ family }: { family: FailureFamilyRow }): ReactElement {
  const [marking, setMarking] = useState(false);
  const { mark } = family;
  return (
    <section className="family-head" aria-label="Failure family">
      <div className="family-head-top">
        <div className="family-head-words">
          <JobType type={family.jobType} />
          <p className="family-template">
            <span className="mono quiet">{family.errorName}</span> {family.template}
          </p>
        </div>
        <TrendBars counts={family.byHour} label={trendWords(family)} />
        <Button variant="default" leftSection={<IconFlag size={14} />} onClick={() => setMarking(true)}>
          Mark…
        </Button>
      </div>
      <div className="family-facts">
        <span><b>{formatCount(family.waiting)}</b> waiting</span>
        <span>{formatCount(family.redriven)} redriven</span>
        <span>{formatCount(family.discarded)} discarded</span>
        <TrendSign trend={family.trend} />
        <span>last seen <Ago at={family.lastSeenMs} says="ago" /></span>
        <span>first seen <Ago at={family.firstSeenMs} says="ago" /></span>
        {family.topFrame === null ? null : <span>thrown in <span className="mono">{family.topFrame}</span></span>}
        {mark === null ? null : (
          <span title={`${mark.by}${mark.reason === '' ? '' : `: ${mark.reason}`} · ${formatMoment(mark.atMs)}`}>
            <MarkSign mark={mark} />
            {mark.kind === 'ignored' && mark.untilMs !== null ? <span className="quiet"> until {formatMoment(mark.untilMs).slice(0, 16)}</span> : null}
            {mark.diedSince > 0 ? <span className="quiet"> · {formatCount(mark.diedSince)} died since</span> : null}
          </span>
        )}
      </div>
      {marking ? <MarkDialog family={family} onClose={() => setMarking(false)} /> : null}
    </section>
  );
}
