/** One connector: how it is doing, what a sync would bring, and its last syncs. */
import { Button } from '@mantine/core';
import { IconFlask, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { ConnectorStatus, ConnectorTest } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { EventLink } from '../flow/event-panel.tsx';
import { formatCount, formatDuration } from '../kit/format.ts';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { NextSync } from './connectors-view.tsx';

/** Panel beside the list. */
export function ConnectorPanel({ connector, onClose }: { connector: ConnectorStatus; onClose(): void }): ReactElement {
  const { id, scheduled } = connector;
  const sync = useMutation(
    api.events.requestJob.mutationOptions({
      onSuccess: ({ correlationId }) => tellDone(t('{connector} is asked to sync', { connector: id }), <Link to="/traces/$correlationId" params={{ correlationId }}>{t('Watch its trace')}</Link>),
      onError: (error) => tellError(t('{connector} was not asked to sync', { connector: id }), error),
    }),
  );
  const test = useMutation(api.connectors.test.mutationOptions());
  const syncs = useQuery(api.flow.list.queryOptions({ input: { filter: { source: `connector.${id}`, type: 'connector.Sync*' }, limit: 10 }, refetchInterval: 3_000 }));
  return (
    <SidePanel label={t('Connector')} title={<span className="mono">{id}</span>} onClose={onClose}>
      <div className="button-row">
        <Button leftSection={<IconRefresh size={14} />} loading={sync.isPending} onClick={() => sync.mutate({ jobType: 'SyncConnectorDataJob', input: { connectorId: id } })}>{t('Sync now')}</Button>
        <Button variant="default" leftSection={<IconFlask size={14} />} loading={test.isPending} onClick={() => test.mutate({ connectorId: id })}>{t('Test')}</Button>
      </div>
      <p className="quiet panel-lead">{t('A test reads the source and says what a sync would bring. Nothing is stored, nothing is published.')}</p>
      {test.error ? <ErrorNotice what={t('The test found a problem')} error={test.error} /> : null}
      {test.data ? <TestResult result={test.data} /> : null}
      <Section title={t('How it is doing')}>
        <Facts
          facts={[
            [t('Kind'), connector.kind],
            [t('Pulls from'), <span key="target" className="mono wrap">{connector.target}</span>],
            [t('Next sync'), <NextSync key="next" row={connector} />],
            ...(scheduled ? [[t('Schedule'), <Link key="schedule" className="mono" to="/schedules" search={{ schedule: scheduled.id }}>{connector.schedule} · {scheduled.paused ? t('resume it there') : t('pause it there')}</Link>] as const] : []),
            [t('Last sync'), <Ago key="last" at={connector.lastSyncMs} says="ago" />],
            [t('Records'), t('{n, plural, one {# record} other {# records}} published in all', { n: connector.records })],
          ]}
        />
        {connector.lastError === null ? null : <ErrorNotice what={connector.lastOutcome === 'failed' ? t('The last sync failed') : t('The last sync left something out')} error={new Error(connector.lastError)} />}
      </Section>
      <Section title={t('Last syncs')} aside={<Link to="/jobs" search={{ type: 'SyncConnectorDataJob' }}>{t('Their jobs')}</Link>}>
        {syncs.data === undefined ? syncs.error ? <ErrorNotice what={t('The last syncs could not be read')} error={syncs.error} retry={() => void syncs.refetch()} /> : <SkeletonRows rows={3} /> : syncs.data.events.length === 0 ? <p className="quiet">{t('None so far, or none that brought anything.')}</p> : (
          <ul className="effects">
            {syncs.data.events.map((event) => (
              <li key={event.eventId}>
                <EventLink event={event} />
                <div className="quiet connections-sync"><Ago at={event.storedMs} says="ago" /> · {event.summary}</div>
              </li>
            ))}
          </ul>
        )}
      </Section>
    </SidePanel>
  );
}

function TestResult({ result }: { result: ConnectorTest }): ReactElement {
  const { read, fresh, changed, unchanged, complete, problemCount, problems, samples, tookMs } = result;
  return (
    <Section title={t('What a sync would bring')} aside={<span className="quiet num">{formatDuration(tookMs)}</span>}>
      <p role="status">
        <strong>{t('{n, plural, one {# new record.} other {# new records.}}', { n: fresh })}</strong> {t('{changed} changed, {unchanged} as they were.', { changed: formatCount(changed), unchanged: formatCount(unchanged) })}
        {complete ? null : ` ${t('Only the first {n} were read; there are more.', { n: formatCount(read) })}`}
      </p>
      {problemCount > 0 ? <ErrorNotice what={t('{n, plural, one {# record} other {# records}} can’t be read', { n: problemCount })} error={new Error(problems.join('; '))} /> : null}
      {samples.map((sample, index) => (
        <details key={sample.recordId} className="fold connections-sample" open={index === 0}>
          <summary><span className="mono">{sample.recordId}</span> · {sample.verdict === 'new' ? t('new') : sample.verdict === 'changed' ? t('changed') : t('unchanged')}</summary>
          {sample.problem === null ? null : <ErrorNotice what={t('The mapping fails')} error={new Error(sample.problem)} />}
          <JsonTree value={sample.record} label={t('record')} />
          {sample.entities.length === 0 ? sample.problem === null ? <p className="quiet">{t('The mapping drops it.')}</p> : null : (
            <>
              <p className="quiet">{t('becomes {n, plural, one {# entity} other {# entities}}', { n: sample.entities.length })}</p>
              <JsonTree value={sample.entities} label={t('entities')} />
            </>
          )}
        </details>
      ))}
    </Section>
  );
}
