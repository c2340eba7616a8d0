/** Failure families: dead letters by cause, last seen first. */
import { SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo } from 'react';
import type { FailureFamilyRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { countOf, formatCount } from '../kit/format.ts';
import { JobType } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { MarkSign, TrendSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { TrendBars } from '../kit/trend-bars.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { ExportButton } from './export-button.tsx';

const route = getRouteApi('/dead-letters');

/** Its trend in words, for the chart's name. */
export const trendWords = ({ byHour, trend }: FailureFamilyRow): string => `${formatCount(byHour.reduce((sum, n) => sum + n, 0))} died in the last 24 hours, ${trend}`;

const COLUMNS: readonly GridColumn<FailureFamilyRow>[] = [
  {
    id: 'cause', header: 'Cause and newest sample', width: 'minmax(240px, 1fr)',
    cell: (row) => (
      <span className="family-cell">
        <span title={row.template}><span className="mono quiet">{row.errorName}</span> {row.template}</span>
        <span className="family-sample">
          <JobType type={row.jobType} /> <span title={row.sample?.message}>{row.sample?.message === row.template ? '' : (row.sample?.message ?? '')}</span>
        </span>
      </span>
    ),
  },
  { id: 'waiting', header: 'Waiting', width: '64px', align: 'right', cell: (row) => <strong className="num">{formatCount(row.waiting)}</strong> },
  { id: 'trend', header: '24 hours', width: '98px', cell: (row) => <TrendBars counts={row.byHour} label={trendWords(row)} /> },
  { id: 'trend-word', header: 'Trend', wideOnly: true, width: '84px', cell: (row) => <TrendSign trend={row.trend} /> },
  { id: 'last', header: 'Last seen', width: '82px', cell: (row) => <Ago at={row.lastSeenMs} says="ago" /> },
  { id: 'first', header: 'First seen', wideOnly: true, width: '82px', cell: (row) => <span className="quiet"><Ago at={row.firstSeenMs} says="ago" /></span> },
  { id: 'mark', header: 'Mark', wideOnly: true, width: '178px', cell: (row) => (row.mark ? <MarkSign mark={row.mark} /> : <span className="missing">—</span>) },
];

/** Answer, tools and content of the page while it shows families. */
export function useFamiliesView(): { answer: string; tools: ReactElement; content: ReactElement } {
  const { status, jobType } = route.useSearch();
  const show = status === 'all' ? 'all' : 'open';
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(
    api.deadLetters.families.infiniteOptions({
      input: (after: string | undefined) => ({ show, limit: 200, ...(jobType === undefined ? {} : { jobType }), ...(after === undefined ? {} : { after }) }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (last) => last.next ?? undefined,
      refetchInterval: 3_000,
    }),
  );
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.families) ?? [], [query.data]);
  const first = query.data?.pages[0];
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return {
    answer: first ? familyWords(first.total, first.waiting, rows, show) : '',
    tools: (
      <SegmentedControl
        aria-label="Families"
        value={show}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, status: next === 'all' ? 'all' : undefined }), replace: true })}
        data={[{ value: 'open', label: 'Waiting' }, { value: 'all', label: 'All' }]}
      />
    ),
    content: (
      <>
        {query.error ? <ErrorNotice what="Failure families could not be read" error={query.error} retry={() => void query.refetch()} /> : null}
        <VirtualGrid
          label="Failure families"
          columns={COLUMNS}
          count={rows.length}
          total={first?.total}
          rowAt={(index) => rows[index]}
          keyOf={(row) => row.family}
          rowHeight={46}
          rowClass={(row) => (row.mark?.kind === 'ignored' && row.mark.state === 'active' ? 'is-ignored' : undefined)}
          onOpen={(row) => void navigate({ search: { family: row.family } })}
          onEnd={onEnd}
          empty={query.isPending ? <SkeletonRows rows={10} /> : <Empty title="No dead letters">A job comes here when its last attempt has failed, with its input and every error, sorted by cause. It stays until a person decides.</Empty>}
          footer={
            <>
              <span>{first === undefined ? '' : `${countOf(first.total, 'family', 'families')}, last seen first${rows.length < first.total ? ', scroll down for more' : ''}`}</span>
              <span className="head-gap" />
              {first && first.unsorted > 0 ? <span>{countOf(first.unsorted, 'old dead letter')} not sorted into families yet</span> : null}
            </>
          }
        />
      </>
    ),
  };
}

function familyWords(total: number, waiting: number, rows: readonly FailureFamilyRow[], show: 'open' | 'all'): string {
  if (total === 0) return show === 'open' ? 'No job waits for a decision.' : 'No job has ever died here.';
  if (show === 'all' && waiting === 0) return `${countOf(total, 'family', 'families')}, all decided.`;
  const growing = rows.filter((row) => row.trend === 'growing' && row.waiting > 0).length;
  const back = rows.filter((row) => row.mark?.state === 'came-back').length;
  const parts = [`${countOf(waiting, 'job')} in ${countOf(total, 'family', 'families')} ${waiting === 1 ? 'waits' : 'wait'} for your decision`];
  if (growing > 0) parts.push(`${formatCount(growing)} growing`);
  if (back > 0) parts.push(`${formatCount(back)} said to be fixed came back`);
  return `${parts.join(' · ')}.`;
}

/** Export of everything that the families hold. */
export function ExportAll(): ReactElement {
  const { status, jobType } = route.useSearch();
  return <ExportButton status={status === 'all' ? 'all' : 'waiting'} filter={jobType === undefined ? {} : { jobType }} />;
}
