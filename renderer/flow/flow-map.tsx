/** The flow map: source → event type → job type → event type, as it flows now. Loaded only when it is looked at. */
import { Background, Controls, type Edge, Handle, MarkerType, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useMemo } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import { domainColour, domainOfType } from '../kit/domains.ts';
import { formatClock, formatDuration, formatRate, formatShare } from '../kit/format.ts';
import { graphLabels } from '../kit/graph-labels.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { arrowsOf, type Direction, type MapArrow, type MapNode, NODE_HEIGHT, NODE_WIDTH, placeNodes, shapeOf } from './map-layout.ts';

type BoxNode = Node<{ node: MapNode; direction: Direction }, 'box'>;
const NODE_TYPES = { box: Box };
const EVERY_MS = 3_000;
/** A share of failed jobs above this is drawn as trouble. */
const TROUBLE = 0.01;

interface FlowMapProps {
  /** Part of a page: without its words and its controls. */
  small?: boolean;
  onOpen(node: Pick<MapNode, 'kind' | 'name'>): void;
}

/** Drag to move, wheel to zoom; a press on a box filters by it. */
export default function FlowMapView({ small = false, onOpen }: FlowMapProps): ReactElement {
  const map = useQuery(api.flow.map.queryOptions({ input: {}, refetchInterval: EVERY_MS }));
  const arrows = useMemo(() => arrowsOf(map.data?.edges ?? []), [map.data]);
  const shape = shapeOf(arrows);
  // The shape says all that the layout depends on.
  const placed = useMemo(() => placeNodes(shape === '' ? [] : shape.split('\n').map((id) => ({ source: id.slice(0, id.indexOf('>')), target: id.slice(id.indexOf('>') + 1) }))), [shape]);
  const nodes = useMemo<BoxNode[]>(() => placed.nodes.map((node) => ({ id: node.id, type: 'box', position: { x: node.x, y: node.y }, width: NODE_WIDTH, height: NODE_HEIGHT, data: { node, direction: placed.direction }, ariaLabel: `${kindWord(node.kind)} ${node.name}` })), [placed]);
  const { sinceMs = null, untilMs = null, events = 0 } = map.data ?? {};
  const seconds = sinceMs === null || untilMs === null ? 0 : Math.max(1, (untilMs - sinceMs) / 1_000);
  const edges = useMemo(() => drawn(arrows, seconds), [arrows, seconds]);

  if (map.error && !map.data) return <ErrorNotice what={t('The flow map could not be read')} error={map.error} retry={() => void map.refetch()} />;
  if (!map.data) return <SkeletonRows rows={8} />;
  if (nodes.length === 0) return <Empty title={t('Nothing flows yet')}>{t('Publish an event: who published it, what it triggers and what comes of that is drawn here.')}</Empty>;
  return (
    <div className="flow-map">
      <ReactFlow
        // Another shape is fitted into view anew; other counts move nothing.
        key={shape}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.06 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        zoomOnScroll={!small}
        preventScrolling={!small}
        onNodeClick={(_, { data }) => onOpen(data.node)}
        proOptions={{ hideAttribution: true }}
        ariaLabelConfig={graphLabels(t('Press Enter to filter by it.'))}
      >
        <Background gap={24} size={1} color="var(--border)" />
        {small ? null : <Controls showInteractive={false} position="bottom-left" />}
      </ReactFlow>
      {small || sinceMs === null || untilMs === null ? null : (
        <p className="flow-map-note">
          {t('Counted over the newest {n, plural, one {# event} other {# events}}, {from} to {to}. On an arrow: how many a second, how long until then, how many died.', { n: events, from: formatClock(sinceMs, false), to: formatClock(untilMs, false) })}
        </p>
      )}
    </div>
  );
}

function kindWord(kind: MapNode['kind']): string {
  return { source: t('Source'), event: t('Event type'), job: t('Job type') }[kind];
}

function drawn(arrows: readonly MapArrow[], seconds: number): Edge[] {
  const most = Math.max(1, ...arrows.map(({ count }) => count));
  return arrows.map(({ id, source, target, count, failed, ms }) => {
    const share = failed / count;
    // What is in trouble says so; how long it took elsewhere is told by the arrow's own name.
    const words = [`${formatRate(count / Math.max(1, seconds))}/s`, ...(failed > 0 ? [`✗ ${formatShare(share)}`] : ms === null ? [] : [formatDuration(ms)])].join(' · ');
    return {
      id, source, target, label: words,
      ariaLabel: t('{count, number} in all, {failed, number} died', { count, failed }),
      className: share > TROUBLE ? 'flow-edge is-broken' : 'flow-edge',
      style: { strokeWidth: 1 + 3 * Math.sqrt(count / most) },
      markerEnd: { type: MarkerType.ArrowClosed, width: 12, height: 12, color: share > TROUBLE ? 'var(--bar-failed)' : 'var(--border-strong)' },
      labelBgPadding: [4, 2] as [number, number],
      labelBgBorderRadius: 3,
    };
  });
}

function Box({ data: { node, direction } }: NodeProps<BoxNode>): ReactElement {
  return (
    <div className={`flow-box flow-box-${node.kind}`} style={node.kind === 'event' ? { borderLeftColor: domainColour(domainOfType(node.name)) } : undefined} title={node.name}>
      <Handle type="target" position={direction === 'LR' ? Position.Left : Position.Top} isConnectable={false} />
      <span className="quiet flow-box-kind">
        {node.kind === 'job' ? <span className="job-sign" aria-hidden="true" /> : null}
        {node.kind === 'event' ? domainOfType(node.name) : kindWord(node.kind)}
      </span>
      <strong className="clip">{node.kind === 'event' ? node.name.slice(domainOfType(node.name).length + 1) : node.name === '…' ? t('other sources') : node.name}</strong>
      <Handle type="source" position={direction === 'LR' ? Position.Right : Position.Bottom} isConnectable={false} />
    </div>
  );
}
