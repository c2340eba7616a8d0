/** Traces: find one by whatever is known of it, or see the latest or the slowest. */
import { Autocomplete, Button, SegmentedControl } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useCallback, useMemo, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { TraceSearchResult, TraceSummary } from '../../shared/operator-api/index.ts';
import { parseTraceQuery } from '../../shared/trace-query.ts';
import { api } from '../app/connection/client.ts';
import { TRACE_SHOWS, type TracesSearch } from '../app/search-params.ts';
import { Trans, Verbatim } from '../i18n/trans.tsx';
import { formatCount, formatDuration } from '../kit/format.ts';
import { EventType, TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { usePageKeys } from '../kit/page-keys.ts';
import { TraceSign } from '../kit/status.tsx';
import { Ago, Clock } from '../kit/time.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { suggestTraceQueries } from './suggest-queries.ts';

const route = getRouteApi('/traces');
const PAGE = 100;

const COLUMNS: readonly GridColumn<TraceSummary>[] = [
  { id: 'started', header: message('Started'), width: '96px', cell: (row) => <Clock at={row.startedMs} /> },
  { id: 'type', header: message('First event'), width: 'minmax(200px, 1fr)', cell: (row) => <EventType type={row.rootType} /> },
  { id: 'source', header: message('Source'), width: 'minmax(80px, 160px)', cell: (row) => <span className="clip quiet" title={row.source}>{row.source}</span> },
  { id: 'id', header: message('Correlation'), width: '108px', cell: (row) => <TraceId id={row.correlationId} /> },
  { id: 'state', header: message('State'), width: '120px', cell: (row) => <TraceSign open={row.open} dead={row.dead} /> },
  { id: 'failures', header: message('Failures'), wideOnly: true, width: '66px', align: 'right', cell: (row) => (row.failures === 0 ? <span className="quiet">0</span> : <span className="tone-failed">{formatCount(row.failures)}</span>) },
  { id: 'events', header: message('Events'), width: '62px', align: 'right', cell: (row) => formatCount(row.events) },
  { id: 'jobs', header: message('Jobs'), width: '62px', align: 'right', cell: (row) => formatCount(row.jobs) },
  { id: 'took', header: message('Took'), width: '76px', align: 'right', cell: (row) => <span className="num">{formatDuration(row.lastMs - row.startedMs)}</span> },
  { id: 'last', header: message('Last activity'), width: '92px', align: 'right', cell: (row) => <span className="quiet"><Ago at={row.lastMs} says="ago" /></span> },
];

/** The page. */
export function TracesPage(): ReactElement {
  const { q, show = 'all', order } = route.useSearch();
  const navigate = route.useNavigate();
  const [held, setHeld] = useState(false);
  const [atTop, setAtTop] = useState(true);

  // The latest are followed live, page by page; anything else is a search.
  const line = [q, SHOWN[show]].filter(Boolean).join(' ');
  const searching = q !== undefined || order !== undefined || show === 'failed';
  // What can't be understood is said here, in the reader's language.
  const problem = useMemo(() => parseTraceQuery(line, 0).problem, [line]);
  const recent = useInfiniteQuery(
    api.traces.recent.infiniteOptions({
      input: (beforeMs: number | undefined) => ({ limit: PAGE, show: show === 'dead' ? ('failed' as const) : show === 'open' ? ('open' as const) : ('all' as const), ...(beforeMs === undefined ? {} : { beforeMs }) }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => (last.more ? last.traces.at(-1)?.lastMs : undefined),
      enabled: !searching,
      // A list must not move under the pointer, nor while a person reads further down.
      refetchInterval: held || !atTop ? false : 2_000,
    }),
  );
  const found = useQuery(api.traces.search.queryOptions({ input: { query: line, order: order ?? 'recent' }, enabled: searching && problem === null, retry: false }));

  const rows = useMemo(() => (searching ? (found.data?.traces ?? []) : unique(recent.data?.pages.flatMap((page) => page.traces) ?? [])), [searching, recent.data, found.data]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = recent;
  const onEnd = useCallback(() => {
    if (!searching && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [searching, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const active = searching ? found : recent;
  const unasked = searching && problem !== null;
  const search = useCallback((next: Partial<TracesSearch>) => void navigate({ search: (before) => ({ ...before, ...next }) }), [navigate]);
  usePageKeys({ s: { does: t('The slowest first, or the latest'), act: () => search({ order: order === undefined ? 'slowest' : undefined }) } });

  return (
    <Page
      title={t('Traces')}
      fixed
      answer={searching ? foundWords(found.isPlaceholderData ? undefined : found.data, q, order) : show === 'open' ? t('The latest correlations with open jobs') : show === 'dead' ? t('The latest correlations with dead letters') : t('The latest correlations')}
      tools={
        <>
          <SegmentedControl
            aria-label={t('Show')}
            value={show}
            onChange={(next) => search({ show: TRACE_SHOWS.find((each) => each === next && each !== 'all') })}
            data={[{ value: 'all', label: t('All') }, { value: 'open', label: t('Open') }, { value: 'failed', label: t('With failures') }, { value: 'dead', label: t('With dead letters') }]}
          />
          <SegmentedControl aria-label={t('Order')} value={order ?? 'latest'} onChange={(next) => search({ order: next === 'slowest' ? 'slowest' : undefined })} data={[{ value: 'latest', label: t('Latest') }, { value: 'slowest', label: t('Slowest') }]} />
        </>
      }
    >
      <SearchBar q={q} onSearch={(next) => search({ q: next })} />
      {searching && problem !== null ? <ErrorNotice what={t('That search could not be answered')} error={new Error(problem)} /> : active.error ? <ErrorNotice what={searching ? t('That search could not be answered') : t('Traces could not be read')} error={active.error} retry={() => void active.refetch()} /> : null}
      <div className="flow-list" onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
        <VirtualGrid
          label={t('Traces')}
          columns={COLUMNS}
          count={rows.length}
          rowAt={(index) => rows[index]}
          keyOf={(row) => row.correlationId}
          onOpen={(row) => void navigate({ to: '/traces/$correlationId', params: { correlationId: row.correlationId }, search: {} })}
          onEnd={onEnd}
          onAtTop={setAtTop}
          empty={active.isPending && !unasked ? <SkeletonRows rows={14} /> : <NoTraces searched={searching} show={show} />}
          footer={
            <>
              <span>{t('{n, plural, one {# trace} other {# traces}}{more, select, older {, scroll down for older ones} maybe {; there may be more, narrow the search} other {}}', {
                  n: rows.length, more: searching ? (found.data?.complete === false ? 'maybe' : 'none') : hasNextPage ? 'older' : 'none',
                })}</span>
              <span className="head-gap" />
              {searching ? <span>{found.data ? t('found in {time}', { time: formatDuration(found.data.tookMs) }) : ''}</span> : <span>{held || !atTop ? t('held while you read') : t('updates every 2 s')}</span>}
            </>
          }
        />
      </div>
    </Page>
  );
}

/** What the choices above the list add to a search. */
const SHOWN: Record<(typeof TRACE_SHOWS)[number], string> = { all: '', open: 'state:open', failed: 'state:failed', dead: 'state:dead' };

/** A correlation that was active between two pages stands on both. */
function unique(traces: readonly TraceSummary[]): TraceSummary[] {
  return [...new Map(traces.map((trace) => [trace.correlationId, trace])).values()];
}

function foundWords(found: TraceSearchResult | undefined, q: string | undefined, order: 'slowest' | undefined): string {
  const asked = { asked: q === undefined ? 'no' : 'yes', words: q ?? '' };
  if (found === undefined) return t('Looking{asked, select, yes { for “{words}”} other {}}', asked);
  if (found.matched === 'none') return t('Nothing is known{asked, select, yes { for “{words}”} other {}}', asked);
  const values = { ...asked, n: found.traces.length, how: found.matched === 'query' && order !== undefined ? 'slowest' : found.matched };
  return found.complete
    ? t('{n, plural, one {# trace} other {# traces}}{asked, select, yes { for “{words}”} other {}}, {how, select, correlation {by correlation id} event {by event id} job {by job id} slowest {the slowest first} other {the latest first}}', values)
    : t('The first {n, plural, one {# trace} other {# traces}}{asked, select, yes { for “{words}”} other {}}, {how, select, correlation {by correlation id} event {by event id} job {by job id} slowest {the slowest first} other {the latest first}}', values);
}

function NoTraces({ searched, show }: { searched: boolean; show: string }): ReactElement {
  if (searched) {
    return (
      <Empty title={t('Nothing found')}>
        <Trans message="Any id will do (its first eight characters are enough), a type, words of a payload in quotation marks, or filters such as <example/>." parts={{ example: <Verbatim className="mono" text="error:timeout took:>2s since:1h" /> }} />
      </Empty>
    );
  }
  if (show === 'open') return <Empty title={t('No open traces')}>{t('Every job that was owed is done or decided.')}</Empty>;
  if (show === 'dead') return <Empty title={t('No traces with dead letters')}>{t('Nothing waits for a decision.')}</Empty>;
  return (
    <Empty title={t('Nothing has happened yet')}>
      <Trans message="Publish an event, or start demo traffic on the <overview>overview</overview>." parts={{ overview: <Link to="/" /> }} />
    </Empty>
  );
}

function SearchBar({ q, onSearch }: { q: string | undefined; onSearch(next: string | undefined): void }): ReactElement {
  const [text, setText] = useDraft(q ?? '');
  const names = useQuery(api.flow.sources.queryOptions({ staleTime: 60_000 }));
  const jobs = useQuery(api.catalogue.jobs.queryOptions({ staleTime: 60_000 }));
  const offers = useMemo(
    () => suggestTraceQueries(text, { types: names.data?.types ?? [], sources: names.data?.sources ?? [], jobTypes: jobs.data?.map(({ type }) => type) ?? [] }),
    [text, names.data, jobs.data],
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSearch(text.trim() === '' ? undefined : text.trim());
  };
  return (
    <search>
      <form className="toolbar" onSubmit={submit}>
        <Autocomplete
          className="toolbar-grow"
          aria-label={t('Find traces')}
          data-page-filter
          placeholder={t('Any id, a type, “words of a payload”, error:timeout  took:>2s  data.customer.tier:vip  since:1h   (press /)')}
          leftSection={<IconSearch size={14} />}
          value={text}
          onChange={setText}
          data={offers}
          filter={({ options }) => options}
          limit={12}
          classNames={{ input: 'mono', option: 'mono' }}
        />
        <Button type="submit" variant="default">
          {t('Find')}
        </Button>
        {q === undefined ? null : (
          <Button variant="subtle" onClick={() => onSearch(undefined)}>
            {t('Clear')}
          </Button>
        )}
      </form>
    </search>
  );
}
