/** One event: what it says, why it happened, what it caused. The same panel in Flow and in a trace. */
import { Button, Menu } from '@mantine/core';
import { IconCopy, IconHierarchy2, IconHistory, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { sayText, t } from '../../shared/i18n/translate.ts';
import type { EventDetail, EventRow, JobRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { copyText } from '../kit/copy-text.ts';
import { formatBytes, formatCount, MISSING } from '../kit/format.ts';
import { EventType, Id, JobType, TraceId } from '../kit/ids.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { JobStateSign, UncataloguedSign } from '../kit/status.tsx';
import { StepList } from '../kit/steps.tsx';
import { Ago, Clock } from '../kit/time.tsx';
import { tellDone } from '../kit/toasts.tsx';
import { asCurl, asNatsCli, asTypeScript } from './copy-as.ts';
import { PayloadSection } from './payload-section.tsx';
import { openPublishForm } from './publish-form.tsx';

/** Panel beside a list. */
export function EventPanel({ eventId, inTrace = false, lead, onClose }: { eventId: string; inTrace?: boolean; /** What the page has to say of it, above everything else. */ lead?: ReactNode; onClose(): void }): ReactElement {
  const detail = useQuery(api.flow.event.queryOptions({ input: { eventId }, refetchInterval: 5_000 }));
  // The placeholder is the event that was open before: its content must not stand under this one's name.
  const shown = detail.data?.row.eventId === eventId ? detail.data : undefined;
  return (
    <SidePanel label={t('Event')} title={shown ? <EventType type={shown.row.eventType} /> : t('Event')} onClose={onClose}>
      {shown ? <EventBody detail={shown} inTrace={inTrace} lead={lead} /> : detail.error ? <ErrorNotice what={t('This event could not be read')} error={detail.error} retry={() => void detail.refetch()} /> : <SkeletonRows />}
    </SidePanel>
  );
}

/** The envelope as it is, or as something that publishes one like it. */
function CopyMenu({ envelope }: { envelope: EventDetail['envelope'] }): ReactElement {
  const origin = location.protocol.startsWith('http') ? location.origin : 'http://127.0.0.1:<port>';
  const copies: readonly (readonly [name: string, text: () => string])[] = [
    ['JSON', () => JSON.stringify(envelope, null, 2)], ['curl', () => asCurl(envelope, origin)], ['nats CLI', () => asNatsCli(envelope)], ['TypeScript', () => asTypeScript(envelope)],
  ];
  return (
    <Menu position="bottom-start" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconCopy size={14} />}>
          {t('Copy as…')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {copies.map(([name, text]) => (
          <Menu.Item key={name} onClick={() => void copyText(text(), () => tellDone(t('Copied as {format}', { format: name })))}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** All there is to say of an event. */
function EventBody({ detail, inTrace, lead }: { detail: EventDetail; inTrace: boolean; lead: ReactNode }): ReactElement {
  const { row, envelope } = detail;
  return (
    <>
      {detail.description === null ? null : <p className="quiet panel-lead">{sayText(detail.description)}</p>}
      <div className="button-row">
        {inTrace ? null : (
          <Button component={Link} to={`/traces/${row.correlationId}`} leftSection={<IconHierarchy2 size={14} />}>
            {t('Open trace')}
          </Button>
        )}
        <CopyMenu envelope={envelope} />
        <Button component={Link} to={`/replay?seq=${row.seq}`} variant="default" leftSection={<IconHistory size={14} />}>
          {t('Replay…')}
        </Button>
        <Button variant="default" leftSection={<IconSend size={14} />} onClick={() => openPublishForm(row.eventType, dataOf(envelope))}>
          {t('Publish one like it')}
        </Button>
      </div>
      {lead}
      <Owed eventId={row.eventId} correlationId={row.correlationId} />
      <Section title={t('Envelope')} aside={row.verdict === 'uncatalogued' ? <UncataloguedSign /> : <span className="quiet">{t('fits the catalogue')}</span>}>
        <Facts
          facts={[
            [t('Event id'), <Id key="id" id={row.eventId} full />],
            [t('Correlation'), <TraceId key="c" id={row.correlationId} full />],
            [t('Source'), <Link key="s" to="/flow" search={{ source: row.source }}>{row.source}</Link>],
            [t('Version'), row.eventVersion],
            [t('Published'), <span key="p"><Clock at={row.timestampMs} /> <span className="quiet">(<Ago at={row.timestampMs} says="ago" />)</span></span>],
            [t('Stored'), <Clock key="st" at={row.storedMs} />],
            [t('Sequence'), <StreamPlaces key="seq" row={row} />],
            [t('Size'), formatBytes(detail.bytes)],
            ...Object.entries(envelope)
              .filter(([name]) => !KNOWN_FIELDS.has(name))
              .map(([name, value]) => [name, <span key={name} className="mono wrap">{typeof value === 'string' ? value : JSON.stringify(value)}</span>] as const),
          ]}
        />
      </Section>
      <PayloadSection row={row} payload={envelope.data} />
      <Section title={t('Caused by')}>
        <CausedBy detail={detail} />
      </Section>
      <Section title={t('Caused')} aside={<span className="quiet num">{countEffects(detail)}</span>}>
        {detail.jobs.length + detail.events.length === 0 ? <p className="quiet">{t('Nothing so far.')}</p> : null}
        <ul className="effects">
          {detail.jobs.map((job) => (
            <li key={job.jobId}>
              <JobLink job={job} />
            </li>
          ))}
          {detail.events.map((event) => (
            <li key={event.eventId}>
              <EventLink event={event} />
            </li>
          ))}
        </ul>
      </Section>
      <Section title={t('Headers')}>
        {detail.headers.length === 0 ? (
          <p className="quiet">{t('None.')}</p>
        ) : (
          <Facts facts={detail.headers.map(({ name, value }, index) => [headerName(name, index, detail.headers), <span key={`${name}:${value}`} className="mono wrap">{value}</span>] as const)} />
        )}
      </Section>
    </>
  );
}

/** The copies keep the sequences of the origin: one number, in every stream that holds it. */
function StreamPlaces({ row: { seq, domain } }: { row: EventRow }): ReactElement {
  const streams = ['platform-events', ...(domain === 'connector' ? (['connector-data'] as const) : []), 'audit-log'] as const;
  return (
    <>
      <span className="num">{formatCount(seq)}</span>{' '}
      {streams.map((stream) => (
        <Link key={stream} to="/streams" search={{ stream, seq, message: seq }} className="stream-place">{stream}</Link>
      ))}
    </>
  );
}

/** What it owes, and what became of it: also why there is nothing. */
function Owed({ eventId, correlationId }: { eventId: string; correlationId: string }): ReactElement | null {
  const owed = useQuery(api.traces.owed.queryOptions({ input: { eventId }, refetchInterval: 5_000 }));
  if (!owed.data) return null;
  return (
    <Section title={t('What it owes')}>
      <StepList steps={owed.data.steps} correlationId={correlationId} />
    </Section>
  );
}

const KNOWN_FIELDS = new Set(['eventId', 'eventType', 'eventVersion', 'timestamp', 'source', 'correlationId', 'causationId', 'jobId', 'data']);

/** Header names may repeat; keys of a list may not. */
function headerName(name: string, index: number, all: readonly { name: string }[]): string {
  return all.findIndex((header) => header.name === name) === index ? name : `${name} (${index + 1})`;
}

function dataOf(envelope: Record<string, unknown>): Record<string, unknown> | undefined {
  const { data } = envelope;
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : undefined;
}

function countEffects({ jobs, events }: EventDetail): string {
  return t('{jobs, plural, one {# job} other {# jobs}}, {events, plural, one {# event} other {# events}}', { jobs: jobs.length, events: events.length });
}

function CausedBy({ detail }: { detail: EventDetail }): ReactElement {
  const { event, job } = detail.causedBy;
  const { causationId, jobId } = detail.row;
  if (causationId === null && jobId === null) return <p className="quiet">{t('Nothing: it starts its correlation.')}</p>;
  return (
    <ul className="effects">
      {job ? <li><JobLink job={job} /></li> : jobId === null ? null : <li><span className="quiet">{t('Job, not known here:')}</span> <Id id={jobId} /></li>}
      {event ? <li><EventLink event={event} /></li> : causationId === null ? null : <li><span className="quiet">{t('Event, not known here:')}</span> <Id id={causationId} /></li>}
    </ul>
  );
}

/** A job in its trace. */
export function JobLink({ job }: { job: JobRow }): ReactElement {
  return (
    <Link to="/traces/$correlationId" params={{ correlationId: job.correlationId }} search={{ node: `job:${job.jobId}` }} className="effect">
      <JobType type={job.jobType} />
      <JobStateSign state={job.state} />
    </Link>
  );
}

/** An event in its trace. */
export function EventLink({ event }: { event: EventRow }): ReactElement {
  return (
    <Link to="/traces/$correlationId" params={{ correlationId: event.correlationId }} search={{ node: `event:${event.eventId}` }} className="effect">
      <EventType type={event.eventType} />
      <span className="quiet num">{event.seq > 0 ? formatCount(event.seq) : MISSING}</span>
    </Link>
  );
}
