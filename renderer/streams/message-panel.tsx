/** One message as it lies in its stream. */
import { Button } from '@mantine/core';
import { IconActivity, IconHierarchy2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { StreamName } from '../../shared/operator-api/index.ts';
import { t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import { formatBytes, formatCount } from '../kit/format.ts';
import { EventType, Id, TraceId } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { Clock } from '../kit/time.tsx';

/** Panel beside the list. */
export function MessagePanel({ stream, seq, onClose }: { stream: StreamName; seq: number; onClose(): void }): ReactElement {
  const detail = useQuery(api.streamMessages.get.queryOptions({ input: { stream, seq }, staleTime: 60_000 }));
  const shown = detail.data?.seq === seq ? detail.data : undefined;
  return (
    <SidePanel label={t('Message')} title={shown ? <EventType type={shown.subject} /> : t('Message')} onClose={onClose}>
      {shown === undefined ? detail.error ? <ErrorNotice what={t('This message could not be read')} error={detail.error} retry={() => void detail.refetch()} /> : <SkeletonRows /> : (
        <>
          <div className="button-row">
            {shown.correlationId === null || !shown.inView ? null : (
              <Button component={Link} to={`/traces/${shown.correlationId}`} leftSection={<IconHierarchy2 size={14} />}>{t('Open trace')}</Button>
            )}
            {shown.eventId === null || !shown.inView ? null : (
              <Button renderRoot={(props) => <Link {...props} to="/flow" search={{ event: shown.eventId ?? undefined }} />} variant="default" leftSection={<IconActivity size={14} />}>{t('Open event')}</Button>
            )}
          </div>
          {shown.inView ? null : <p className="quiet panel-lead">{shown.envelope === null ? t('This is no event. It was set aside; the page Set aside says why.') : t('The console’s view does not hold it: it was set aside, is on its way there, or has grown too old.')}</p>}
          <Section title={t('Message')}>
            <Facts
              facts={[
                [t('Stream'), <span key="stream" className="mono">{stream}</span>],
                [t('Sequence'), <span key="seq" className="num">{formatCount(shown.seq)}</span>],
                [t('Stored'), <Clock key="stored" at={shown.storedMs} />],
                [t('Size'), formatBytes(shown.bytes)],
                ...(shown.eventId === null ? [] : [[t('Event id'), <Id key="id" id={shown.eventId} full />] as const]),
                ...(shown.correlationId === null ? [] : [[t('Correlation'), <TraceId key="correlation" id={shown.correlationId} full />] as const]),
              ]}
            />
          </Section>
          <Section title={shown.envelope === null ? t('Body') : t('Envelope')}>
            {shown.envelope === null ? <pre className="stack">{shown.text}</pre> : <JsonTree value={shown.envelope} label={t('envelope')} />}
          </Section>
          <Section title={t('Headers')}>
            {shown.headers.length === 0 ? <p className="quiet">{t('None.')}</p> : (
              <table className="table streams-headers">
                <tbody>
                  {shown.headers.map(({ name, value }, index) => (
                    // oxlint-disable-next-line react/no-array-index-key -- names may repeat, and their order is the message's
                    <tr key={index}><th scope="row">{name}</th><td className="mono wrap">{value}</td></tr>
                  ))}
                </tbody>
              </table>
            )}
          </Section>
        </>
      )}
    </SidePanel>
  );
}
