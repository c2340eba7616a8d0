/** The configured connectors. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { ConnectorStatus } from '../../shared/operator-api/index.ts';
import { useNow } from '../kit/clock.ts';
import { formatCount, formatMoment } from '../kit/format.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { AttemptSign, PausedSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { fromNow, slotWords } from '../schedules/slot-words.ts';

const COLUMNS: readonly GridColumn<ConnectorStatus>[] = [
  { id: 'id', header: message('Connector'), width: 'minmax(110px, 180px)', cell: (row) => <span className="clip mono">{row.id}</span> },
  { id: 'kind', header: message('Kind'), wideOnly: true, width: '90px', cell: (row) => row.kind },
  { id: 'target', header: message('Pulls from'), width: 'minmax(160px, 1fr)', cell: (row) => <span className="clip mono quiet" title={row.target}>{row.target}</span> },
  { id: 'last', header: message('Last sync'), width: '96px', cell: (row) => <Ago at={row.lastSyncMs} says="ago" /> },
  { id: 'outcome', header: message('Outcome'), width: '116px', cell: (row) => <Outcome row={row} /> },
  { id: 'next', header: message('Next sync'), width: '176px', cell: (row) => <NextSync row={row} /> },
  { id: 'records', header: message('Records'), wideOnly: true, width: '84px', align: 'right', cell: (row) => <span className="num">{formatCount(row.records)}</span> },
];

function Outcome({ row }: { row: ConnectorStatus }): ReactElement {
  return <span title={row.lastError ?? undefined}>{row.lastOutcome === 'never' ? <span className="quiet">{t('never synced')}</span> : <AttemptSign outcome={row.lastOutcome} />}</span>;
}

/** When it syncs next, or what makes it. */
export function NextSync({ row }: { row: ConnectorStatus }): ReactElement {
  const now = useNow();
  if (row.scheduled?.paused === true) return <PausedSign />;
  if (row.nextSyncMs !== null) return <span className="num" title={formatMoment(row.nextSyncMs)}>{slotWords(row.nextSyncMs, now)} <span className="quiet">{fromNow(row.nextSyncMs, now)}</span></span>;
  return <span className="quiet">{row.watched ? t('when a file changes') : t('by hand')}</span>;
}

export function ConnectorsView({ list, open, onOpen }: { list: UseQueryResult<ConnectorStatus[]>; open: string | undefined; onOpen(id: string): void }): ReactElement {
  const rows = list.data ?? [];
  return (
    <>
      {list.error ? <ErrorNotice what={t('Connectors could not be read')} error={list.error} retry={() => void list.refetch()} /> : null}
      <VirtualGrid
        label={t('Connectors')}
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => row.id}
        selected={open}
        onOpen={(row) => onOpen(row.id)}
        empty={list.isPending ? <SkeletonRows rows={4} /> : <Empty title={t('No connectors are configured')}>{t('A connector pulls records from a folder, a URL, a feed or a calendar. Add one to the site’s configuration and restart.')}</Empty>}
      />
    </>
  );
}
