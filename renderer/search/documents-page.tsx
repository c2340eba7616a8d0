/** Documents: full-text search over the entities that were indexed. */
import { Button, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { DocumentHit } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { Trans } from '../i18n/trans.tsx';
import { formatDuration } from '../kit/format.ts';
import { TraceId } from '../kit/ids.tsx';
import { registerList } from '../kit/list-focus.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { EntityPanel, type EntityName } from './entity-panel.tsx';
import { Excerpt } from './excerpt.tsx';

const route = getRouteApi('/documents');
const NO_HITS: readonly DocumentHit[] = [];

/** The page. */
export function DocumentsPage(): ReactElement {
  const { q, type, id } = route.useSearch();
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
  const entity: EntityName | null = type === undefined || id === undefined ? null : { entityType: type, entityId: id };
  const open = (next: EntityName | null): void => void navigate({ search: { q, ...(next ? { type: next.entityType, id: next.entityId } : {}) }, replace: entity !== null && next !== null });

  // The keys of lists: j and k go from hit to hit, Enter opens its versions.
  const [active, setActive] = useState(-1);
  const rows = hits?.hits ?? NO_HITS;
  const now = useRef({ rows, active, open });
  useLayoutEffect(() => {
    now.current = { rows, active, open };
  });
  useEffect(
    () =>
      registerList({
        move(by) {
          const next = Math.min(now.current.rows.length - 1, Math.max(0, now.current.active + by));
          setActive(next);
          document.getElementById(`hit-${next}`)?.scrollIntoView({ block: 'nearest' });
        },
        open() {
          const hit = now.current.rows[now.current.active];
          if (hit) now.current.open(hit);
        },
      }),
    [],
  );

  return (
    <Page title={t('Documents')} fixed answer={hits ? t('{n, plural, one {# document} other {# documents}} in {time}{shown, plural, =0 {} other {, the best # shown}}', { n: hits.total, time: formatDuration(hits.tookMs), shown: hits.total > hits.hits.length ? hits.hits.length : 0 }) : t('Search the text of every entity that was indexed.')} panel={entity ? <EntityPanel key={`${type} ${id}`} entity={entity} onClose={() => open(null)} /> : null}>
      <search>
        <form className="toolbar" onSubmit={submit}>
          <TextInput className="toolbar-grow" aria-label={t('Search documents')} data-page-filter placeholder={t('Words to look for   (press /)')} leftSection={<IconSearch size={14} />} value={text} onChange={(event) => setText(event.currentTarget.value)} maxLength={200} />
          <Button type="submit">{t('Search')}</Button>
        </form>
      </search>
      {found.error && q !== undefined ? <ErrorNotice what={t('The search failed')} error={found.error} retry={() => void found.refetch()} /> : null}
      <div className="page-content">
        {q === undefined ? <Empty title={t('What are you looking for?')}>{t('Entities are indexed by IndexDocumentJob when data.EntityCreated or data.EntityUpdated is published.')}</Empty> : null}
        {q !== undefined && !hits && !found.error ? <SkeletonRows /> : null}
        {hits?.hits.length === 0 ? <Empty title={t('No document holds “{words}”', { words: q ?? '' })}>{t('Try fewer or other words.')}</Empty> : null}
        <ol className="hits">
          {rows.map((hit, index) => (
            <li key={`${hit.entityType}:${hit.entityId}`} id={`hit-${index}`} className={index === active || (hit.entityType === type && hit.entityId === id) ? 'search-active' : undefined}>
              <div className="hit-head">
                <button type="button" className="link-button search-title" onClick={() => open(hit)}>{hit.title}</button>
                <span className="quiet mono">{hit.entityType} {hit.entityId}</span>
                <span className="head-gap" />
                <span className="quiet"><Trans message="version {version}, <age/>" values={{ version: hit.version }} parts={{ age: <Ago at={hit.updatedMs} says="ago" /> }} /></span>
                {hit.correlationId === null ? null : <span>{t('trace')} <TraceId id={hit.correlationId} /></span>}
              </div>
              <Excerpt text={hit.excerpt} />
            </li>
          ))}
        </ol>
      </div>
    </Page>
  );
}
