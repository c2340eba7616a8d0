/** Audit: who did what, when, and why. */
import { Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { AuditRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { EventPanel } from '../flow/event-panel.tsx';
import { Trans, Verbatim } from '../i18n/trans.tsx';
import { TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { auditWords } from './audit-words.ts';

const route = getRouteApi('/audit');
const PAGE = 200;

const COLUMNS: readonly GridColumn<AuditRow>[] = [
  { id: 'at', header: message('When'), width: '96px', cell: (row) => <Ago at={row.atMs} says="ago" /> },
  { id: 'who', header: message('Who'), width: '140px', cell: (row) => <span className="clip" title={row.operator}>{row.operator}</span> },
  { id: 'what', header: message('Did what'), width: 'minmax(220px, 1fr)', cell: (row) => <span className="clip" title={row.eventType}>{auditWords(row)}</span> },
  { id: 'why', header: message('Why'), width: 'minmax(140px, 1fr)', cell: (row) => (row.reason === '' ? <span className="quiet">{t('no reason given')}</span> : <span className="clip" title={row.reason}>{row.reason}</span>) },
  { id: 'trace', header: message('Trace'), wideOnly: true, width: '116px', cell: (row) => <TraceId id={row.correlationId} /> },
  { id: 'type', header: message('Event'), wideOnly: true, width: '220px', cell: (row) => <span className="clip mono quiet">{row.eventType}</span> },
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
      title={t('Audit')}
      fixed
      answer={newest ? <Trans message="The last to act was <who/>, who <what/> <age/>." parts={{ who: <Verbatim text={newest.operator} />, what: <Verbatim text={auditWords(newest)} />, age: <Ago at={newest.atMs} says="ago" /> }} /> : ''}
      tools={<Select aria-label={t('Who')} placeholder={t('Everybody')} clearable w={180} data={people} value={by ?? null} onChange={(next) => void navigate({ search: (before) => ({ ...before, by: next ?? undefined }), replace: true })} />}
      panel={event === undefined ? null : <EventPanel key={event} eventId={event} onClose={() => void navigate({ search: (before) => ({ ...before, event: undefined }) })} />}
    >
      {audit.error ? <ErrorNotice what={t('The audit could not be read')} error={audit.error} retry={() => void audit.refetch()} /> : null}
      <VirtualGrid
        label={t('Audit')}
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => row.eventId}
        selected={event}
        onOpen={(row) => void navigate({ search: (before) => ({ ...before, event: row.eventId }), replace: event !== undefined })}
        onEnd={onEnd}
        empty={audit.isPending ? <SkeletonRows rows={8} /> : <Empty title={t('Nobody has steered yet')}>{t('Every redrive, discard, replay, pause and change of a schedule leaves an event with who did it and why, written before it acts. They stand here, and in the audit log of the bus for as long as that is kept.')}</Empty>}
        footer={<span>{t('{n, plural, one {# action} other {# actions}}, newest first{more, select, yes {; scroll down for older ones} other {}}', { n: rows.length, more: hasNextPage ? 'yes' : 'no' })}</span>}
      />
    </Page>
  );
}
