/** The configured connectors, and a way to pull now. */
import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
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
  if (connectors.error && !connectors.data) return <ErrorNotice what="Connectors could not be read" error={connectors.error} retry={() => void connectors.refetch()} />;
  if (!connectors.data) return <SkeletonRows rows={4} />;
  if (connectors.data.length === 0) {
    return <Empty title="No connectors are configured">A connector pulls records from a folder, a URL, a feed or a calendar. Add one to the site’s configuration and restart.</Empty>;
  }
  return (
    <div className="page-content">
      <table className="table">
        <thead>
          <tr><th>Connector</th><th>Kind</th><th>Pulls from</th><th>Schedule</th><th>Last sync</th><th>Outcome</th><th className="right">Records</th><th className="right">Action</th></tr>
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
      onSuccess: ({ correlationId }) => tellDone(`${connector.id} is asked to sync`, <Link to="/traces/$correlationId" params={{ correlationId }}>Watch its trace</Link>),
      onError: (error) => tellError(`${connector.id} was not asked to sync`, error),
    }),
  );
  return (
    <tr>
      <td className="mono">{connector.id}</td>
      <td>{connector.kind}</td>
      <td className="mono wrap">{connector.target}</td>
      <td className="mono">{connector.schedule ?? <span className="quiet">by hand</span>}</td>
      <td><Ago at={connector.lastSyncMs} says="ago" /></td>
      <td title={connector.lastError ?? undefined}>
        {connector.lastOutcome === 'never' ? <span className="quiet">never</span> : <AttemptSign outcome={connector.lastOutcome} />}
        {connector.lastError === null ? null : <div className="quiet wrap">{connector.lastError}</div>}
      </td>
      <td className="right">{formatCount(connector.records)}</td>
      <td className="right">
        <Button size="compact-xs" variant="default" loading={sync.isPending} aria-label={`Sync now: ${connector.id}`} onClick={() => sync.mutate({ jobType: 'SyncConnectorDataJob', input: { connectorId: connector.id } })}>
          Sync now
        </Button>
      </td>
    </tr>
  );
}
