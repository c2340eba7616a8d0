/** The same trace as a graph: what led to what, from left to right. Loaded only when it is looked at. */
import { graphlib, layout } from '@dagrejs/dagre';
import { Background, Controls, type Edge, Handle, MiniMap, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { type ReactElement, useMemo } from 'react';
import { nameOf } from '../../shared/compare-traces.ts';
import { t } from '../../shared/i18n/translate.ts';
import { domainColour } from '../kit/domains.ts';
import { formatCount, formatDuration } from '../kit/format.ts';
import { graphLabels } from '../kit/graph-labels.ts';
import { JobStateSign, SetAsideSign } from '../kit/status.tsx';
import { type GraphBox, graphBoxes } from './graph-groups.ts';
import type { TraceModel } from './trace-model.ts';

const WIDTH = 252;
const HEIGHT = 56;

type Direction = 'LR' | 'TB';
type BoxNode = Node<{ box: GraphBox; selected: boolean; direction: Direction }, 'box'>;
const NODE_TYPES = { box: Box };

interface GraphViewProps {
  model: TraceModel;
  selected: string | undefined;
  onOpen(key: string): void;
}

/** Drag to move, wheel to zoom, Tab and Enter to open a box. */
export default function GraphView({ model, selected, onOpen }: GraphViewProps): ReactElement {
  const placed = useMemo(() => place(model), [model]);
  const nodes = useMemo<BoxNode[]>(() => placed.nodes.map((node) => ({ ...node, data: { ...node.data, selected: node.id === selected } })), [placed, selected]);
  return (
    <div className="graph">
      <ReactFlow
        nodes={nodes}
        edges={placed.edges}
        nodeTypes={NODE_TYPES}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.12 }}
        minZoom={0.05}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        onNodeClick={(_, node) => onOpen(node.id)}
        proOptions={{ hideAttribution: true }}
        ariaLabelConfig={graphLabels(t('Press Enter to see its details.'))}
        onlyRenderVisibleElements={placed.nodes.length > 200}
      >
        <Background gap={24} size={1} color="var(--border)" />
        <Controls showInteractive={false} position="bottom-left" />
        {placed.nodes.length > 12 ? <MiniMap pannable zoomable position="bottom-right" nodeColor="var(--border-strong)" maskColor="color-mix(in srgb, var(--surface-2) 70%, transparent)" /> : null}
      </ReactFlow>
      {placed.together ? <p className="graph-note">{t('{nodes, plural, one {# node} other {# nodes}} in {boxes, plural, one {# box} other {# boxes}}: siblings of one kind stand together.', { nodes: model.timed.nodes.length, boxes: placed.nodes.length })}</p> : null}
    </div>
  );
}

function place(model: TraceModel): { nodes: BoxNode[]; edges: Edge[]; together: boolean } {
  const { boxes, together } = graphBoxes(model.timed, model.onPath);
  // Long chains fit a screen from top to bottom, broad ones from left to right: whichever leaves the boxes larger.
  const [graph, direction] = (['LR', 'TB'] as const).map((each) => [layoutOf(boxes, each), each] as const).reduce((a, b) => (roomOf(b[0]) > roomOf(a[0]) ? b : a));
  const onPath = new Set(boxes.flatMap((box) => (box.onPath ? [box.id] : [])));
  return {
    together,
    nodes: boxes.map((box) => {
      const { x, y } = graph.node(box.id) as { x: number; y: number };
      return { id: box.id, type: 'box', position: { x: x - WIDTH / 2, y: y - HEIGHT / 2 }, width: WIDTH, height: HEIGHT, data: { box, selected: false, direction }, ariaLabel: box.count > 1 ? t('{name}, {n, number} of them', { name: nameOf(box.first.node), n: box.count }) : nameOf(box.first.node) };
    }),
    edges: boxes.flatMap(({ id, parent }) => (parent === null ? [] : [{ id: `${parent}>${id}`, source: parent, target: id, type: 'smoothstep', pathOptions: { offset: 10, borderRadius: 6 }, className: onPath.has(id) && onPath.has(parent) ? 'edge-on-path' : '' }])),
  };
}

function layoutOf(boxes: readonly GraphBox[], rankdir: Direction): graphlib.Graph {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir, nodesep: 20, ranksep: rankdir === 'LR' ? 52 : 36 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of boxes) graph.setNode(id, { width: WIDTH, height: HEIGHT });
  for (const { id, parent } of boxes) if (parent !== null) graph.setEdge(parent, id);
  layout(graph);
  return graph;
}

/** How large it would be on a usual screen, at most its own size. */
function roomOf(graph: graphlib.Graph): number {
  const { width = 1, height = 1 } = graph.graph() as { width?: number; height?: number };
  return Math.min(1, 1_200 / width, 720 / height);
}

function Box({ data: { box, selected, direction } }: NodeProps<BoxNode>): ReactElement {
  const { node } = box.first;
  const classes = ['graph-box', `graph-${node.kind}`, box.onPath ? 'is-on-path' : '', selected ? 'is-selected' : '', box.broken > 0 ? 'is-broken' : ''];
  return (
    <div className={classes.filter(Boolean).join(' ')} style={node.kind === 'event' ? { borderLeftColor: domainColour(node.event.domain) } : undefined}>
      <Handle type="target" position={direction === 'LR' ? Position.Left : Position.Top} isConnectable={false} />
      <span className="graph-name">
        <span className="clip mono" title={nameOf(node)}>{nameOf(node)}</span>
        {box.count > 1 ? <b className="num">× {formatCount(box.count)}</b> : null}
      </span>
      <span className="graph-about">
        {box.count > 1 ? (
          <span className="quiet">{box.broken > 0 ? <span className="tone-failed">{t('✗ {n, number} need attention', { n: box.broken })}</span> : box.failed > 0 ? t('↻ {n, number} failed at first', { n: box.failed }) : node.kind === 'job' ? t('jobs') : t('events')}</span>
        ) : node.kind === 'job' ? (
          <JobStateSign state={node.job.state} />
        ) : node.kind === 'set-aside' ? (
          <SetAsideSign />
        ) : (
          <span className="quiet">{node.kind === 'event' ? node.event.source : t('not known')}</span>
        )}
        {node.kind === 'job' ? <span className="num quiet">{box.count > 1 ? t('up to {time}', { time: formatDuration(box.longestMs) }) : formatDuration(box.longestMs)}</span> : null}
      </span>
      <Handle type="source" position={direction === 'LR' ? Position.Right : Position.Bottom} isConnectable={false} />
    </div>
  );
}
