/** Audit: who did what, when, and why. */
import { Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo } from 'react';
import type { AuditRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { EventPanel } from '../flow/event-panel.tsx';
import { countOf } from '../kit/format.ts';
import { TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { auditWords } from './audit-words.ts';

const route = getRouteApi('/audit');
const PAGE = 200;

const COLUMNS: readonly GridColumn<AuditRow>[] = [
  { id: 'at', header: 'When', width: '96px', cell: (row) => <Ago at={row.atMs} says="ago" /> },
  { id: 'who', header: 'Who', width: '140px', cell: (row) => <span className="clip" title={row.operator}>{row.operator}</span> },
  { id: 'what', header: 'Did what', width: 'minmax(220px, 1fr)', cell: (row) => <span className="clip" title={row.eventType}>{auditWords(row)}</span> },
  { id: 'why', header: 'Why', width: 'minmax(140px, 1fr)', cell: (row) => (row.reason === '' ? <span className="quiet">no reason given</span> : <span className="clip" title={row.reason}>{row.reason}</span>) },
  { id: 'trace', header: 'Trace', wideOnly: true, width: '116px', cell: (row) => <TraceId id={row.correlationId} /> },
  { id: 'type', header: 'Event', wideOnly: true, width: '220px', cell: (row) => <span className="clip mono quiet">{row.eventType}</span> },
];

/** The page. */
export function AuditPage(): ReactElement {
  const { by, event } = route.useSearch();
  const navigate = route.useNavigate();
  const audit = useInfiniteQuery(
    api.audit.list.infiniteOptions({
      input: (before: number | undefined) => ({ limit: PAGE, ...(by ? { operator: by } : {}), ...(before === undefined ? {} : { beforeSeq: before }) }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => (last.more ? last.rows.at(-1)?.seq : undefined),
      refetchInterval: 3_000,
    }),
  );
  const rows = useMemo(() => audit.data?.pages.flatMap((page) => page.rows) ?? [], [audit.data]);
  const people = useMemo(() => [...new Set([...rows.map(({ operator }) => operator), ...(by === undefined ? [] : [by])])].sort(), [rows, by]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = audit;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const [newest] = rows;

  return (
    <Page
      title="Audit"
      fixed
      answer={newest ? <>The last to act was {newest.operator}, who {auditWords(newest)} <Ago at={newest.atMs} says="ago" />.</> : ''}
      tools={<Select aria-label="Who" placeholder="Everybody" clearable w={180} data={people} value={by ?? null} onChange={(next) => void navigate({ search: (before) => ({ ...before, by: next ?? undefined }), replace: true })} />}
      panel={event === undefined ? null : <EventPanel key={event} eventId={event} onClose={() => void navigate({ search: (before) => ({ ...before, event: undefined }) })} />}
    >
      {audit.error ? <ErrorNotice what="The audit could not be read" error={audit.error} retry={() => void audit.refetch()} /> : null}
      <VirtualGrid
        label="Audit"
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => row.eventId}
        selected={event}
        onOpen={(row) => void navigate({ search: (before) => ({ ...before, event: row.eventId }), replace: event !== undefined })}
        onEnd={onEnd}
        empty={audit.isPending ? <SkeletonRows rows={8} /> : <Empty title="Nobody has steered yet">Every redrive, discard, replay, pause and change of a schedule leaves an event with who did it and why, written before it acts. They stand here, and in the audit log of the bus for as long as that is kept.</Empty>}
        footer={<span>{countOf(rows.length, 'action')}, newest first{hasNextPage ? '; scroll down for older ones' : ''}</span>}
      />
    </Page>
  );
}
