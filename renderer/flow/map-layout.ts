/** The flow map as boxes and arrows. Pure: what stands where depends on who causes what, not on how often. */
import { graphlib, layout } from '@dagrejs/dagre';
import type { FlowMap } from '../../shared/operator-api/index.ts';

type MapEdge = FlowMap['edges'][number];

export interface MapNode {
  /** `event:rule.ActionTriggered`, `job:…`, `source:…`. */
  readonly id: string;
  readonly kind: 'source' | 'event' | 'job';
  readonly name: string;
  readonly x: number;
  readonly y: number;
}
export interface MapArrow extends MapEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
}

export type Direction = 'LR' | 'TB';
export const NODE_WIDTH = 188;
export const NODE_HEIGHT = 52;
/** Sources beyond these are drawn as one: a site may have thousands. */
const MOST_SOURCES = 12;
const OTHERS = '…';

const KINDS: Readonly<Record<MapEdge['kind'], readonly [from: MapNode['kind'], to: MapNode['kind']]>> = {
  publishes: ['source', 'event'], triggers: ['event', 'job'], 'hands-on': ['job', 'job'], emits: ['job', 'event'],
};

/** Arrows between boxes, each pair once; rare sources stand together. */
export function arrowsOf(edges: readonly MapEdge[]): MapArrow[] {
  const bySource = new Map<string, number>();
  for (const { kind, from, count } of edges) if (kind === 'publishes') bySource.set(from, (bySource.get(from) ?? 0) + count);
  const busiest = new Set([...bySource].sort((a, b) => b[1] - a[1]).slice(0, bySource.size > MOST_SOURCES ? MOST_SOURCES - 1 : MOST_SOURCES).map(([source]) => source));
  const arrows = new Map<string, MapArrow>();
  for (const edge of edges) {
    const [fromKind, toKind] = KINDS[edge.kind];
    const from = edge.kind === 'publishes' && !busiest.has(edge.from) ? OTHERS : edge.from;
    const [source, target] = [`${fromKind}:${from}`, `${toKind}:${edge.to}`];
    const id = `${source}>${target}`;
    const before = arrows.get(id);
    arrows.set(id, { ...edge, from, id, source, target, count: edge.count + (before?.count ?? 0), failed: edge.failed + (before?.failed ?? 0) });
  }
  return [...arrows.values()];
}

/** Where each box stands, from cause to effect: left to right or top to bottom, whichever lets the boxes be larger on a usual screen. */
export function placeNodes(arrows: readonly Pick<MapArrow, 'source' | 'target'>[]): { direction: Direction; nodes: MapNode[] } {
  const [wide, high] = (['LR', 'TB'] as const).map((direction) => ({ direction, graph: graphOf(arrows, direction) }));
  const best = wide && high && roomOf(high.graph) > roomOf(wide.graph) ? high : wide;
  if (!best) throw new Error('no layout');
  return { direction: best.direction, nodes: nodesOf(best.graph) };
}

/** How large it would be drawn, at most its own size. */
function roomOf(graph: graphlib.Graph): number {
  const { width = 1, height = 1 } = graph.graph() as { width?: number; height?: number };
  return Math.min(1, 1_150 / width, 660 / height);
}

function graphOf(arrows: readonly Pick<MapArrow, 'source' | 'target'>[], rankdir: Direction): graphlib.Graph {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir, nodesep: 14, ranksep: rankdir === 'LR' ? 94 : 50 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of [...new Set(arrows.flatMap(({ source, target }) => [source, target]))].sort()) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const { source, target } of arrows) graph.setEdge(source, target);
  layout(graph);
  return graph;
}

function nodesOf(graph: graphlib.Graph): MapNode[] {
  return graph.nodes().map((id) => {
    const { x, y } = graph.node(id) as { x: number; y: number };
    const colon = id.indexOf(':');
    return { id, kind: id.slice(0, colon) as MapNode['kind'], name: id.slice(colon + 1), x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 };
  });
}

/** What the layout depends on: as long as it is the same, nothing moves. */
export const shapeOf = (arrows: readonly MapArrow[]): string => arrows.map(({ id }) => id).sort().join('\n');
