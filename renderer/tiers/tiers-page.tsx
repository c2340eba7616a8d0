/** Tiers: are the latency promises kept, and how are the queues? */
import { Checkbox, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { TIERS } from '../../shared/tiers.ts';
import { api } from '../app/connection/client.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { TIER_RANGES } from '../app/search-params.ts';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page, Section } from '../kit/page.tsx';
import { verdictWord } from '../kit/status.tsx';
import { QueuePanel } from './queue-panel.tsx';
import { QueueTable } from './queue-table.tsx';
import { TierBlock } from './tier-block.tsx';

const route = getRouteApi('/tiers');
const RANGE_NAMES = { '15min': '15 min', '1h': '1 h', '6h': '6 h', '24h': '24 h' } as const;

/** The page. */
export function TiersPage(): ReactElement {
  const { range = '15min', scale = 'log', chart = 'time', queue: openQueue } = route.useSearch();
  const navigate = route.useNavigate();
  const site = useSiteStatus();
  const queues = useQuery(api.tiers.queues.queryOptions({ refetchInterval: 1_000 }));
  const open = queues.data?.queues.find((each) => each.queue === openQueue);

  return (
    <Page
      title={t('Tiers')}
      answer={site ? promiseWords(site) : ''}
      tools={
        <>
          <SegmentedControl
            aria-label={t('Chart')}
            value={chart}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, chart: next === 'histogram' ? 'histogram' : undefined }), replace: true })}
            data={[{ value: 'time', label: t('Over time') }, { value: 'histogram', label: t('Histogram') }]}
          />
          <Checkbox label={t('Log scale')} disabled={chart === 'histogram'} checked={scale === 'log'} onChange={(event) => void navigate({ search: (before) => ({ ...before, scale: event.currentTarget.checked ? undefined : 'linear' }), replace: true })} />
          <SegmentedControl
            aria-label={t('Time range')}
            value={range}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, range: TIER_RANGES.find((each) => each === next && each !== '15min') }), replace: true })}
            data={TIER_RANGES.map((value) => ({ value, label: RANGE_NAMES[value] }))}
          />
        </>
      }
      panel={open ? <QueuePanel key={open.queue} queue={open} onClose={() => void navigate({ search: (before) => ({ ...before, queue: undefined }) })} /> : null}
    >
      <div className="tier-blocks">
        {TIERS.map((tier) => (
          <TierBlock key={tier} tier={tier} range={range} scale={scale} chart={chart} />
        ))}
      </div>
      <Section title={t('Queues')} aside={<span className="quiet">{t('updates every second')}</span>}>
        {queues.data ? (
          <QueueTable status={queues.data} onOpen={(queue) => void navigate({ search: (before) => ({ ...before, queue }) })} />
        ) : queues.error ? (
          <ErrorNotice what={t('Queues could not be read')} error={queues.error} retry={() => void queues.refetch()} />
        ) : (
          <SkeletonRows rows={4} />
        )}
      </Section>
    </Page>
  );
}

function promiseWords(site: SiteStatus): string {
  return site.tiers
    .map(({ tier, verdict }) => `${tier} ${verdictWord(verdict)}`)
    .join(' · ');
}
