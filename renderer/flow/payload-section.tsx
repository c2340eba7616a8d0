/** The payload of an event: as a tree, as a list of fields with their paths, and what its schema says. */
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { EventRow } from '../../shared/operator-api/index.ts';
import { quotedIfNeeded } from '../../shared/query-words.ts';
import { api } from '../app/connection/client.ts';
import { CopyButton } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { Section } from '../kit/page.tsx';
import { fieldsOf } from '../kit/payload-fields.ts';
import { UncataloguedSign } from '../kit/status.tsx';

/** Part of an event's panel. */
export function PayloadSection({ row, payload }: { row: EventRow; payload: unknown }): ReactElement {
  const [view, setView] = useState<'tree' | 'fields'>('tree');
  return (
    <Section
      title={t('Payload')}
      aside={<SegmentedControl size="xs" aria-label={t('View of the payload')} value={view} onChange={(next) => setView(next === 'fields' ? 'fields' : 'tree')} data={[{ value: 'tree', label: t('Tree') }, { value: 'fields', label: t('Fields') }]} />}
    >
      {view === 'tree' ? <JsonTree value={payload} label={t('payload')} /> : <FieldList payload={payload} />}
      <SchemaFold row={row} />
    </Section>
  );
}

function FieldList({ payload }: { payload: unknown }): ReactElement {
  const fields = fieldsOf(payload);
  if (fields.length === 0) return <p className="quiet">{t('It has no fields.')}</p>;
  return (
    <table className="table payload-fields">
      <thead className="unseen"><tr><th>{t('Path')}</th><th>{t('Value')}</th></tr></thead>
      <tbody>
        {fields.map(({ path, value }) => {
          const name = path.join('.');
          return (
            <tr key={name}>
              <td><span className="mono">{name}</span> <CopyButton text={`data.${name}`} label={t('Copy the path {path}', { path: `data.${name}` })} /></td>
              <td>
                <Link to="/flow" search={{ where: `data.${name}:${quotedIfNeeded(String(value))}` }} className="mono wrap" title={t('Find all events with this value')}>{String(value)}</Link>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function SchemaFold({ row }: { row: EventRow }): ReactElement | null {
  const catalogue = useQuery(api.catalogue.events.queryOptions({ staleTime: 60_000 }));
  if (row.verdict === 'uncatalogued') return <p className="quiet"><UncataloguedSign /> {t('No schema is known for {type} {version}: nothing was checked.', { type: row.eventType, version: row.eventVersion })}</p>;
  const entry = catalogue.data?.find(({ type, version }) => type === row.eventType && version === row.eventVersion);
  if (!entry) return null;
  return (
    <details className="fold">
      <summary>{t('Valid by the schema of {type} {version}', { type: row.eventType, version: row.eventVersion })}</summary>
      <JsonTree value={entry.schema} label={t('schema')} />
    </details>
  );
}
