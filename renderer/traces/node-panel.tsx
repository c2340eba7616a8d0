/** Details of a node of a trace: where its time went, what led to it and what it led to; then all about the event or the job itself. */
import { Button } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { TimedNode } from '../../shared/timed-trace.ts';
import { EventPanel } from '../flow/event-panel.tsx';
import { JobPanel } from '../jobs/job-panel.tsx';
import { formatDuration, formatShare } from '../kit/format.ts';
import { Id } from '../kit/ids.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { Clock } from '../kit/time.tsx';
import { NodeName } from './node-cell.tsx';
import { causeOf, effectsOf, type TraceModel } from './trace-model.ts';

interface NodePanelProps {
  model: TraceModel;
  node: TimedNode;
  onClose(): void;
  /** Go to another node of the trace. */
  onGo(key: string): void;
}

/** Panel beside the trace. */
export function NodePanel({ model, node, onClose, onGo }: NodePanelProps): ReactElement {
  const place = <Place model={model} node={node} onGo={onGo} />;
  switch (node.node.kind) {
    case 'event':
      return <EventPanel eventId={node.node.id} inTrace lead={place} onClose={onClose} />;
    case 'job':
      return <JobPanel jobId={node.node.id} lead={place} onClose={onClose} />;
    case 'set-aside': {
      const { message } = node.node;
      return (
        <SidePanel label={t('Message set aside')} title={t('Message set aside')} onClose={onClose}>
          <p className="panel-lead">{message.problem}</p>
          <p className="quiet">{t('It is no event, so it owes nothing. Mend what published it and publish it anew.')}</p>
          <div className="button-row">
            <Button component={Link} to="/set-aside" variant="default">
              {t('Open Set aside')}
            </Button>
          </div>
          {place}
          <Section title={t('Message')}>
            <Facts facts={[[t('Subject'), <span key="s" className="mono">{message.subject}</span>], [t('Reason'), message.reason], [t('Sequence'), message.seq], [t('Stored'), <Clock key="at" at={message.storedMs} />], ...(message.eventId === null ? [] : [[t('Event id'), <Id key="id" id={message.eventId} full />] as const])]} />
          </Section>
        </SidePanel>
      );
    }
    default:
      return (
        <SidePanel label={t('Gap')} title={t('Gap')} onClose={onClose}>
          <Section title={node.node.missing === 'event' ? t('The event is not known') : t('The job is not known')}>
            <p>
              {node.node.missing === 'event'
                ? t('What stands below names this event as its cause, but nothing is kept of it. It may still arrive, it may be older than the streams keep, or it was never published here.')
                : t('What stands below names this job as its cause, but nothing is kept of it. It may still arrive, it may be older than the streams keep, or it was never published here.')}
            </p>
            <Facts facts={[[t('Id'), <Id key="id" id={node.node.id} full />]]} />
          </Section>
          {place}
        </SidePanel>
      );
  }
}

const MOST_EFFECTS = 12;

/** Its place in the trace: when, for how long, how much of the critical path; cause and effects one press away. */
function Place({ model, node, onGo }: Omit<NodePanelProps, 'onClose'>): ReactElement {
  const { timed, critical, onPath, segmentsOf } = model;
  const cause = causeOf(model, node);
  const effects = effectsOf(model, node, MOST_EFFECTS + 1);
  const shareMs = (segmentsOf.get(node.index) ?? []).reduce((sum, { from, to }) => sum + to - from, 0);
  const job = node.node.kind === 'job' ? node.node.job : null;
  const queued = job && job.redriveOf === null && job.replayOf === null ? Math.max(0, Math.min(job.enqueuedMs, node.begins + node.waitMs) - node.begins) : 0;
  return (
    <Section title={t('In this trace')} aside={onPath.has(node.index) ? <span className="path-sign">{t('on the critical path')}</span> : undefined}>
      <Facts
        facts={[
          [t('Begins'), node.begins === timed.from ? t('with the trace') : t('{time} after the trace began', { time: formatDuration(node.begins - timed.from) })],
          ...(job === null
            ? []
            : ([
                [t('Waited'), queued >= 1 ? t('{time}: {routing} to be routed, {worker} for a worker', { time: formatDuration(node.waitMs), routing: formatDuration(queued), worker: formatDuration(node.waitMs - queued) }) : formatDuration(node.waitMs)],
                [t('Ran itself'), job.attemptList.length === 0 ? '—' : t('{time} in {n, plural, one {# attempt} other {# attempts}}', { time: formatDuration(node.runMs), n: job.attemptList.length })],
                ...(node.backoffMs > 0 ? ([[t('Retry wait'), formatDuration(node.backoffMs)]] as const) : []),
              ] as const)),
          ...(onPath.has(node.index) && critical && critical.totalMs > 0 ? ([[t('Critical path'), t('{time}, {share} of all', { time: formatDuration(shareMs), share: formatShare(shareMs / critical.totalMs) })]] as const) : []),
          ...(node.skewMs > 0 ? ([[t('Clock'), t('its own clock says {time} before its cause; drawn where its cause began', { time: formatDuration(node.skewMs) })]] as const) : []),
          [t('Below it'), node.below === 0 ? t('nothing') : t('{n, plural, one {# node} other {# nodes}}, the last ends {time} after the trace began', { n: node.below, time: formatDuration(node.endsWithAll - timed.from) })],
        ]}
      />
      <ul className="effects">
        {cause ? (
          <li>
            <button type="button" className="effect" onClick={() => onGo(cause.key)}>
              <span className="effect-way"><IconArrowUp size={13} />{' '}{t('cause')}</span> <NodeName node={cause.node} />
            </button>
          </li>
        ) : null}
        {effects.slice(0, MOST_EFFECTS).map((effect) => (
          <li key={effect.key}>
            <button type="button" className="effect" onClick={() => onGo(effect.key)}>
              <span className="effect-way">{t('effect')}</span> <NodeName node={effect.node} />
            </button>
          </li>
        ))}
        {effects.length > MOST_EFFECTS ? <li className="quiet">{t('and more, below it in the tree')}</li> : null}
      </ul>
    </Section>
  );
}
