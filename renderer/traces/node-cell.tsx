/** A node of a trace in a row: guides of the tree, sign, name, and what must not be overlooked. */
import { IconAlertTriangle, IconCalendarClock, IconChevronDown, IconChevronRight, IconInbox } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { RoutedAs } from '../../shared/operator-api/index.ts';
import type { TimedNode, TimedTrace } from '../../shared/timed-trace.ts';
import type { TraceNode } from '../../shared/trace-tree.ts';
import { Trans } from '../i18n/trans.tsx';
import { domainColour } from '../kit/domains.ts';
import { formatCount, formatDuration } from '../kit/format.ts';
import { Id } from '../kit/ids.tsx';
import { DEEPEST_INDENT } from './waterfall.ts';

interface NodeCellProps {
  node: TimedNode;
  trace: Pick<TimedTrace, 'nodes'>;
  /** Is it shown only because of what is below? */
  context: boolean;
  closed: boolean;
  routed: RoutedAs | undefined;
  onToggle(key: string): void;
}

/** See the file. */
export function NodeCell({ node, trace, context, closed, routed, onToggle }: NodeCellProps): ReactElement {
  return (
    <span className={context ? 'node node-context' : 'node'}>
      <Guides node={node} trace={trace} />
      {node.below > 0 ? (
        <button
          type="button"
          className="node-toggle"
          tabIndex={-1}
          aria-label={closed ? t('Expand') : t('Collapse')}
          aria-expanded={!closed}
          onClick={(event) => {
            event.stopPropagation();
            onToggle(node.key);
          }}
        >
          {closed ? <IconChevronRight size={13} /> : <IconChevronDown size={13} />}
        </button>
      ) : (
        <span className="node-toggle" />
      )}
      <NodeName node={node.node} />
      {closed ? <span className="quiet node-note num">+{formatCount(node.below)}</span> : null}
      <Notes node={node} routed={routed} />
    </span>
  );
}

function Guides({ node, trace }: { node: TimedNode; trace: Pick<TimedTrace, 'nodes'> }): ReactElement | null {
  if (node.depth === 0) return null;
  const levels: ReactElement[] = [];
  for (let at = trace.nodes[node.parent]; at && at.depth > 0 && levels.length < DEEPEST_INDENT; at = trace.nodes[at.parent]) levels.push(<span key={at.depth} className={at.last ? 'guide' : 'guide guide-on'} />);
  return (
    <>
      {levels.reverse()}
      {node.depth > DEEPEST_INDENT + 1 ? <span className="quiet node-depth num" title={t('Depth in the tree')}>{node.depth}</span> : null}
      <span className={node.last ? 'guide guide-last' : 'guide guide-branch'} />
    </>
  );
}

/** Sign and name of a node, the same in tree, graph and comparison. */
export function NodeName({ node }: { node: TraceNode }): ReactElement {
  switch (node.kind) {
    case 'event':
      return (
        <>
          {node.event.eventType === 'system.ScheduleFired' ? (
            <IconCalendarClock size={14} className="node-sign" aria-label={t('schedule')} />
          ) : (
            <span className="sign-event" style={{ background: domainColour(node.event.domain) }} title={t('event')} />
          )}
          <span className="clip mono" title={node.event.eventType}>{node.event.eventType}</span>
        </>
      );
    case 'job':
      return (
        <>
          <span className="sign-job" title={t('job')} />
          <span className="clip mono" title={node.job.jobType}>{node.job.jobType}</span>
          <span className="quiet node-note">{[node.job.tier, ...(node.job.redriveOf === null ? [] : [t('redrive')]), ...(node.job.replayOf === null ? [] : [t('replay')])].join(' · ')}</span>
        </>
      );
    case 'set-aside':
      return (
        <>
          <IconInbox size={14} className="node-sign tone-retrying" aria-label={t('set aside')} />
          <span className="clip mono" title={node.message.problem}>{node.message.subject}</span>
        </>
      );
    default:
      return (
        <>
          <IconAlertTriangle size={14} className="node-sign tone-retrying" />
          <span className="clip quiet">
            {node.missing === 'event' ? <Trans message="gap: event <id/> not known" parts={{ id: <Id id={node.id} /> }} /> : <Trans message="gap: job <id/> not known" parts={{ id: <Id id={node.id} /> }} />}
          </span>
        </>
      );
  }
}

function Notes({ node, routed }: { node: TimedNode; routed: RoutedAs | undefined }): ReactElement {
  return (
    <>
      {node.node.cycle ? <span className="tone-retrying node-note">{t('cycle, cut here')}</span> : null}
      {node.brokenBelow > 0 ? (
        <span className="below tone-failed" title={t('{n, plural, one {# node below needs} other {# nodes below need}} attention', { n: node.brokenBelow })}>
          ✗ {formatCount(node.brokenBelow)}
        </span>
      ) : null}
      {node.failedBelow > 0 ? (
        <span className="below tone-retrying" title={t('{n, plural, one {# job} other {# jobs}} below failed at first and went well later, or a person decided', { n: node.failedBelow })}>
          ↻ {formatCount(node.failedBelow)}
        </span>
      ) : null}
      {node.skewMs > 0 ? (
        <span className="below quiet" title={t('By its own clock it came {time} before its cause: it is drawn where its cause began', { time: formatDuration(node.skewMs) })}>
          {t('clock −{time}', { time: formatDuration(node.skewMs) })}
        </span>
      ) : null}
      {routed === undefined ? null : routed.owed === null ? (
        <span className="below tone-waiting" title={t('Routing has not taken it yet')}>{t('not routed yet')}</span>
      ) : routed.owed === 0 ? (
        <span className="below quiet" title={t('It was routed, and no job type is triggered by it')}>{t('owes nothing')}</span>
      ) : (
        <span className="below tone-failed" title={t('It was routed and owed jobs, but none is known here')}>{t('✗ job missing')}</span>
      )}
    </>
  );
}
