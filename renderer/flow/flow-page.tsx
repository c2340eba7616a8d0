/** Flow: events as they happen, and their past. */
import { Autocomplete, Button, Select } from '@mantine/core';
import { IconFilter, IconPlayerPauseFilled, IconPlayerPlayFilled, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactElement, useMemo, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { EventRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { Trans } from '../i18n/trans.tsx';
import { orderDomains } from '../kit/domains.ts';
import { formatCount, formatRate } from '../kit/format.ts';
import { EventType, TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { UncataloguedSign } from '../kit/status.tsx';
import { Clock } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { EventPanel } from './event-panel.tsx';
import { type FlowQuery, parseFlowQuery, suggestQueries, toEventFilter, writeFlowQuery } from './flow-query.ts';
import { openPublishForm } from './publish-form.tsx';
import { rateWords } from './tail-rates.ts';
import { useTail } from './use-tail.ts';

const route = getRouteApi('/flow');

const COLUMNS: readonly GridColumn<EventRow>[] = [
  { id: 'time', header: message('Stored'), width: '94px', cell: (row) => <Clock at={row.storedMs} /> },
  { id: 'type', header: message('Type'), width: 'minmax(180px, 280px)', cell: (row) => <EventType type={row.eventType} /> },
  { id: 'source', header: message('Source'), wideOnly: true, width: 'minmax(72px, 130px)', cell: (row) => <span className="clip quiet" title={row.source}>{row.source}</span> },
  { id: 'correlation', header: message('Correlation'), width: '104px', cell: (row) => <TraceId id={row.correlationId} /> },
  {
    id: 'summary',
    header: message('Payload'),
    width: 'minmax(120px, 1fr)',
    cell: (row) => (
      <>
        {row.verdict === 'uncatalogued' ? <span className="flow-mark"><UncataloguedSign /></span> : null}
        <span className="clip mono flow-summary">{row.summary}</span>
      </>
    ),
  },
  { id: 'seq', header: message('Sequence'), wideOnly: true, width: '86px', align: 'right', cell: (row) => <span className="num quiet">{formatCount(row.seq)}</span> },
];

/** The page. */
export function FlowPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { event: openEvent, ...query } = search;
  const filter = toEventFilter(query);
  const filtered = Object.keys(filter).length > 0;

  const [paused, setPaused] = useState(false);
  const [atTop, setAtTop] = useState(true);
  const [toTop, setToTop] = useState(0);
  const following = !paused && atTop;
  const tail = useTail(filter, following);
  const site = useSiteStatus();

  const setQuery = (next: FlowQuery): void => void navigate({ search: { ...next, event: openEvent }, replace: true });
  const showNew = (): void => {
    tail.release();
    setToTop((count) => count + 1);
  };

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
      panel={openEvent === undefined ? null : <EventPanel eventId={openEvent} onClose={() => void navigate({ search: { ...query } })} />}
    >
      <FilterBar query={query} onChange={setQuery} />
      {tail.error === null ? null : <ErrorNotice what={t('The tail was interrupted. It tries again by itself.')} error={tail.error} />}
      <div className="flow-list">
        {tail.pending > 0 ? (
          <button type="button" className="flow-new" onClick={showNew}>
            {t('{n, number} new', { n: tail.pending })}
          </button>
        ) : null}
        <VirtualGrid
          label={t('Events')}
          columns={COLUMNS}
          count={tail.rows.length}
          rowAt={(index) => tail.rows[index]}
          keyOf={(row) => String(row.seq)}
          selected={openEvent === undefined ? undefined : String(tail.rows.find((row) => row.eventId === openEvent)?.seq ?? '')}
          rowHeight={28}
          onOpen={(row) => void navigate({ search: { ...query, event: row.eventId }, replace: openEvent !== undefined })}
          onAtTop={setAtTop}
          onEnd={tail.loadOlder}
          toTop={toTop}
          empty={tail.loading ? <SkeletonRows rows={16} /> : <NoEvents filtered={filtered} clear={() => setQuery({})} />}
          footer={
            <>
              <span>{rateWords(tail.rates, filtered)}</span>
              <span className="head-gap" />
              <span>
                {tail.complete ? t('{n, number} rows, back to the oldest kept', { n: tail.rows.length }) : t('{n, number} rows, scroll down for older ones', { n: tail.rows.length })}
              </span>
              <span className="flow-following">{paused ? t('paused') : following ? t('following') : t('held while you read')}</span>
            </>
          }
        />
      </div>
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

function FilterBar({ query, onChange }: { query: FlowQuery; onChange(next: FlowQuery): void }): ReactElement {
  const written = writeFlowQuery(query);
  const [text, setText] = useDraft(written);
  const [problem, setProblem] = useState<string | null>(null);

  const known = useQuery(api.flow.sources.queryOptions({ refetchInterval: 30_000 }));
  const domains = useMemo(() => orderDomains((known.data?.types ?? []).map((type) => type.slice(0, type.indexOf('.')))), [known.data]);
  const offers = useMemo(
    () => suggestQueries(text, { types: known.data?.types ?? [], sources: known.data?.sources ?? [], domains }),
    [text, known.data, domains],
  );
  const apply = (value: string): void => {
    const parsed = parseFlowQuery(value);
    setProblem(parsed.problem);
    if (parsed.problem === null) onChange(parsed.query);
  };

  return (
    <div className="toolbar">
      <Autocomplete
        className="toolbar-grow"
        aria-label={t('Filter')}
        data-page-filter
        placeholder={t('type:rule.*  source:crm  correlation:…   (press /)')}
        leftSection={<IconFilter size={14} />}
        value={text}
        data={offers}
        filter={({ options }) => options}
        onChange={(value) => {
          setText(value);
          setProblem(null);
          if (value === '') apply('');
        }}
        onOptionSubmit={apply}
        onKeyDown={(event) => {
          if (event.key === 'Enter') apply(event.currentTarget.value);
        }}
        onBlur={() => text !== written && apply(text)}
        error={problem}
        clearable
        classNames={{ input: 'mono' }}
      />
      <Select
        aria-label={t('Domain')}
        placeholder={t('Any domain')}
        clearable
        w={160}
        data={orderDomains([...domains, ...(query.domain === undefined ? [] : [query.domain])])}
        value={query.domain ?? null}
        onChange={(domain) => onChange({ ...query, domain: domain ?? undefined })}
      />
    </div>
  );
}
