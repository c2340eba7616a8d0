/** Replay: let past events be routed again; first what it would do, then the doing. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { ReplayRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { formatCount, formatShare } from '../kit/format.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { ReplayForm } from './replay-form.tsx';
import { ReplayPanel } from './replay-panel.tsx';
import { ReplaySign } from './replay-sign.tsx';
import { acting, filterWords, leftAlone, progressOf } from './replay-words.ts';

const route = getRouteApi('/replay');

const COLUMNS: readonly GridColumn<ReplayRow>[] = [
  { id: 'started', header: message('Started'), width: '80px', cell: (row) => <Ago at={row.startedMs} says="ago" /> },
  { id: 'kind', header: message('Kind'), width: 'minmax(92px, 120px)', cell: (row) => (row.dryRun ? <span className="quiet">{t('dry run')}</span> : row.mode === 'force' ? t('force') : t('missing only')) },
  { id: 'filter', header: message('Events'), width: 'minmax(110px, 1fr)', cell: (row) => <span className="clip" title={filterWords(row.filter)}>{filterWords(row.filter)}</span> },
  { id: 'matched', header: message('Matched'), width: '76px', align: 'right', cell: (row) => formatCount(row.counts.matched) },
  { id: 'jobs', header: message('Jobs'), width: '70px', align: 'right', cell: (row) => formatCount(acting(row.counts, false)) },
  { id: 'left', header: message('Left alone'), wideOnly: true, width: '80px', align: 'right', cell: (row) => formatCount(leftAlone(row.counts)) },
  { id: 'reason', header: message('Reason'), wideOnly: true, width: 'minmax(120px, 260px)', cell: (row) => <span className="clip" title={row.reason}>{row.reason || <span className="missing">—</span>}</span> },
  { id: 'status', header: message('State'), width: 'minmax(116px, 150px)', cell: (row) => <><ReplaySign status={row.status} />{row.status === 'running' ? <span className="quiet num">&nbsp;{formatShare(progressOf(row))}</span> : null}</> },
];

/** The page. */
export function ReplaysPage(): ReactElement {
  const { replay, seq } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery(api.replays.list.queryOptions({ input: { limit: 200 }, refetchInterval: 2_000 }));
  const rows = list.data?.replays ?? [];
  const running = rows.filter(({ status, dryRun }) => status === 'running' && !dryRun).length;
  const runs = rows.filter(({ dryRun }) => !dryRun).length;
  const show = (next: string | undefined): void => void navigate({ search: { replay: next }, replace: replay !== undefined && next !== undefined });

  return (
    <Page
      title={t('Replay')}
      fixed
      answer={list.data ? (running > 0 ? t('{n, plural, one {# replay} other {# replays}} under way.', { n: running }) : runs === 0 ? t('Past events can be routed again: what is missing is made up for, what is done is left alone.') : t('No replay is under way; {n, plural, one {# replay} other {# replays}} so far.', { n: runs })) : ''}
      panel={replay === undefined ? null : <ReplayPanel key={replay} replayId={replay} onStarted={show} onClose={() => show(undefined)} />}
    >
      <ReplayForm key={seq} seq={seq} onStarted={show} />
      {list.error ? <ErrorNotice what={t('Replays could not be read')} error={list.error} retry={() => void list.refetch()} /> : null}
      <VirtualGrid
        label={t('Replays')}
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => row.replayId}
        selected={replay}
        onOpen={(row) => show(row.replayId)}
        empty={list.isPending ? <SkeletonRows rows={6} /> : <Empty title={t('No replays yet')}>{t('Say which events above, and begin with a dry run: it tells which jobs they owe and which of them are missing.')}</Empty>}
        footer={<span>{t('{n, plural, one {# entry} other {# entries}}, newest first', { n: rows.length })}</span>}
      />
    </Page>
  );
}
