/* oxlint-disable react/no-unstable-nested-components -- `cell` of a column is a render function, no component */
/** Tree and waterfall in one table. */
import { IconAlertTriangle, IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type ReactElement, useMemo } from 'react';
import { formatDuration } from '../kit/format.ts';
import { domainColour } from '../kit/domains.ts';
import { Id } from '../kit/ids.tsx';
import { JobStateSign } from '../kit/status.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { DEEPEST_INDENT, type PlacedNode, type TimeScale, ticks } from './waterfall.ts';

interface WaterfallTableProps {
  rows: readonly PlacedNode[];
  scale: TimeScale;
  collapsed: ReadonlySet<string>;
  selected: string | undefined;
  onToggle(key: string): void;
  onOpen(row: PlacedNode): void;
}

/** See the file. */
export function WaterfallTable({ rows, scale, collapsed, selected, onToggle, onOpen }: WaterfallTableProps): ReactElement {
  const columns = useMemo<GridColumn<PlacedNode>[]>(
    () => [
      { id: 'node', header: 'Event or job', width: 'minmax(260px, 38%)', cell: (row) => <NodeCell row={row} closed={collapsed.has(row.key)} onToggle={onToggle} /> },
      { id: 'state', header: 'State', width: '112px', cell: (row) => (row.node.kind === 'job' ? <JobStateSign state={row.node.job.state} /> : null) },
      { id: 'bars', header: <Axis scale={scale} />, width: 'minmax(200px, 1fr)', cell: (row) => <Lane row={row} scale={scale} /> },
      { id: 'words', header: 'Waited', wideOnly: true, width: '76px', align: 'right', cell: (row) => <span className="num quiet">{waitedWords(row)}</span> },
      { id: 'ran', header: 'Ran', wideOnly: true, width: '76px', align: 'right', cell: (row) => <span className="num">{ranWords(row)}</span> },
    ],
    [scale, collapsed, onToggle],
  );
  return (
    <VirtualGrid
      label="Trace"
      columns={columns}
      count={rows.length}
      rowAt={(index) => rows[index]}
      keyOf={(row) => row.key}
      treeOf={(row) => ({ level: row.depth + 1, expanded: row.hasChildren ? !collapsed.has(row.key) : undefined })}
      selected={selected}
      onOpen={onOpen}
      footer={<Legend />}
    />
  );
}

function NodeCell({ row, closed, onToggle }: { row: PlacedNode; closed: boolean; onToggle(key: string): void }): ReactElement {
  const { node } = row;
  return (
    <span className="node">
      {row.guides.map((runsOn, level) => (
        // oxlint-disable-next-line react/no-array-index-key -- a level is its own identity
        <span key={level} className={runsOn ? 'guide guide-on' : 'guide'} />
      ))}
      {row.depth > DEEPEST_INDENT + 1 ? <span className="quiet node-depth num" title="Depth in the tree">{row.depth}</span> : null}
      {row.depth > 0 ? <span className={row.last ? 'guide guide-last' : 'guide guide-branch'} /> : null}
      {row.hasChildren ? (
        <button
          type="button"
          className="node-toggle"
          aria-label={closed ? 'Expand' : 'Collapse'}
          aria-expanded={!closed}
          onClick={(event) => {
            event.stopPropagation();
            onToggle(row.key);
          }}
        >
          {closed ? <IconChevronRight size={13} /> : <IconChevronDown size={13} />}
        </button>
      ) : (
        <span className="node-toggle" />
      )}
      {node.kind === 'event' ? (
        <>
          <span className="sign-event" style={{ background: domainColour(node.event.domain) }} title="event" />
          <span className="clip mono" title={node.event.eventType}>{node.event.eventType}</span>
        </>
      ) : node.kind === 'job' ? (
        <>
          <span className="sign-job" title="job" />
          <span className="clip mono" title={node.job.jobType}>{node.job.jobType}</span>
          <span className="quiet node-tier">{node.job.tier}{node.job.redriveOf === null ? '' : ' · redrive'}{node.job.replayOf === null ? '' : ' · replay'}</span>
        </>
      ) : (
        <>
          <IconAlertTriangle size={13} className="tone-retrying" />
          <span className="clip quiet">
            gap: {node.missing} <Id id={node.id} /> not known
          </span>
        </>
      )}
      {node.cycle ? <span className="tone-retrying node-tier">cycle, cut here</span> : null}
    </span>
  );
}

function Lane({ row, scale }: { row: PlacedNode; scale: TimeScale }): ReactElement {
  return (
    <span className="lane">
      {scale.stretches.map((stretch) =>
        stretch.folded ? <span key={stretch.from} className="lane-fold" style={{ left: percent(stretch.left), width: percent(stretch.right - stretch.left) }} /> : null,
      )}
      {row.bars.map((bar) => {
        const left = scale.at(bar.from);
        return (
          <span
            key={`${bar.kind}:${bar.from}:${bar.words}`}
            className={`bar bar-${bar.kind}`}
            title={`${bar.words}, ${formatDuration(bar.to - bar.from)}`}
            style={{ left: percent(left), width: percent(scale.at(bar.to) - left) }}
          />
        );
      })}
      {row.failedAt.map((moment) => (
        <span key={moment} className="bar-cross" style={{ left: percent(scale.at(moment)) }} title="attempt failed">
          ✗
        </span>
      ))}
      {row.at === null || row.node.kind !== 'event' ? null : (
        <span className="moment" title={`at ${formatDuration(row.at - scale.from)}`} style={{ left: percent(scale.at(row.at)), background: domainColour(row.node.event.domain) }} />
      )}
    </span>
  );
}

function Axis({ scale }: { scale: TimeScale }): ReactElement {
  return (
    <span className="axis">
      {ticks(scale).map(({ offset, left }) => (
        <span key={offset} className="axis-tick num" style={{ left: percent(left) }}>
          {offset === 0 ? '0' : formatDuration(offset)}
        </span>
      ))}
      {scale.stretches.map((stretch) =>
        stretch.folded ? (
          <span key={stretch.from} className="axis-fold num" style={{ left: percent(stretch.left), width: percent(stretch.right - stretch.left) }} title="Nothing ran: folded">
            <span>{formatDuration(stretch.to - stretch.from)}</span>
          </span>
        ) : null,
      )}
    </span>
  );
}

function Legend(): ReactElement {
  return (
    <span className="legend">
      <span><span className="sign-event" /> event</span>
      <span><span className="sign-job" /> job</span>
      <span><span className="legend-bar bar-waiting" /> waiting</span>
      <span><span className="legend-bar bar-done" /> running</span>
      <span><span className="legend-bar bar-failed" /> <span className="tone-failed">✗</span> failed attempt</span>
      <span><span className="legend-bar bar-backoff" /> retry wait</span>
    </span>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

function waitedWords(row: PlacedNode): string {
  const wait = row.bars.find(({ kind }) => kind === 'waiting');
  if (row.node.kind !== 'job') return '';
  return wait ? formatDuration(wait.to - wait.from) : formatDuration(0);
}

function ranWords(row: PlacedNode): string {
  if (row.node.kind !== 'job') return '';
  const ran = row.bars.filter(({ kind }) => kind === 'done' || kind === 'failed' || kind === 'running');
  if (ran.length === 0) return '—';
  return formatDuration(ran.reduce((sum, { from, to }) => sum + to - from, 0));
}

