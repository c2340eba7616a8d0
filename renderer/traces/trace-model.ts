/** What the trace page works with, made of what the site sends: rows, tree, times, critical path. */
import { useMemo } from 'react';
import { type CriticalPath, criticalPath, type Segment } from '../../shared/critical-path.ts';
import type { PackedTrace, RoutedAs } from '../../shared/operator-api/index.ts';
import { type Lineage, unpackLineage } from '../../shared/packed-trace.ts';
import { type TimedNode, type TimedTrace, timeTrace } from '../../shared/timed-trace.ts';
import { buildTraceTree, type TraceNode } from '../../shared/trace-tree.ts';

export interface TraceModel {
  readonly packed: PackedTrace;
  readonly lineage: Lineage;
  readonly roots: readonly TraceNode[];
  readonly timed: TimedTrace;
  readonly critical: CriticalPath | null;
  readonly onPath: ReadonlySet<number>;
  readonly segmentsOf: ReadonlyMap<number, readonly Segment[]>;
  readonly byKey: ReadonlyMap<string, TimedNode>;
  readonly routedOf: ReadonlyMap<string, RoutedAs>;
  /** Jobs that wait, run or retry; dead letters; nodes with any trouble. */
  readonly open: number;
  readonly dead: number;
  readonly troubled: number;
}

/** A trace with this many nodes or more is placed anew only when it changes, not with every tick of the clock. */
const TOO_MANY_TO_TICK = 4_000;

const OPEN = new Set(['waiting', 'running', 'retrying']);

/** @param clock ends the bars of what is open, epoch ms. */
export function useTraceModel(packed: PackedTrace, clock: number): TraceModel {
  const read = useMemo(() => readTrace(packed), [packed]);
  const ticking = read.open > 0 && read.lineage.events.length + read.lineage.jobs.length < TOO_MANY_TO_TICK;
  // Only open bars grow; a finished trace is laid out once.
  const now = ticking ? Math.max(clock, packed.measuredMs) : packed.measuredMs;
  return useMemo(() => modelOf(read, now), [read, now]);
}

/** The same for a trace that stands still. */
export function makeTraceModel(packed: PackedTrace): TraceModel {
  return modelOf(readTrace(packed), packed.measuredMs);
}

type ReadTrace = Pick<TraceModel, 'packed' | 'lineage' | 'roots' | 'open' | 'dead' | 'routedOf'>;

function readTrace(packed: PackedTrace): ReadTrace {
  const lineage = unpackLineage(packed.lineage);
  return {
    packed, lineage, roots: buildTraceTree(lineage.events, lineage.jobs, packed.setAside),
    open: lineage.jobs.filter(({ state }) => OPEN.has(state)).length,
    dead: lineage.jobs.filter(({ state }) => state === 'dead').length,
    routedOf: new Map(packed.routed.map((routed) => [routed.eventId, routed])),
  };
}

function modelOf(read: ReadTrace, now: number): TraceModel {
  const timed = timeTrace(read.roots, now);
  const critical = criticalPath(timed);
  return {
    ...read, timed, critical,
    onPath: new Set(critical?.path),
    segmentsOf: Map.groupBy(critical?.segments ?? [], ({ node }) => node),
    byKey: new Map(timed.nodes.map((node) => [node.key, node])),
    troubled: timed.nodes.reduce((sum, { trouble }) => sum + (trouble === null ? 0 : 1), 0),
  };
}

/** The cause of a node, if it is in the trace. */
export function causeOf({ timed }: TraceModel, node: TimedNode): TimedNode | undefined {
  return timed.nodes[node.parent];
}

/** What a node led to, at most so many. */
export function effectsOf({ timed }: TraceModel, node: TimedNode, most: number): TimedNode[] {
  const effects: TimedNode[] = [];
  for (let index = node.index + 1; index <= node.index + node.below && effects.length < most; index += 1) {
    const below = timed.nodes[index];
    if (!below) break;
    effects.push(below);
    index += below.below;
  }
  return effects;
}
