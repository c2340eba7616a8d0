/** Who reads a stream, and how far. */
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { BusConsumer, StreamName } from '../../shared/operator-api/index.ts';
import { message, t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import { formatCount, formatMoment, MISSING } from '../kit/format.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Ago } from '../kit/time.tsx';

/** What a consumer is for, as far as the site itself made it. */
const PURPOSES: Readonly<Record<string, string>> = { 'job-service': message('routing: turns events into jobs') };

export function ConsumersView({ stream }: { stream: StreamName }): ReactElement {
  const list = useQuery(api.busStreams.consumers.queryOptions({ input: { stream }, refetchInterval: 1_000 }));
  if (list.error) return <ErrorNotice what={t('The consumers could not be read')} error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <SkeletonRows rows={3} />;
  if (list.data.consumers.length === 0) return <Empty title={t('Nobody reads this stream')}>{t('A consumer appears here as soon as somebody reads it: the site itself reads platform-events.')}</Empty>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className="streams-consumers" tabIndex={0} aria-label={t('Consumers of {stream}', { stream })}>
      <table className="table">
        <thead>
          <tr>
            <th>{t('Consumer')}</th>
            <th className="right">{t('Not yet given')}</th>
            <th className="right">{t('Not acknowledged')}</th>
            <th className="right">{t('Redelivered')}</th>
            <th className="right">{t('Waiting pulls')}</th>
            <th className="right">{t('Last given')}</th>
            <th className="right">{t('Acknowledged up to')}</th>
            <th>{t('Made')}</th>
          </tr>
        </thead>
        <tbody>
          {list.data.consumers.map((consumer) => <Row key={consumer.name} consumer={consumer} />)}
        </tbody>
      </table>
    </section>
  );
}

function Row({ consumer }: { consumer: BusConsumer }): ReactElement {
  const purpose = PURPOSES[consumer.name];
  return (
    <tr>
      <td>
        <span className="mono" title={consumer.subjects.join(', ')}>{consumer.name}</span>
        <div className="quiet">
          {purpose === undefined ? (consumer.durable ? t('durable') : t('passing: goes with its connection')) : t(purpose)}
          {consumer.paused ? `, ${t('paused')}` : ''}
        </div>
      </td>
      <td className={`right num${consumer.pending > 0 ? ' tone-waiting' : ''}`}>{formatCount(consumer.pending)}</td>
      <td className="right num">{formatCount(consumer.ackPending)}</td>
      <td className={`right num${consumer.redelivered > 0 ? ' tone-retrying' : ''}`}>{formatCount(consumer.redelivered)}</td>
      <td className="right num">{formatCount(consumer.waitingPulls)}</td>
      <td className="right num">
        {formatCount(consumer.lastDelivered.seq)}
        {consumer.lastDelivered.atMs === null ? null : <div className="quiet"><Ago at={consumer.lastDelivered.atMs} /></div>}
      </td>
      <td className="right num">{consumer.ackedUpTo === null ? <span className="missing" title={t('It does not acknowledge')}>{MISSING}</span> : formatCount(consumer.ackedUpTo)}</td>
      <td title={formatMoment(consumer.createdMs)}><Ago at={consumer.createdMs} /></td>
    </tr>
  );
}
