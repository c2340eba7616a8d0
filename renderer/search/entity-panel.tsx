/** One entity: what it is, every version that was written with the event that told of it, and what differs between two. */
import { Select } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { EntityVersion } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { formatCount } from '../kit/format.ts';
import { EventType, Id } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';

export interface EntityName {
  readonly entityType: string;
  readonly entityId: string;
}

/** Panel beside the list. */
export function EntityPanel({ entity, onClose }: { entity: EntityName; onClose(): void }): ReactElement {
  const list = useInfiniteQuery(
    api.entities.versions.infiniteOptions({
      input: (before: number | undefined) => ({ ...entity, limit: 20, ...(before === undefined ? {} : { beforeVersion: before }) }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => (last.more ? last.versions.at(-1)?.version : undefined),
      refetchInterval: 5_000,
    }),
  );
  const versions = list.data?.pages.flatMap((page) => page.versions) ?? [];
  const [newest] = versions;
  return (
    <SidePanel label={t('Entity')} title={<span className="mono">{entity.entityType} {entity.entityId}</span>} onClose={onClose}>
      {newest === undefined ? list.error ? <ErrorNotice what={t('This entity could not be read')} error={list.error} retry={() => void list.refetch()} /> : <SkeletonRows /> : (
        <>
          <Section title={t('As it is now')} aside={<span className="quiet">{t('version {version}', { version: newest.version })}</span>}>
            <Facts
              facts={[
                [t('Type'), <span key="type" className="mono">{entity.entityType}</span>],
                [t('Id'), <Id key="id" id={entity.entityId} full />],
                [t('Written'), <Ago key="written" at={newest.writtenMs} says="ago" />],
              ]}
            />
            <div className="search-attributes"><JsonTree value={newest.attributes} label={t('attributes')} /></div>
          </Section>
          {versions.length > 1 ? <Comparison entity={entity} versions={versions} /> : null}
          <Section title={t('Versions')} aside={<span className="quiet num">{formatCount(list.data?.pages[0]?.current)}</span>}>
            <ul className="effects">
              {versions.map((version) => <Version key={version.version} version={version} />)}
            </ul>
            {list.hasNextPage ? <button type="button" className="link-button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('Show older ones')}</button> : null}
          </Section>
        </>
      )}
    </SidePanel>
  );
}

function Version({ version: { version, event, changed, writtenMs, jobId } }: { version: EntityVersion }): ReactElement {
  return (
    <li className="search-version">
      <div>
        <strong className="num">{t('Version {version}', { version })}</strong> <span className="quiet"><Ago at={writtenMs} says="ago" /></span>
      </div>
      <div className="quiet">{version === 1 ? t('first written') : t('changed: {attributes}', { attributes: changed.join(', ') })}</div>
      {event === null ? (
        <div className="quiet">{t('The event that told of it is no longer in the view, or not yet.')} <Id id={jobId} /></div>
      ) : (
        <Link to="/traces/$correlationId" params={{ correlationId: event.correlationId }} search={{ node: `event:${event.eventId}` }} title={t('Open its trace')}><EventType type={event.eventType} /></Link>
      )}
    </li>
  );
}

function Comparison({ entity, versions }: { entity: EntityName; versions: readonly EntityVersion[] }): ReactElement {
  const [picked, setPicked] = useState<{ from?: number; to?: number }>({});
  const to = picked.to ?? versions[0]?.version ?? 1;
  const from = picked.from ?? versions[1]?.version ?? 1;
  const found = useQuery(api.entities.compare.queryOptions({ input: { ...entity, from, to }, staleTime: 60_000 }));
  const choices = versions.map(({ version }) => ({ value: String(version), label: t('Version {version}', { version }) }));
  return (
    <Section title={t('What differs')}>
      <div className="search-compare">
        <Select aria-label={t('Old version')} data={choices} value={String(from)} allowDeselect={false} onChange={(next) => setPicked({ ...picked, from: Number(next) })} />
        <span aria-hidden="true">→</span>
        <Select aria-label={t('New version')} data={choices} value={String(to)} allowDeselect={false} onChange={(next) => setPicked({ ...picked, to: Number(next) })} />
      </div>
      {found.error ? <ErrorNotice what={t('The two could not be compared')} error={found.error} retry={() => void found.refetch()} /> : null}
      {found.data === undefined ? found.error ? null : <SkeletonRows rows={2} /> : found.data.changes.length === 0 ? <p className="quiet">{t('Nothing.')}</p> : (
        <table className="table search-changes" aria-label={t('What differs')}>
          <thead><tr><th>{t('Attribute')}</th><th>{t('Version {version}', { version: from })}</th><th>{t('Version {version}', { version: to })}</th></tr></thead>
          <tbody>
            {found.data.changes.map(({ path, before, after }) => (
              <tr key={path}>
                <td className="mono">{path}</td>
                <td>{before === null ? <span className="missing">—</span> : <del>{valueAt(before.data, path)}</del>}</td>
                <td>{after === null ? <span className="missing">—</span> : <ins>{valueAt(after.data, path)}</ins>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {found.data && found.data.changes.length > 0 ? <p className="quiet">{t('{n, plural, one {# attribute is} other {# attributes are}} the same.', { n: found.data.unchanged })}</p> : null}
    </Section>
  );
}

/** The one value that such an object holds, at the end of its path. */
function valueAt(data: Record<string, unknown>, path: string): string {
  let value: unknown = data;
  // Each object on the way has one key; that of the last one ends the path.
  for (let left = path; left !== '' && typeof value === 'object' && value !== null && !Array.isArray(value); ) {
    const [entry] = Object.entries(value);
    if (entry === undefined) break;
    left = left.slice(entry[0].length + 1);
    [, value] = entry;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
