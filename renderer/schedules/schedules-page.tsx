/** Schedules: what will run when, and what became of it. */
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { ScheduleRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { useNow } from '../kit/clock.ts';
import { cronWords } from '../kit/cron-words.ts';
import { formatMoment } from '../kit/format.ts';
import { JobType } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { PausedSign } from '../kit/status.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { FiringSign } from './firing-sign.tsx';
import { ScheduleForm } from './schedule-form.tsx';
import { SchedulePanel } from './schedule-panel.tsx';
import { fromNow, slotWords } from './slot-words.ts';

const route = getRouteApi('/schedules');

const COLUMNS: readonly GridColumn<ScheduleRow>[] = [
  { id: 'name', header: message('Name'), width: 'minmax(150px, 220px)', cell: (row) => <span className="clip mono" title={row.id}>{row.id}</span> },
  { id: 'next', header: message('Next time'), width: '190px', cell: (row) => <Next row={row} /> },
  { id: 'when', header: message('When'), width: 'minmax(160px, 1fr)', cell: (row) => <span className="clip" title={`${cronWords(row.cron)} (${row.cron}, ${row.timeZone})`}>{cronWords(row.cron)} <span className="quiet">{row.timeZone}</span></span> },
  { id: 'job', header: message('Job type'), wideOnly: true, width: 'minmax(150px, 210px)', cell: (row) => <JobType type={row.jobType} /> },
  { id: 'last', header: message('Last slot'), wideOnly: true, width: '250px', cell: (row) => (row.last ? <FiringSign firing={row.last} /> : <span className="missing">{t('none yet')}</span>) },
  { id: 'origin', header: message('From'), wideOnly: true, width: '84px', cell: (row) => <span className="quiet">{row.origin === 'config' ? t('file') : t('operator')}</span> },
];

function Next({ row }: { row: ScheduleRow }): ReactElement {
  const now = useNow();
  const [next] = row.nextMs;
  if (row.paused) return <PausedSign />;
  if (next === undefined) return <span className="status tone-failed">{t('can’t fire')}</span>;
  return <span className="num" title={formatMoment(next)}>{slotWords(next, now)} <span className="quiet">{fromNow(next, now)}</span></span>;
}

/** The page. */
export function SchedulesPage(): ReactElement {
  const { schedule: openId } = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const list = useQuery(api.schedules.list.queryOptions({ refetchInterval: 2_000 }));
  const [form, setForm] = useState<'new' | 'change' | null>(null);
  const rows = list.data?.schedules ?? [];
  const open = rows.find(({ id }) => id === openId);
  const show = (id: string | undefined): void => void navigate({ search: { schedule: id }, replace: openId !== undefined && id !== undefined });

  return (
    <Page
      title={t('Schedules')}
      fixed
      answer={list.data ? answerOf(rows, now) : ''}
      tools={
        <Button leftSection={<IconPlus size={14} />} onClick={() => setForm('new')}>
          {t('New schedule')}
        </Button>
      }
      panel={open ? <SchedulePanel key={open.id} schedule={open} onEdit={() => setForm('change')} onClose={() => show(undefined)} /> : null}
    >
      {list.error ? <ErrorNotice what={t('Schedules could not be read')} error={list.error} retry={() => void list.refetch()} /> : null}
      <VirtualGrid
        label={t('Schedules')}
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => row.id}
        selected={openId}
        onOpen={(row) => show(row.id)}
        empty={list.isPending ? <SkeletonRows rows={6} /> : <Empty title={t('No schedules')}>{t('A schedule puts a job on its queue at the times of a cron expression. Make one here, or in the site’s configuration file.')}</Empty>}
        footer={<span>{t('{n, plural, one {# schedule} other {# schedules}}, times are local', { n: rows.length })}</span>}
      />
      {form === null ? null : (
        <ScheduleForm
          schedule={form === 'change' ? (open ?? null) : null}
          close={() => setForm(null)}
          saved={(id) => {
            setForm(null);
            show(id);
          }}
        />
      )}
    </Page>
  );
}

function answerOf(rows: readonly ScheduleRow[], now: number): string {
  if (rows.length === 0) return t('Nothing is scheduled.');
  const paused = rows.filter((row) => row.paused).length;
  const broken = rows.filter((row) => row.problem !== null).length;
  const next = rows.flatMap((row) => (row.nextMs[0] === undefined ? [] : [{ id: row.id, at: row.nextMs[0] }])).sort((a, b) => a.at - b.at)[0];
  return [
    next ? t('Next: {schedule}, {time} ({fromNow}).', { schedule: next.id, time: slotWords(next.at, now), fromNow: fromNow(next.at, now) }) : t('None will fire.'),
    ...(paused > 0 ? [t('{n, number} paused.', { n: paused })] : []),
    ...(broken > 0 ? [t('{n, number} can’t fire.', { n: broken })] : []),
  ].join(' ');
}
