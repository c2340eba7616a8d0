/** Flow: events as they happen, and their past. */
import { Button, SegmentedControl } from '@mantine/core';
import { IconPlayerPauseFilled, IconPlayerPlayFilled, IconSend } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { Trans } from '../i18n/trans.tsx';
import { formatRate } from '../kit/format.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { VirtualGrid } from '../kit/virtual-grid.tsx';
import { EventPanel } from './event-panel.tsx';
import { FilterBar } from './filter-bar.tsx';
import { ColumnsMenu, useFlowColumns } from './flow-columns.tsx';
import { type FlowQuery, toEventFilter } from './flow-query.ts';
import { openPublishForm } from './publish-form.tsx';
import { rateWords } from './tail-rates.ts';
import { TypeRates } from './type-rates.tsx';
import { useTail } from './use-tail.ts';

const route = getRouteApi('/flow');

const FlowMapView = lazy(() => import('./flow-map.tsx'));

/** The page. */
export function FlowPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { event: openEvent, view, ...query } = search;
  const { columns } = useFlowColumns();
  // Times of a filter must not change from render to render: the tail would begin anew.
  const filter = toEventFilter(query);
  const filtered = Object.keys(filter).length > 0;

  const [paused, setPaused] = useState(false);
  const [atTop, setAtTop] = useState(true);
  const [toTop, setToTop] = useState(0);
  const following = !paused && atTop;
  const tail = useTail(filter, following);
  const site = useSiteStatus();

  const setQuery = (next: FlowQuery): void => void navigate({ search: { ...next, event: openEvent, view }, replace: true });
  const showNew = (): void => {
    tail.release();
    setToTop((count) => count + 1);
  };

  /** A box of the map: what it stands for, in the list. */
  const openNode = ({ kind, name }: { kind: 'source' | 'event' | 'job'; name: string }): void => {
    if (kind === 'job') void navigate({ to: '/jobs', search: { type: name } });
    else if (name !== '…') void navigate({ search: kind === 'source' ? { source: name } : { type: name } });
  };
  const indexLag = tail.indexedTo === null || !site ? 0 : Math.max(0, site.projection.lastSeq - tail.indexedTo);

  const list = (
    <div className="flow-list">
      <TypeRates counts={tail.types} onType={(type) => setQuery({ ...query, type })} />
      {tail.pending > 0 ? (
        <button type="button" className="flow-new" onClick={showNew}>
          {t('{n, number} new', { n: tail.pending })}
        </button>
      ) : null}
      <VirtualGrid
        label={t('Events')}
        columns={columns}
        count={tail.rows.length}
        rowAt={(index) => tail.rows[index]}
        keyOf={(row) => String(row.seq)}
        selected={openEvent === undefined ? undefined : String(tail.rows.find((row) => row.eventId === openEvent)?.seq ?? '')}
        rowHeight={28}
        onOpen={(row) => void navigate({ search: { ...query, view, event: row.eventId }, replace: openEvent !== undefined })}
        onAtTop={setAtTop}
        onEnd={tail.loadOlder}
        toTop={toTop}
        empty={tail.loading ? <SkeletonRows rows={16} /> : <NoEvents filtered={filtered} clear={() => setQuery({})} />}
        footer={
          <>
            <span>{rateWords(tail.rates, filtered)}</span>
            {indexLag > 0 ? <span className="quiet">{t('payloads of the newest {n, plural, one {# event} other {# events}} are not indexed yet', { n: indexLag })}</span> : null}
            {tail.searchedTo === null ? null : (
              <span>
                {t('Searched back to sequence {seq, number} so far.', { seq: tail.searchedTo })}{' '}
                <button type="button" className="link-button" onClick={tail.loadOlder}>{t('Search on')}</button>
              </span>
            )}
            <span className="head-gap" />
            <span>
              {tail.complete ? t('{n, plural, one {# row} other {# rows}}, back to the oldest kept', { n: tail.rows.length }) : t('{n, plural, one {# row} other {# rows}}, scroll down for older ones', { n: tail.rows.length })}
            </span>
            <span className="flow-following">{paused ? t('paused') : following ? t('following') : t('held while you read')}</span>
          </>
        }
      />
    </div>
  );

  return (
    <Page
      title={t('Flow')}
      fixed
      answer={
        <>
          {filtered ? t('{rate} events/s match the filter', { rate: formatRate(tail.rates.matched) }) : t('{rate} events/s', { rate: formatRate(tail.rates.matched) })}
          {site ? ` · ${t('{n, plural, one {# event} other {# events}} since the beginning', { n: site.totals.events })}` : ''}
        </>
      }
      tools={
        <>
          <SegmentedControl
            aria-label={t('View')}
            value={view ?? 'list'}
            onChange={(next) => void navigate({ search: { ...search, view: next === 'map' ? 'map' : undefined }, replace: true })}
            data={[{ value: 'list', label: t('List') }, { value: 'map', label: t('Map') }]}
          />
          {view === 'map' ? null : <ColumnsMenu />}
          <Button
            variant={paused ? 'filled' : 'default'}
            w={104}
            leftSection={paused ? <IconPlayerPlayFilled size={12} /> : <IconPlayerPauseFilled size={12} />}
            onClick={() => setPaused(!paused)}
          >
            {paused ? t('Follow') : t('Pause')}
          </Button>
          <Button leftSection={<IconSend size={14} />} onClick={() => openPublishForm(query.type?.includes('*') === false ? query.type : undefined)}>
            {t('Publish')}
          </Button>
        </>
      }
      panel={openEvent === undefined ? null : <EventPanel eventId={openEvent} onClose={() => void navigate({ search: { ...query, view } })} />}
    >
      <FilterBar query={query} onChange={setQuery} />
      {tail.error === null ? null : <ErrorNotice what={t('The tail was interrupted. It tries again by itself.')} error={tail.error} />}
      {view === 'map' ? (
        <Suspense fallback={<SkeletonRows rows={16} />}>
          <FlowMapView onOpen={openNode} />
        </Suspense>
      ) : list}
    </Page>
  );
}

function NoEvents({ filtered, clear }: { filtered: boolean; clear: () => void }): ReactElement {
  if (!filtered) {
    return (
      <Empty title={t('Nothing has happened yet')}>
        <Trans message="Publish an event, or start demo traffic on the <overview>overview</overview>. It appears here at once." parts={{ overview: <Link to="/" /> }} />
      </Empty>
    );
  }
  return (
    <Empty title={t('No event matches the filter')}>
      {t('New ones appear here as they come.')}{' '}
      <button type="button" className="link-button" onClick={clear}>
        {t('Clear the filter')}
      </button>
    </Empty>
  );
}
