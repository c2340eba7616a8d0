/** Documents: full-text search over the entities that were indexed. */
import { Button, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { FormEvent, ReactElement } from 'react';
import { api } from '../app/connection/client.ts';
import { countOf, formatDuration } from '../kit/format.ts';
import { TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { Excerpt } from './excerpt.tsx';

const route = getRouteApi('/documents');

/** The page. */
export function DocumentsPage(): ReactElement {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useDraft(q ?? '');
  const found = useQuery(api.documents.search.queryOptions({ input: { query: q ?? '', limit: 50 }, enabled: q !== undefined, staleTime: 10_000 }));
  const hits = q === undefined ? undefined : found.data;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = text.trim();
    // The same words again: there may be new documents by now.
    if (wanted !== '' && wanted === q) void found.refetch();
    else void navigate({ search: wanted === '' ? {} : { q: wanted } });
  };

  return (
    <Page title="Documents" fixed answer={hits ? `${countOf(hits.total, 'document')} in ${formatDuration(hits.tookMs)}${hits.total > hits.hits.length ? `, the best ${hits.hits.length} shown` : ''}` : 'Search the text of every entity that was indexed.'}>
      <search>
        <form className="toolbar" onSubmit={submit}>
          <TextInput className="toolbar-grow" aria-label="Search documents" data-page-filter placeholder="Words to look for   (press /)" leftSection={<IconSearch size={14} />} value={text} onChange={(event) => setText(event.currentTarget.value)} maxLength={200} />
          <Button type="submit">Search</Button>
        </form>
      </search>
      {found.error && q !== undefined ? <ErrorNotice what="The search failed" error={found.error} retry={() => void found.refetch()} /> : null}
      <div className="page-content">
        {q === undefined ? <Empty title="What are you looking for?">Entities are indexed by IndexDocumentJob when data.EntityCreated or data.EntityUpdated is published.</Empty> : null}
        {q !== undefined && !hits && !found.error ? <SkeletonRows /> : null}
        {hits?.hits.length === 0 ? <Empty title={`No document holds “${q ?? ''}”`}>Try fewer or other words.</Empty> : null}
        <ol className="hits">
          {hits?.hits.map((hit) => (
            <li key={`${hit.entityType}:${hit.entityId}`}>
              <div className="hit-head">
                <strong>{hit.title}</strong>
                <span className="quiet mono">{hit.entityType} {hit.entityId}</span>
                <span className="head-gap" />
                <span className="quiet">version {hit.version}, <Ago at={hit.updatedMs} says="ago" /></span>
                {hit.correlationId === null ? null : <span>trace <TraceId id={hit.correlationId} /></span>}
              </div>
              <Excerpt text={hit.excerpt} />
            </li>
          ))}
        </ol>
      </div>
    </Page>
  );
}
