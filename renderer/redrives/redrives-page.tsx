/** Redrives: dead letters that run again, how far each is, and how it went. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { RedriveRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { scopeWords } from '../dead-letters/redrive-words.ts';
import { Trans } from '../i18n/trans.tsx';
import { formatCount, formatShare } from '../kit/format.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { RedriveSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { ProgressBar, RedrivePanel } from './redrive-panel.tsx';

const route = getRouteApi('/redrives');

const COLUMNS: readonly GridColumn<RedriveRow>[] = [
  { id: 'at', header: message('Started'), width: '76px', cell: (row) => <Ago at={row.requestedMs} says="ago" /> },
  { id: 'state', header: message('State'), width: '112px', cell: (row) => <RedriveSign state={row.state} /> },
  { id: 'scope', header: message('What'), width: 'minmax(120px, 1fr)', cell: (row) => <span className="clip" title={row.familyWords ?? undefined}>{row.edited ? t('{scope}, edited', { scope: row.familyWords ?? scopeWords(row.scope) }) : (row.familyWords ?? scopeWords(row.scope))}</span> },
  {
    id: 'progress', header: message('Ended'), width: 'minmax(100px, 240px)',
    cell: (row) => (
      <span className="progress-cell">
        <ProgressBar redrive={row} />
        <span className="num">{formatShare((row.skipped + row.succeeded + row.failed) / Math.max(1, row.total))}</span>
      </span>
    ),
  },
  { id: 'succeeded', header: message('Succeeded'), width: '76px', align: 'right', cell: (row) => formatCount(row.succeeded) },
  { id: 'failed', header: message('Failed'), width: '72px', align: 'right', cell: (row) => <span className={row.failed > 0 ? 'tone-dead' : 'quiet'}>{formatCount(row.failed)}</span> },
  { id: 'skipped', header: message('Skipped'), wideOnly: true, width: '80px', align: 'right', cell: (row) => <span className="quiet">{formatCount(row.skipped)}</span> },
  { id: 'total', header: message('In all'), wideOnly: true, width: '68px', align: 'right', cell: (row) => formatCount(row.total) },
  { id: 'by', header: message('By'), wideOnly: true, width: '84px', cell: (row) => <span className="clip quiet">{row.operator}</span> },
  { id: 'reason', header: message('Reason'), wideOnly: true, width: 'minmax(90px, 200px)', cell: (row) => <span className="clip quiet" title={row.reason}>{row.reason === '' ? t('none given') : row.reason}</span> },
];

/** The page. */
export function RedrivesPage(): ReactElement {
  const { redrive } = route.useSearch();
  const navigate = route.useNavigate();
  const redrives = useInfiniteQuery(
    api.redrives.list.infiniteOptions({
      input: (after: string | undefined) => ({ limit: 100, ...(after === undefined ? {} : { after }) }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (last) => last.next ?? undefined,
      refetchInterval: 1_000,
    }),
  );
  const rows = useMemo(() => redrives.data?.pages.flatMap((page) => page.redrives) ?? [], [redrives.data]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = redrives;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const open = rows.filter(({ finishedMs }) => finishedMs === null);

  return (
    <Page
      title={t('Redrives')}
      fixed
      answer={redrives.data ? (open.length === 0 ? t('No redrive is under way.') : t('{n, plural, one {# redrive} other {# redrives}} under way, {jobs, number} jobs to go.', { n: open.length, jobs: open.reduce((sum, row) => sum + row.total - row.skipped - row.succeeded - row.failed, 0) })) : ''}
      panel={redrive === undefined ? null : <RedrivePanel key={redrive} redriveId={redrive} onClose={() => void navigate({ search: {} })} />}
    >
      {redrives.error ? <ErrorNotice what={t('Redrives could not be read')} error={redrives.error} retry={() => void redrives.refetch()} /> : null}
      <VirtualGrid
        label={t('Redrives')}
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => row.redriveId}
        selected={redrive}
        onOpen={(row) => void navigate({ search: { redrive: row.redriveId }, replace: redrive !== undefined })}
        onEnd={onEnd}
        empty={redrives.isPending ? <SkeletonRows rows={8} /> : <Empty title={t('No redrives yet')}><Trans message="Pick a family or some of the <letters>dead letters</letters>, see what running them again would do, and follow it here." parts={{ letters: <Link to="/dead-letters" /> }} /></Empty>}
        footer={<span>{t('{n, plural, one {# redrive} other {# redrives}}{more, select, yes {, scroll down for older ones} other {}}', { n: rows.length, more: hasNextPage ? 'yes' : 'no' })}</span>}
      />
    </Page>
  );
}
