/** A failure family above its dead letters: what it is, how it goes, what was said of it. */
import { Button } from '@mantine/core';
import { IconFlag } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { FailureFamilyRow } from '../../shared/operator-api/index.ts';
import { Trans } from '../i18n/trans.tsx';
import { formatMoment } from '../kit/format.ts';
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
    <section className="family-head" aria-label={t('Failure family')}>
      <div className="family-head-top">
        <div className="family-head-words">
          <JobType type={family.jobType} />
          <p className="family-template">
            <span className="mono quiet">{family.errorName}</span> {family.template}
          </p>
        </div>
        <TrendBars counts={family.byHour} label={trendWords(family)} />
        <Button variant="default" leftSection={<IconFlag size={14} />} onClick={() => setMarking(true)}>
          {t('Mark…')}
        </Button>
      </div>
      <div className="family-facts">
        <span><Trans message="<b>{n, number}</b> waiting" values={{ n: family.waiting }} parts={{ b: <b /> }} /></span>
        <span>{t('{n, number} redriven', { n: family.redriven })}</span>
        <span>{t('{n, number} discarded', { n: family.discarded })}</span>
        <TrendSign trend={family.trend} />
        <span><Trans message="last seen <age/>" parts={{ age: <Ago at={family.lastSeenMs} says="ago" /> }} /></span>
        <span><Trans message="first seen <age/>" parts={{ age: <Ago at={family.firstSeenMs} says="ago" /> }} /></span>
        {family.topFrame === null ? null : <span>{t('thrown in')} <span className="mono">{family.topFrame}</span></span>}
        {mark === null ? null : (
          <span title={`${mark.by}${mark.reason === '' ? '' : `: ${mark.reason}`} · ${formatMoment(mark.atMs)}`}>
            <MarkSign mark={mark} />
            {mark.kind === 'ignored' && mark.untilMs !== null ? <span className="quiet"> {t('until {time}', { time: formatMoment(mark.untilMs).slice(0, 16) })}</span> : null}
            {mark.diedSince > 0 ? <span className="quiet"> · {t('{n, number} died since', { n: mark.diedSince })}</span> : null}
          </span>
        )}
      </div>
      {marking ? <MarkDialog family={family} onClose={() => setMarking(false)} /> : null}
    </section>
  );
}
