/** One tier on the overview: is its promise kept, how fast is it, how much of the budget is burnt. */
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { TIER_PROMISES } from '../../shared/tiers.ts';
import { formatCount, formatDuration, formatShare } from '../kit/format.ts';
import { Sparkline } from '../kit/sparkline.tsx';
import { VerdictSign } from '../kit/status.tsx';

/** Leads to the tiers. */
export function TierCard({ tier }: { tier: SiteStatus['tiers'][number] }): ReactElement {
  const promise = TIER_PROMISES[tier.tier];
  return (
    <div className="tier-card">
      <div className="tier-card-head">
        <Link to="/tiers"><strong>{tier.tier}</strong></Link>
        <span className="quiet clip" title={t(promise.words)}>{t(promise.words)}</span>
        <span className="head-gap" />
        <VerdictSign verdict={tier.verdict} />
      </div>
      <div className="tier-card-body">
        <Percentile name="p50" value={tier.p50Ms} />
        <Percentile name="p95" value={tier.p95Ms} />
        <Percentile name="p99" value={tier.p99Ms} />
        <div className="tier-spark">
          <Sparkline values={tier.sparkline} promise={tier.targetMs} label={t('p99 of {tier} by minute over 15 minutes, with the promise line', { tier: tier.tier })} />
        </div>
      </div>
      <div className="tier-card-foot" title={t('1 % of the jobs may start late: that is the budget')}>
        <span>{t('Budget burnt')}</span>
        <Burnt name="15 min" share={tier.started === 0 ? null : tier.budgetBurnt} />
        <Burnt name="1 h" share={tier.budgetBurntHour} />
        <Burnt name="24 h" share={tier.budgetBurntDay} />
        {tier.late > 0 ? <Link to="/jobs" search={{ tier: tier.tier, late: true }}>{t('{n, plural, one {# late job} other {# late jobs}}', { n: tier.late })}</Link> : null}
      </div>
      <div className="tier-card-foot">
        <span>{t('Waiting')} <b className="num">{formatCount(tier.waiting)}</b></span>
        <span>{t('Running')} <b className="num">{formatCount(tier.running)}</b></span>
        {tier.retrying > 0 ? <span>{t('Retrying')} <b className="num">{formatCount(tier.retrying)}</b></span> : null}
        <span>{t('Oldest')} <b className="num">{formatDuration(tier.oldestMs)}</b></span>
      </div>
    </div>
  );
}

function Percentile({ name, value }: { name: 'p50' | 'p95' | 'p99'; value: number | null }): ReactElement {
  return (
    <div className="percentile">
      <span className="quiet"><span className="percentile-mark" style={{ background: `var(--${name})` }} />{name}</span>
      <b className="num">{formatDuration(value)}</b>
    </div>
  );
}

function Burnt({ name, share }: { name: string; share: number | null }): ReactElement {
  return (
    <span>
      {name} <b className={share !== null && share > 1 ? 'num tone-failed' : 'num'}>{formatShare(share)}</b>
    </span>
  );
}
