/** How long the oldest job of each queue has waited, against the promise of its tier. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { TIER_PROMISES } from '../../shared/tiers.ts';
import { api } from '../app/connection/client.ts';
import { formatCount, formatDuration, formatRate } from '../kit/format.ts';
import { Section } from '../kit/page.tsx';
import { PausedSign } from '../kit/status.tsx';

/** See the file. */
export function QueueAges(): ReactElement {
  const queues = useQuery(api.tiers.queues.queryOptions({ refetchInterval: 1_000 }));
  const sorted = (queues.data?.queues ?? []).toSorted((a, b) => (b.oldestMs ?? -1) - (a.oldestMs ?? -1) || a.queue.localeCompare(b.queue));
  return (
    <Section title={t('Oldest job by queue')} aside={<Link to="/tiers">{t('Open tiers')}</Link>}>
      <table className="table">
        <thead>
          <tr><th>{t('Queue')}</th><th className="right">{t('Oldest')}</th><th className="right">{t('Waiting')}</th><th className="right">{t('Running')}</th><th className="right">{t('Done per min')}</th></tr>
        </thead>
        <tbody>
          {sorted.map(({ queue, tier, oldestMs, waiting, running, concurrency, perMinute, paused }) => (
            <tr key={queue}>
              <td><Link to="/tiers" search={{ queue }} className="mono">{queue}</Link> {paused ? <PausedSign /> : null}</td>
              <td className={oldestMs !== null && oldestMs > TIER_PROMISES[tier].targetMs ? 'right tone-failed' : 'right'}>{formatDuration(oldestMs)}</td>
              <td className="right">{formatCount(waiting)}</td>
              <td className="right">{t('{running, number} of {most, number}', { running, most: concurrency })}</td>
              <td className="right">{formatRate(perMinute.completed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
