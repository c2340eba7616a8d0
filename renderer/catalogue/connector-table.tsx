/** The configured connectors, and a way to pull now. */
import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { ConnectorStatus } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { formatCount } from '../kit/format.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { AttemptSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';

/** See the file. */
export function ConnectorTable(): ReactElement {
  const connectors = useQuery(api.connectors.list.queryOptions({ refetchInterval: 3_000 }));
  if (connectors.error && !connectors.data) return <ErrorNotice what={t('Connectors could not be read')} error={connectors.error} retry={() => void connectors.refetch()} />;
  if (!connectors.data) return <SkeletonRows rows={4} />;
  if (connectors.data.length === 0) {
    return <Empty title={t('No connectors are configured')}>{t('A connector pulls records from a folder, a URL, a feed or a calendar. Add one to the site’s configuration and restart.')}</Empty>;
  }
  return (
    <div className="page-content">
      <table className="table">
        <thead>
          <tr><th>{t('Connector')}</th><th>{t('Kind')}</th><th>{t('Pulls from')}</th><th>{t('Schedule')}</th><th>{t('Last sync')}</th><th>{t('Outcome')}</th><th className="right">{t('Records')}</th><th className="right">{t('Action')}</th></tr>
        </thead>
        <tbody>
          {connectors.data.map((connector) => (
            <ConnectorRow key={connector.id} connector={connector} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ConnectorRow({ connector }: { connector: ConnectorStatus }): ReactElement {
  const sync = useMutation(
    api.events.requestJob.mutationOptions({
      onSuccess: ({ correlationId }) => tellDone(t('{connector} is asked to sync', { connector: connector.id }), <Link to="/traces/$correlationId" params={{ correlationId }}>{t('Watch its trace')}</Link>),
      onError: (error) => tellError(t('{connector} was not asked to sync', { connector: connector.id }), error),
    }),
  );
  return (
    <tr>
      <td className="mono">{connector.id}</td>
      <td>{connector.kind}</td>
      <td className="mono wrap">{connector.target}</td>
      <td className="mono">{connector.schedule ?? <span className="quiet">{t('by hand')}</span>}</td>
      <td><Ago at={connector.lastSyncMs} says="ago" /></td>
      <td title={connector.lastError ?? undefined}>
        {connector.lastOutcome === 'never' ? <span className="quiet">{t('never')}</span> : <AttemptSign outcome={connector.lastOutcome} />}
        {connector.lastError === null ? null : <div className="quiet wrap">{connector.lastError}</div>}
      </td>
      <td className="right">{formatCount(connector.records)}</td>
      <td className="right">
        <Button size="compact-xs" variant="default" loading={sync.isPending} aria-label={t('Sync now: {connector}', { connector: connector.id })} onClick={() => sync.mutate({ jobType: 'SyncConnectorDataJob', input: { connectorId: connector.id } })}>
          {t('Sync now')}
        </Button>
      </td>
    </tr>
  );
}
