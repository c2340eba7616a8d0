/* oxlint-disable react/no-unstable-nested-components -- `cell` of a column is a render function, no component */
/** Tree and waterfall in one table. */
import { type ReactElement, useMemo } from 'react';
import type { Segment } from '../../shared/critical-path.ts';
import { t } from '../../shared/i18n/translate.ts';
import type { TimedNode } from '../../shared/timed-trace.ts';
import { domainColour } from '../kit/domains.ts';
import { formatDuration } from '../kit/format.ts';
import { JobStateSign, SetAsideSign } from '../kit/status.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { barWords } from './bar-words.ts';
import { NodeCell } from './node-cell.tsx';
import type { TraceModel } from './trace-model.ts';
import { type ShownRow, type TimeScale, ticks } from './waterfall.ts';

interface WaterfallTableProps {
  model: TraceModel;
  rows: readonly ShownRow[];
  scale: TimeScale;
  closed: ReadonlySet<string>;
  selected: string | undefined;
  reveal: { readonly index: number; readonly stamp: number } | undefined;
  empty: ReactElement;
  onToggle(key: string): void;
  onExpand(row: ShownRow, open: boolean): void;
  onOpen(row: ShownRow): void;
  /** Open a folded stretch of the axis, or fold it again. */
  onFold(from: number): void;
  onRange(first: number, last: number): void;
}

/** See the file. */
export function WaterfallTable({ model, rows, scale, closed, selected, reveal, empty, onToggle, onExpand, onOpen, onFold, onRange }: WaterfallTableProps): ReactElement {
  const columns = useMemo<GridColumn<ShownRow>[]>(
    () => [
      {
        id: 'node', header: t('Event or job'), width: 'minmax(260px, 38%)',
        cell: ({ node, context }) => <NodeCell node={node} trace={model.timed} context={context} closed={closed.has(node.key)} routed={node.node.kind === 'event' ? model.routedOf.get(node.node.id) : undefined} onToggle={onToggle} />,
      },
      { id: 'state', header: t('State'), width: '112px', cell: ({ node: { node } }) => (node.kind === 'job' ? <JobStateSign state={node.job.state} /> : node.kind === 'set-aside' ? <SetAsideSign /> : null) },
      { id: 'bars', header: <Axis scale={scale} onFold={onFold} />, width: 'minmax(200px, 1fr)', cell: ({ node }) => <Lane node={node} scale={scale} segments={model.segmentsOf.get(node.index)} /> },
      { id: 'words', header: t('Waited'), wideOnly: true, width: '76px', align: 'right', cell: ({ node }) => <span className="num quiet">{node.node.kind === 'job' ? formatDuration(node.waitMs + node.backoffMs) : ''}</span> },
      { id: 'ran', header: t('Ran'), wideOnly: true, width: '76px', align: 'right', cell: ({ node }) => <span className="num">{node.node.kind !== 'job' ? '' : node.node.job.attemptList.length === 0 ? '—' : formatDuration(node.runMs)}</span> },
    ],
    [model, scale, closed, onToggle, onFold],
  );
  return (
    <VirtualGrid
      label={t('Trace')}
      columns={columns}
      count={rows.length}
      rowAt={(index) => rows[index]}
      keyOf={({ node }) => node.key}
      treeOf={({ node }) => ({ level: node.depth + 1, expanded: node.below > 0 ? !closed.has(node.key) : undefined })}
      rowClass={({ node }) => (model.onPath.has(node.index) ? 'on-path' : undefined)}
      overscan={6}
      recycle
      selected={selected}
      reveal={reveal}
      onOpen={onOpen}
      onExpand={onExpand}
      onRange={onRange}
      empty={empty}
      footer={<Legend />}
    />
  );
}

function Lane({ node, scale, segments }: { node: TimedNode; scale: TimeScale; segments: readonly Segment[] | undefined }): ReactElement {
  return (
    <span className="lane">
      {scale.stretches.map((stretch) =>
        stretch.folded ? <span key={stretch.from} className="lane-fold" style={{ left: percent(stretch.left), width: percent(stretch.right - stretch.left) }} /> : null,
      )}
      {segments?.map(({ kind, from, to }) => (
        <span key={`${kind}:${from}`} className="on-path-mark" style={placed(scale, from, to)} />
      ))}
      {node.bars.map((bar) => (
        <span key={`${bar.kind}:${bar.from}:${bar.words}`} className={`bar bar-${bar.kind}`} title={`${barWords(bar)}, ${formatDuration(bar.to - bar.from)}`} style={placed(scale, bar.from, bar.to)} />
      ))}
      {node.failedAt.map((moment) => (
        <span key={moment} className="bar-cross" style={{ left: percent(scale.at(moment)) }} title={t('attempt failed')}>
          ✗
        </span>
      ))}
      {node.at === null ? null : (
        <span
          className={node.node.kind === 'event' ? 'moment' : 'moment moment-aside'}
          title={t('at {time}', { time: formatDuration(node.at - scale.from) })}
          style={{ left: percent(scale.at(node.at)), ...(node.node.kind === 'event' ? { background: domainColour(node.node.event.domain) } : {}) }}
        />
      )}
    </span>
  );
}

function Axis({ scale, onFold }: { scale: TimeScale; onFold(from: number): void }): ReactElement {
  return (
    <span className="axis">
      {ticks(scale).map(({ offset, left }) => (
        <span key={offset} className="axis-tick num" style={{ left: percent(left) }}>
          {offset === 0 ? '0' : formatDuration(offset)}
        </span>
      ))}
      {scale.stretches.map((stretch) =>
        stretch.idle ? (
          <button
            type="button"
            key={stretch.from}
            className={stretch.folded ? 'axis-fold num' : 'axis-fold axis-fold-open num'}
            style={{ left: percent(stretch.left), width: percent(stretch.right - stretch.left) }}
            title={stretch.folded ? t('Nothing ran for {time}: folded. Open it', { time: formatDuration(stretch.to - stretch.from) }) : t('Nothing ran for {time}. Fold it', { time: formatDuration(stretch.to - stretch.from) })}
            onClick={() => onFold(stretch.from)}
          >
            <span>{stretch.folded ? formatDuration(stretch.to - stretch.from) : t('fold {time}', { time: formatDuration(stretch.to - stretch.from) })}</span>
          </button>
        ) : null,
      )}
    </span>
  );
}

function Legend(): ReactElement {
  return (
    <span className="legend">
      <span><span className="sign-event" />{' '}{t('event')}</span>
      <span><span className="sign-job" />{' '}{t('job')}</span>
      <span><span className="legend-bar bar-waiting" />{' '}{t('waiting')}</span>
      <span><span className="legend-bar bar-done" />{' '}{t('running')}</span>
      <span><span className="legend-bar bar-failed" /> <span className="tone-failed">✗</span> {t('failed attempt')}</span>
      <span><span className="legend-bar bar-backoff" />{' '}{t('retry wait')}</span>
      <span><span className="legend-bar bar-relay" />{' '}{t('to the bus')}</span>
      <span><span className="legend-bar legend-path" />{' '}{t('critical path')}</span>
    </span>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;
function placed(scale: TimeScale, from: number, to: number): { left: string; width: string } {
  const left = scale.at(from);
  return { left: percent(left), width: percent(scale.at(to) - left) };
}
