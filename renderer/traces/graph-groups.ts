/**
 * A trace as a graph that fits on a screen. Pure. Where there are more nodes than can be looked at, siblings of one kind stand
 * together as one box with their number; what stands together leads to what its members lead to, again together.
 */
import { nameOf } from '../../shared/compare-traces.ts';
import type { TimedNode, TimedTrace } from '../../shared/timed-trace.ts';

export interface GraphBox {
  /** Key of its first node. */
  readonly id: string;
  readonly parent: string | null;
  readonly first: TimedNode;
  readonly count: number;
  /** Nodes in it that need attention, or failed at first. */
  readonly broken: number;
  readonly failed: number;
  readonly onPath: boolean;
  /** Longest own time of its nodes, ms. */
  readonly longestMs: number;
}

/** Boxes that can be looked at; above it siblings are put together. */
export const MOST_BOXES = 150;

/** @returns boxes in reading order, each after its parent. */
export function graphBoxes({ nodes }: Pick<TimedTrace, 'nodes'>, onPath: ReadonlySet<number>, most = MOST_BOXES): { boxes: GraphBox[]; together: boolean } {
  const together = nodes.length > most;
  const boxOf: string[] = [];
  const boxes = new Map<string, { -readonly [Key in keyof GraphBox]: GraphBox[Key] }>();
  const byPlace = new Map<string, string>();
  for (const node of nodes) {
    const parent = node.parent < 0 ? null : (boxOf[node.parent] ?? null);
    const job = node.node.kind === 'job' ? node.node.job : null;
    const place = together ? `${parent ?? ''} ${node.node.kind} ${nameOf(node.node)} ${job?.redriveOf == null ? '' : 'redrive'}` : node.key;
    const id = byPlace.get(place) ?? node.key;
    byPlace.set(place, id);
    boxOf[node.index] = id;
    const box = boxes.get(id) ?? { id, parent, first: node, count: 0, broken: 0, failed: 0, onPath: false, longestMs: 0 };
    boxes.set(id, box);
    box.count += 1;
    if (node.trouble === 'broken') box.broken += 1;
    if (node.trouble === 'failed') box.failed += 1;
    box.onPath ||= onPath.has(node.index);
    box.longestMs = Math.max(box.longestMs, node.ends - node.begins);
  }
  return { boxes: [...boxes.values()], together };
}
