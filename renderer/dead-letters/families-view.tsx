/** Failure families: dead letters by cause, last seen first. */
import { SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { FailureFamilyRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { formatCount } from '../kit/format.ts';
import { JobType } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { MarkSign, TrendSign, trendWord } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { TrendBars } from '../kit/trend-bars.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { ExportButton } from './export-button.tsx';

const route = getRouteApi('/dead-letters');

/** Its trend in words, for the chart's name. */
export const trendWords = ({ byHour, trend }: FailureFamilyRow): string => t('{n, number} died in the last 24 hours, {trend}', { n: byHour.reduce((sum, n) => sum + n, 0), trend: trendWord(trend) });

const COLUMNS: readonly GridColumn<FailureFamilyRow>[] = [
  {
    id: 'cause', header: message('Cause and newest sample'), width: 'minmax(240px, 1fr)',
    cell: (row) => (
      <span className="family-cell">
        <span title={row.template}><span className="mono quiet">{row.errorName}</span> {row.template}</span>
        <span className="family-sample">
          <JobType type={row.jobType} /> <span title={row.sample?.message}>{row.sample?.message === row.template ? '' : (row.sample?.message ?? '')}</span>
        </span>
      </span>
    ),
  },
  { id: 'waiting', header: message('Waiting'), width: '64px', align: 'right', cell: (row) => <strong className="num">{formatCount(row.waiting)}</strong> },
  { id: 'trend', header: message('24 hours'), width: '98px', cell: (row) => <TrendBars counts={row.byHour} label={trendWords(row)} /> },
  { id: 'trend-word', header: message('Trend'), wideOnly: true, width: '84px', cell: (row) => <TrendSign trend={row.trend} /> },
  { id: 'last', header: message('Last seen'), width: '82px', cell: (row) => <Ago at={row.lastSeenMs} says="ago" /> },
  { id: 'first', header: message('First seen'), wideOnly: true, width: '82px', cell: (row) => <span className="quiet"><Ago at={row.firstSeenMs} says="ago" /></span> },
  { id: 'mark', header: message('Mark'), wideOnly: true, width: '178px', cell: (row) => (row.mark ? <MarkSign mark={row.mark} /> : <span className="missing">—</span>) },
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
        aria-label={t('Families')}
        value={show}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, status: next === 'all' ? 'all' : undefined }), replace: true })}
        data={[{ value: 'open', label: t('Waiting') }, { value: 'all', label: t('All') }]}
      />
    ),
    content: (
      <>
        {query.error ? <ErrorNotice what={t('Failure families could not be read')} error={query.error} retry={() => void query.refetch()} /> : null}
        <VirtualGrid
          label={t('Failure families')}
          columns={COLUMNS}
          count={rows.length}
          total={first?.total}
          rowAt={(index) => rows[index]}
          keyOf={(row) => row.family}
          rowHeight={46}
          rowClass={(row) => (row.mark?.kind === 'ignored' && row.mark.state === 'active' ? 'is-ignored' : undefined)}
          onOpen={(row) => void navigate({ search: { family: row.family } })}
          onEnd={onEnd}
          empty={query.isPending ? <SkeletonRows rows={10} /> : <Empty title={t('No dead letters')}>{t('A job comes here when its last attempt has failed, with its input and every error, sorted by cause. It stays until a person decides.')}</Empty>}
          footer={
            <>
              <span>{first === undefined ? '' : rows.length < first.total ? t('{n, plural, one {# family} other {# families}}, last seen first, scroll down for more', { n: first.total }) : t('{n, plural, one {# family} other {# families}}, last seen first', { n: first.total })}</span>
              <span className="head-gap" />
              {first && first.unsorted > 0 ? <span>{t('{n, plural, one {# old dead letter} other {# old dead letters}} not sorted into families yet', { n: first.unsorted })}</span> : null}
            </>
          }
        />
      </>
    ),
  };
}

function familyWords(total: number, waiting: number, rows: readonly FailureFamilyRow[], show: 'open' | 'all'): string {
  if (total === 0) return show === 'open' ? t('No job waits for a decision.') : t('No job has ever died here.');
  if (show === 'all' && waiting === 0) return t('{n, plural, one {# family} other {# families}}, all decided.', { n: total });
  const growing = rows.filter((row) => row.trend === 'growing' && row.waiting > 0).length;
  const back = rows.filter((row) => row.mark?.state === 'came-back').length;
  const parts = [t('{jobs, plural, one {# job} other {# jobs}} in {families, plural, one {# family} other {# families}} {jobs, plural, one {waits} other {wait}} for your decision', { jobs: waiting, families: total })];
  if (growing > 0) parts.push(t('{n, number} growing', { n: growing }));
  if (back > 0) parts.push(t('{n, number} said to be fixed came back', { n: back }));
  return `${parts.join(' · ')}.`;
}

/** Export of everything that the families hold. */
export function ExportAll(): ReactElement {
  const { status, jobType } = route.useSearch();
  return <ExportButton status={status === 'all' ? 'all' : 'waiting'} filter={jobType === undefined ? {} : { jobType }} />;
}
