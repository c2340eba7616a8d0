/** Documents: full-text search over the entities that were indexed. */
import { Button, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useCallback, useMemo } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { DocumentHit } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { formatDuration } from '../kit/format.ts';
import { TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { EntityPanel, type EntityName } from './entity-panel.tsx';
import { Excerpt } from './excerpt.tsx';

const route = getRouteApi('/documents');
const PAGE = 50;
const keyOf = ({ entityType, entityId }: EntityName): string => `${entityType} ${entityId}`;

const COLUMNS: readonly GridColumn<DocumentHit>[] = [
  {
    id: 'document', header: message('Document'), width: 'minmax(240px, 1fr)',
    cell: (hit) => (
      <div className="hit">
        <div className="clip"><strong title={hit.title}>{hit.title}</strong> <span className="quiet mono">{keyOf(hit)}</span></div>
        <Excerpt text={hit.excerpt} />
      </div>
    ),
  },
  { id: 'version', header: message('Version'), wideOnly: true, width: '64px', align: 'right', cell: (hit) => hit.version },
  { id: 'indexed', header: message('Indexed'), width: '96px', cell: (hit) => <Ago at={hit.updatedMs} says="ago" /> },
  { id: 'trace', header: message('Trace'), width: '116px', cell: (hit) => (hit.correlationId === null ? <span className="missing">—</span> : <TraceId id={hit.correlationId} />) },
];

/** The page. */
export function DocumentsPage(): ReactElement {
  const { q, type, id } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useDraft(q ?? '');
  const found = useInfiniteQuery(
    api.documents.search.infiniteOptions({
      input: (after: string | undefined) => ({ query: q ?? '', limit: PAGE, ...(after === undefined ? {} : { after }) }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (last) => last.next ?? undefined,
      enabled: q !== undefined,
      staleTime: 10_000,
    }),
  );
  const pages = q === undefined ? undefined : found.data?.pages;
  const first = pages?.[0];
  // One whose rank fell while the pages came is on two of them: it stands where it was seen first.
  const rows = useMemo(() => [...new Map((pages ?? []).flatMap(({ hits }) => hits).toReversed().map((hit) => [keyOf(hit), hit])).values()].toReversed(), [pages]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = found;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = text.trim();
    // The same words again: there may be new documents by now.
    if (wanted !== '' && wanted === q) void found.refetch();
    else void navigate({ search: wanted === '' ? {} : { q: wanted } });
  };
  const entity: EntityName | null = type === undefined || id === undefined ? null : { entityType: type, entityId: id };
  const open = (next: EntityName | null): void => void navigate({ search: { q, ...(next ? { type: next.entityType, id: next.entityId } : {}) }, replace: entity !== null && next !== null });

  return (
    <Page title={t('Documents')} fixed answer={first ? t('{n, plural, one {# document} other {# documents}} in {time}', { n: first.total, time: formatDuration(first.tookMs) }) : t('Search the text of every entity that was indexed.')} panel={entity ? <EntityPanel key={keyOf(entity)} entity={entity} onClose={() => open(null)} /> : null}>
      <search>
        <form className="toolbar" onSubmit={submit}>
          <TextInput className="toolbar-grow" aria-label={t('Search documents')} data-page-filter placeholder={t('Words to look for   (press /)')} leftSection={<IconSearch size={14} />} value={text} onChange={(event) => setText(event.currentTarget.value)} maxLength={200} />
          <Button type="submit">{t('Search')}</Button>
        </form>
      </search>
      {found.error && q !== undefined ? <ErrorNotice what={t('The search failed')} error={found.error} retry={() => void found.refetch()} /> : null}
      <VirtualGrid
        // Other words, other hits: from the first one on.
        key={q}
        label={t('Documents')}
        columns={COLUMNS}
        count={rows.length}
        total={first?.total}
        rowAt={(index) => rows[index]}
        keyOf={keyOf}
        rowHeight={72}
        header={rows.length > 0}
        selected={entity ? keyOf(entity) : undefined}
        onOpen={open}
        onEnd={onEnd}
        empty={q === undefined ? <Empty title={t('What are you looking for?')}>{t('Entities are indexed by IndexDocumentJob when data.EntityCreated or data.EntityUpdated is published.')}</Empty> : first ? <Empty title={t('No document holds “{words}”', { words: q })}>{t('Try fewer or other words.')}</Empty> : found.error ? null : <SkeletonRows />}
        footer={first && rows.length > 0 ? <span>{t('{shown, number} of {n, plural, one {# document} other {# documents}} shown, best first{more, select, yes {; scroll down for more} other {}}', { shown: rows.length, n: first.total, more: hasNextPage ? 'yes' : 'no' })}</span> : undefined}
      />
    </Page>
  );
}
