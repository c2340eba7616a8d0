/**
 * The critical path of a trace: the chain of causes that led to what ended last. Pure.
 *
 * Each node has one cause, so the chain is found by walking up from the last end. Its time is told in segments that lie end to
 * end from the beginning of its root to that last end: nothing is counted twice, and nothing is left out.
 */
import type { Bar, TimedNode, TimedTrace } from './timed-trace.ts';

/**
 * waiting: for routing and a free worker. running: an attempt. backoff: between attempts. relay: to the bus. decision: until a
 * person redrove a dead letter or replayed an event. idle: between a cause and its effect, for no reason that was recorded.
 */
export type SegmentKind = 'waiting' | 'running' | 'backoff' | 'relay' | 'decision' | 'idle';

export interface Segment {
  readonly kind: SegmentKind;
  /** Index of the node it belongs to. */
  readonly node: number;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

export interface CriticalPath {
  /** Indices from the root to the node that ended last. */
  readonly path: readonly number[];
  readonly segments: readonly Segment[];
  readonly totalMs: number;
  readonly byKind: Readonly<Record<SegmentKind, number>>;
}

const KIND_OF_BAR: Record<Bar['kind'], SegmentKind> = { waiting: 'waiting', running: 'running', done: 'running', failed: 'running', backoff: 'backoff', relay: 'relay' };

/** @returns null for a trace without nodes. Of several that end at the same time, the first in reading order counts. */
export function criticalPath({ nodes }: Pick<TimedTrace, 'nodes'>): CriticalPath | null {
  let last: TimedNode | null = null;
  for (const node of nodes) if (last === null || node.ends > last.ends) last = node;
  if (last === null) return null;
  const chain: TimedNode[] = [];
  for (let at: TimedNode | undefined = last; at; at = nodes[at.parent]) chain.push(at);
  chain.reverse();
  const segments: Segment[] = [];
  for (const [step, node] of chain.entries()) {
    const next = chain[step + 1];
    const until = next?.begins ?? node.ends;
    const covered = ownSegments(node, until, segments);
    if (next && covered < until) segments.push({ kind: betweenKind(node, next), node: next.index, from: covered, to: until });
  }
  const byKind: Record<SegmentKind, number> = { waiting: 0, running: 0, backoff: 0, relay: 0, decision: 0, idle: 0 };
  for (const { kind, from, to } of segments) byKind[kind] += to - from;
  return { path: chain.map(({ index }) => index), segments, totalMs: last.ends - (chain[0]?.begins ?? last.ends), byKind };
}

/** A node's bars up to `until`. @returns the moment that they reach. */
function ownSegments(node: TimedNode, until: number, segments: Segment[]): number {
  let covered = node.begins;
  for (const bar of node.bars) {
    // An event's way to the bus lies before its moment, and is told as what stands between it and its job.
    if (bar.kind === 'relay') continue;
    const to = Math.min(bar.to, until);
    if (to <= covered) continue;
    segments.push({ kind: KIND_OF_BAR[bar.kind], node: node.index, from: covered, to });
    covered = to;
  }
  return covered;
}

function betweenKind(cause: TimedNode, effect: TimedNode): SegmentKind {
  if (effect.node.kind === 'job' && (effect.node.job.redriveOf !== null || effect.node.job.replayOf !== null)) return 'decision';
  return cause.node.kind === 'job' && effect.node.kind !== 'job' ? 'relay' : 'idle';
}
