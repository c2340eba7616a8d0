/** Traces: find one by any id or type, or see the latest. */
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useCallback, useMemo, useState } from 'react';
import type { TraceSummary } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { TRACE_SHOWS } from '../app/search-params.ts';
import { countOf, formatCount, formatDuration } from '../kit/format.ts';
import { EventType, TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { TraceSign } from '../kit/status.tsx';
import { Ago, Clock } from '../kit/time.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';

const route = getRouteApi('/traces');
const PAGE = 100;

const COLUMNS: readonly GridColumn<TraceSummary>[] = [
  { id: 'started', header: 'Started', width: '96px', cell: (row) => <Clock at={row.startedMs} /> },
  { id: 'type', header: 'First event', width: 'minmax(200px, 1fr)', cell: (row) => <EventType type={row.rootType} /> },
  { id: 'source', header: 'Source', width: 'minmax(80px, 160px)', cell: (row) => <span className="clip quiet" title={row.source}>{row.source}</span> },
  { id: 'id', header: 'Correlation', width: '108px', cell: (row) => <TraceId id={row.correlationId} /> },
  { id: 'state', header: 'State', width: '130px', cell: (row) => <TraceSign open={row.open} dead={row.dead} /> },
  { id: 'events', header: 'Events', width: '62px', align: 'right', cell: (row) => formatCount(row.events) },
  { id: 'jobs', header: 'Jobs', width: '62px', align: 'right', cell: (row) => formatCount(row.jobs) },
  { id: 'took', header: 'Took', width: '76px', align: 'right', cell: (row) => <span className="num">{formatDuration(row.lastMs - row.startedMs)}</span> },
  { id: 'last', header: 'Last activity', width: '92px', align: 'right', cell: (row) => <span className="quiet"><Ago at={row.lastMs} suffix=" ago" /></span> },
];

/** The page. */
export function TracesPage(): ReactElement {
  const { q, show = 'all' } = route.useSearch();
  const navigate = route.useNavigate();
  const [held, setHeld] = useState(false);
  const [atTop, setAtTop] = useState(true);

  const recent = useInfiniteQuery(
    api.traces.recent.infiniteOptions({
      input: (beforeMs: number | undefined) => ({ limit: PAGE, show, ...(beforeMs === undefined ? {} : { beforeMs }) }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => (last.more ? last.traces.at(-1)?.lastMs : undefined),
      enabled: q === undefined,
      // A list must not move under the pointer, nor while a person reads further down.
      refetchInterval: held || !atTop ? false : 2_000,
    }),
  );
  const found = useQuery(api.traces.search.queryOptions({ input: { query: q ?? '' }, enabled: q !== undefined }));

  const rows = useMemo(() => (q === undefined ? unique(recent.data?.pages.flatMap((page) => page.traces) ?? []) : (found.data?.traces ?? [])), [q, recent.data, found.data]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = recent;
  const onEnd = useCallback(() => {
    if (q === undefined && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [q, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const active = q === undefined ? recent : found;

  return (
    <Page
      title="Traces"
      fixed
      answer={q === undefined ? `The latest correlations${show === 'open' ? ' with open jobs' : show === 'failed' ? ' with dead letters' : ''}` : foundWords(found.isPlaceholderData ? undefined : found.data?.matched, rows.length, q)}
      tools={
        <SegmentedControl
          aria-label="Show"
          value={show}
          onChange={(next) => void navigate({ search: { show: TRACE_SHOWS.find((each) => each === next && each !== 'all') }, replace: true })}
          data={[{ value: 'all', label: 'All' }, { value: 'open', label: 'Open' }, { value: 'failed', label: 'With dead letters' }]}
        />
      }
    >
      <SearchBar q={q} onSearch={(next) => void navigate({ search: next === undefined ? {} : { q: next } })} />
      {active.error ? <ErrorNotice what="Traces could not be read" error={active.error} retry={() => void active.refetch()} /> : null}
      <div className="flow-list" onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
        <VirtualGrid
          label="Traces"
          columns={COLUMNS}
          count={rows.length}
          rowAt={(index) => rows[index]}
          keyOf={(row) => row.correlationId}
          onOpen={(row) => void navigate({ to: '/traces/$correlationId', params: { correlationId: row.correlationId }, search: {} })}
          onEnd={onEnd}
          onAtTop={setAtTop}
          empty={active.isPending ? <SkeletonRows rows={14} /> : <NoTraces searched={q !== undefined} show={show} />}
          footer={
            <>
              <span>{countOf(rows.length, 'trace')}{q === undefined && hasNextPage ? ', scroll down for older ones' : ''}</span>
              <span className="head-gap" />
              {q === undefined ? <span>{held || !atTop ? 'held while you read' : 'updates every 2 s'}</span> : null}
            </>
          }
        />
      </div>
    </Page>
  );
}

/** A correlation that was active between two pages stands on both. */
function unique(traces: readonly TraceSummary[]): TraceSummary[] {
  return [...new Map(traces.map((trace) => [trace.correlationId, trace])).values()];
}

function foundWords(matched: string | undefined, count: number, q: string): string {
  if (matched === undefined) return `Looking for “${q}”`;
  if (matched === 'none') return `Nothing is known by “${q}”`;
  const by = { correlation: 'correlation id', event: 'event id', job: 'job id', type: 'event type' }[matched] ?? matched;
  return `${countOf(count, 'trace')} by ${by} “${q}”`;
}

function NoTraces({ searched, show }: { searched: boolean; show: string }): ReactElement {
  if (searched) {
    return (
      <Empty title="Nothing found">
        Search by correlation, event or job id (the first eight characters are enough) or by an event type such as <span className="mono">communication.CallStarted</span>.
      </Empty>
    );
  }
  if (show === 'open') return <Empty title="No open traces">Every job that was owed is done or decided.</Empty>;
  if (show === 'failed') return <Empty title="No traces with dead letters">Nothing waits for a decision.</Empty>;
  return (
    <Empty title="Nothing has happened yet">
      Publish an event, or start demo traffic on the <Link to="/">overview</Link>.
    </Empty>
  );
}

function SearchBar({ q, onSearch }: { q: string | undefined; onSearch(next: string | undefined): void }): ReactElement {
  const [text, setText] = useDraft(q ?? '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSearch(text.trim() === '' ? undefined : text.trim());
  };
  return (
    <search>
      <form className="toolbar" onSubmit={submit}>
        <TextInput
          className="toolbar-grow"
          aria-label="Find traces"
          data-page-filter
          placeholder="Any id (8 characters are enough) or an event type   (press /)"
          leftSection={<IconSearch size={14} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          classNames={{ input: 'mono' }}
        />
        <Button type="submit" variant="default">
          Find
        </Button>
        {q === undefined ? null : (
          <Button variant="subtle" onClick={() => onSearch(undefined)}>
            Back to the latest
          </Button>
        )}
      </form>
    </search>
  );
}
