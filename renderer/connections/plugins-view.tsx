/** Plugins that are in place. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { JobType } from '../kit/ids.tsx';

export function PluginsView(): ReactElement {
  const plugins = useQuery(api.plugins.list.queryOptions({ refetchInterval: 3_000 }));
  if (plugins.error && !plugins.data) return <ErrorNotice what={t('Plugins could not be read')} error={plugins.error} retry={() => void plugins.refetch()} />;
  if (!plugins.data) return <SkeletonRows rows={3} />;
  const { folder, plugins: rows, problem, reloads } = plugins.data;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className="page-content" tabIndex={0} aria-label={t('Plugins')}>
      {problem === null ? null : <ErrorNotice what={t('They could not be loaded again; those before stay in place')} error={new Error(problem.text)} />}
      {folder === null ? (
        <Empty title={t('No folder of plugins is configured')}>{t('A plugin adds event types, job types and handlers. Set plugins.folder in the site’s configuration, put one there, and restart; docs/plugins.md shows how one is written.')}</Empty>
      ) : rows.length === 0 ? (
        <Empty title={t('No plugins')}>{t('{folder} holds none. One that is put there is loaded at the next start.', { folder })}</Empty>
      ) : (
        <table className="table connections-plugins">
          <thead><tr><th>{t('Plugin')}</th><th>{t('Version')}</th><th>{t('Job types')}</th><th>{t('Event types')}</th><th>{t('Replaces')}</th><th>{t('File')}</th></tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <td className="mono">{row.name}</td>
                <td>{row.version ?? <span className="missing" title={t('Its author does not say')}>—</span>}</td>
                <td>{row.jobTypes.map((type) => <div key={type}><Link to="/catalogue" search={{ tab: 'jobs', type }}><JobType type={type} /></Link></div>)}{row.jobTypes.length === 0 ? <span className="missing">—</span> : null}</td>
                <td>{row.eventTypes.map((type) => <div key={type}><Link className="mono" to="/catalogue" search={{ type }}>{type}</Link></div>)}{row.eventTypes.length === 0 ? <span className="missing">—</span> : null}</td>
                <td>{row.replaces.length === 0 ? <span className="missing">—</span> : <span className="mono">{row.replaces.join(', ')}</span>}</td>
                <td className="mono wrap quiet">{row.file}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {folder === null ? null : <p className="quiet">{reloads ? t('One that is saved is loaded again while the site runs.') : t('A plugin that can’t be loaded keeps the site from starting, and the start says which and why.')}</p>}
    </section>
  );
}
