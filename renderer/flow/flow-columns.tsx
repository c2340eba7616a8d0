/** The columns of Flow: which there are, and which a person has chosen; remembered. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconCheck, IconColumns } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { create } from 'zustand';
import { message, t } from '../../shared/i18n/translate.ts';
import type { EventRow } from '../../shared/operator-api/index.ts';
import { formatCount, formatDuration } from '../kit/format.ts';
import { EventType, Id, TraceId } from '../kit/ids.tsx';
import { UncataloguedSign } from '../kit/status.tsx';
import { Clock } from '../kit/time.tsx';
import type { GridColumn } from '../kit/virtual-grid.tsx';

const COLUMNS: readonly (GridColumn<EventRow> & { readonly optional?: true })[] = [
  { id: 'time', header: message('Stored'), width: '94px', cell: (row) => <Clock at={row.storedMs} /> },
  { id: 'published', header: message('Published'), optional: true, wideOnly: true, width: '94px', cell: (row) => <Clock at={row.timestampMs} /> },
  { id: 'delay', header: message('Delay'), optional: true, wideOnly: true, width: '76px', align: 'right', cell: (row) => <span className="num quiet" title={t('published → stored')}>{formatDuration(Math.max(0, row.storedMs - row.timestampMs))}</span> },
  { id: 'type', header: message('Type'), width: 'minmax(180px, 280px)', cell: (row) => <EventType type={row.eventType} /> },
  { id: 'version', header: message('Version'), optional: true, wideOnly: true, width: '64px', cell: (row) => <span className="num quiet">{row.eventVersion}</span> },
  { id: 'source', header: message('Source'), wideOnly: true, width: 'minmax(72px, 130px)', cell: (row) => <span className="clip quiet" title={row.source}>{row.source}</span> },
  { id: 'correlation', header: message('Correlation'), width: '104px', cell: (row) => <TraceId id={row.correlationId} /> },
  { id: 'event', header: message('Event id'), optional: true, wideOnly: true, width: '104px', cell: (row) => <Id id={row.eventId} /> },
  { id: 'cause', header: message('Cause'), optional: true, wideOnly: true, width: '104px', cell: (row) => (row.causationId === null ? <span className="quiet">—</span> : <Id id={row.causationId} />) },
  { id: 'job', header: message('Job'), optional: true, wideOnly: true, width: '104px', cell: (row) => (row.jobId === null ? <span className="quiet">—</span> : <Id id={row.jobId} />) },
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

const STORED = 'spine.flow-columns';
const USUAL = COLUMNS.filter(({ optional }) => optional !== true).map(({ id }) => id);

function stored(): readonly string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(STORED) ?? 'null');
    return Array.isArray(ids) && ids.length > 0 ? ids.filter((id): id is string => typeof id === 'string') : USUAL;
  } catch {
    return USUAL;
  }
}
const chosen = (ids: readonly string[]): readonly GridColumn<EventRow>[] => {
  const columns = COLUMNS.filter(({ id }) => ids.includes(id));
  return columns.length > 0 ? columns : COLUMNS.filter(({ id }) => USUAL.includes(id));
};

interface FlowColumns {
  readonly ids: readonly string[];
  readonly columns: readonly GridColumn<EventRow>[];
  readonly choose: (ids: readonly string[]) => void;
}

/** The chosen columns; the array stays the same until another choice is made. */
export const useFlowColumns = create<FlowColumns>((set) => ({
  ids: stored(),
  columns: chosen(stored()),
  choose: (ids) => {
    try {
      localStorage.setItem(STORED, JSON.stringify(ids));
    } catch {
      // Not remembered, but shown until the window is closed.
    }
    set({ ids, columns: chosen(ids) });
  },
}));

/** The menu that chooses them. */
export function ColumnsMenu(): ReactElement {
  const { ids, choose } = useFlowColumns();
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon aria-label={t('Columns')} title={t('Columns')} size={30}>
          <IconColumns size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {COLUMNS.map(({ id, header }) => {
          const shown = ids.includes(id);
          return (
            <Menu.Item key={id} rightSection={shown ? <IconCheck size={14} aria-label={t('shown')} /> : null} onClick={() => choose(shown ? ids.filter((each) => each !== id) : [...ids, id])}>
              {typeof header === 'string' ? t(header) : id}
            </Menu.Item>
          );
        })}
        <Menu.Divider />
        <Menu.Item onClick={() => choose(USUAL)}>{t('The usual ones')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
