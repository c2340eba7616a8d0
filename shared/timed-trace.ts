/**
 * A trace in time. Pure.
 *
 * The order of nodes is the tree's; places on the axis follow measured times. Clocks of different processes disagree by a
 * little: what would start before its own cause is moved to it, and says by how much. Each node's own time is told apart from
 * its waiting, trouble is counted upwards, and the critical path is the chain of causes that led to what ended last.
 */
import { message } from './i18n/translate.ts';
import type { AttemptRow } from './operator-api/lineage-schemas.ts';
import type { TraceNode } from './trace-tree.ts';

/** relay: between the end of an attempt and the bus having its event. */
export type BarKind = 'waiting' | 'running' | 'done' | 'failed' | 'backoff' | 'relay';

export interface Bar {
  readonly kind: BarKind;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  /** A message. */
  readonly words: string;
  /** What an attempt's message speaks of. */
  readonly attempt?: { readonly number: number; readonly outcome: AttemptRow['outcome'] };
}

/**
 * broken: somebody must act (a dead letter, a job that fails, a message set aside). failed: an attempt failed, and a later one
 * went well or a person decided. unknown: a gap, a cycle.
 */
export type Trouble = 'broken' | 'failed' | 'unknown';

export interface TimedNode {
  /** `event:<id>`, `job:<id>`, `gap:<id>` or `set-aside:<sequence>`: as the URL holds it. */
  readonly key: string;
  readonly node: TraceNode;
  /** Index in reading order, and that of its parent (−1 for roots). */
  readonly index: number;
  readonly parent: number;
  readonly depth: number;
  /** Is it the last of its siblings? */
  readonly last: boolean;
  /** Nodes below it. */
  below: number;
  /** Moment of an event or a message, epoch ms; null for jobs and gaps. */
  readonly at: number | null;
  readonly bars: readonly Bar[];
  readonly failedAt: readonly number[];
  /** Its own beginning and end, epoch ms; never before its cause's beginning. */
  readonly begins: number;
  readonly ends: number;
  /** End of what ends last at or below it. */
  endsWithAll: number;
  /** Self time: attempts running. */
  readonly runMs: number;
  /** Until the first attempt (routing and queue). */
  readonly waitMs: number;
  /** Between attempts. */
  readonly backoffMs: number;
  /** By how much its clock would have put it before its cause, ms; 0 if it did not. */
  readonly skewMs: number;
  readonly trouble: Trouble | null;
  brokenBelow: number;
  failedBelow: number;
}

export interface TimedTrace {
  /** In reading order. */
  readonly nodes: readonly TimedNode[];
  /** Earliest beginning and latest end of the nodes as they are placed, epoch ms. */
  readonly from: number;
  readonly to: number;
}

/** Clocks that differ by less than this are not worth a word, ms. */
const SKEW_WORTH_SAYING_MS = 1;

/** Key of a node, as the URL and the rows hold it. */
export const nodeKey = (node: TraceNode): string => `${node.kind}:${node.id}`;

/** Place all nodes. `now` ends the bars of what still waits or runs, epoch ms. */
export function timeTrace(roots: readonly TraceNode[], now: number): TimedTrace {
  const nodes: TimedNode[] = [];
  const start = startOf(roots);
  type Open = { node: TraceNode; parent: number; depth: number; last: boolean };
  // A stack of our own: a chain of thousands of events would overflow the call stack.
  const stack: Open[] = [];
  const push = (children: readonly TraceNode[], parent: number, depth: number): void => {
    for (let at = children.length - 1; at >= 0; at -= 1) {
      const node = children[at];
      if (node) stack.push({ node, parent, depth, last: at === children.length - 1 });
    }
  };
  push(roots, -1, 0);
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, parent, depth, last } = top;
    const cause = nodes[parent];
    const index = nodes.length;
    const { at, bars, failedAt, begins, ends, runMs, waitMs, backoffMs, skewMs, trouble } = placeOf(node, cause, cause?.begins ?? start, now);
    nodes.push({ key: nodeKey(node), node, index, parent, depth, last, below: 0, brokenBelow: 0, failedBelow: 0, at, bars, failedAt, begins, ends, endsWithAll: ends, runMs, waitMs, backoffMs, skewMs, trouble });
    push(node.children, index, depth + 1);
  }
  // Children stand after their parents: one pass from the end sums everything up.
  let [from, to] = [start, start];
  // What began before its cause by its own clock was moved: the earliest measured moment may be nobody's.
  if (nodes.length > 0) from = Number.POSITIVE_INFINITY;
  for (let index = nodes.length - 1; index >= 0; index -= 1) {
    const own = nodes[index];
    if (!own) continue;
    from = Math.min(from, own.begins);
    to = Math.max(to, own.ends);
    const cause = nodes[own.parent];
    if (!cause) continue;
    cause.below += own.below + 1;
    cause.endsWithAll = Math.max(cause.endsWithAll, own.endsWithAll);
    cause.brokenBelow += own.brokenBelow + (own.trouble === 'broken' ? 1 : 0);
    cause.failedBelow += own.failedBelow + (own.trouble === 'failed' ? 1 : 0);
  }
  return { nodes, from: Number.isFinite(from) ? from : 0, to: Number.isFinite(to) ? to : 0 };
}

/** The earliest measured moment of the trace. */
function startOf(roots: readonly TraceNode[]): number {
  let earliest = Number.POSITIVE_INFINITY;
  const stack = [...roots];
  for (let node = stack.pop(); node; node = stack.pop()) {
    const begins = beginOf(node);
    if (begins !== null) earliest = Math.min(earliest, begins);
    for (const child of node.children) stack.push(child);
  }
  return earliest;
}

/** When a node begins by its own clock; null where nothing is known. A redriven or replayed job counts from then: its event may be weeks old. */
function beginOf(node: TraceNode): number | null {
  switch (node.kind) {
    case 'event':
      return node.event.storedMs;
    case 'set-aside':
      return node.message.storedMs;
    case 'job': {
      const { redriveOf, replayOf, publishedMs, enqueuedMs } = node.job;
      return redriveOf === null && replayOf === null ? Math.min(publishedMs, enqueuedMs) : enqueuedMs;
    }
    default:
      return null;
  }
}

/** Shared by all nodes that have none: there may be tens of thousands. */
const NONE: readonly never[] = [];

type Place = Pick<TimedNode, 'at' | 'bars' | 'failedAt' | 'begins' | 'ends' | 'runMs' | 'waitMs' | 'backoffMs' | 'skewMs' | 'trouble'>;

function placeOf(node: TraceNode, cause: TimedNode | undefined, notBefore: number, now: number): Place {
  const measured = beginOf(node) ?? notBefore;
  const begins = Math.max(measured, notBefore);
  const late = begins - measured;
  const skewMs = late >= SKEW_WORTH_SAYING_MS ? late : 0;
  const still = { failedAt: NONE, begins, ends: begins, runMs: 0, waitMs: 0, backoffMs: 0, skewMs };
  if (node.kind === 'gap') return { ...still, at: null, bars: NONE, trouble: 'unknown' };
  if (node.kind !== 'job') {
    const from = cause?.node.kind === 'job' ? endOfWorkBefore(cause, begins) : begins;
    const bars: readonly Bar[] = from < begins ? [{ kind: 'relay', from, to: begins, words: message('on its way to the bus') }] : NONE;
    return { ...still, at: begins, bars, trouble: node.kind === 'set-aside' ? 'broken' : node.cycle ? 'unknown' : null };
  }
  const { job } = node;
  const bars: Bar[] = [];
  const failedAt: number[] = [];
  const attempts = job.attemptList.length > 1 ? [...job.attemptList].sort((a, b) => a.attempt - b.attempt) : job.attemptList;
  let cursor = begins;
  for (const [turn, attempt] of attempts.entries()) {
    const from = Math.max(attempt.startedMs, cursor);
    if (from > cursor) bars.push(turn === 0 ? { kind: 'waiting', from: cursor, to: from, words: message('waited') } : { kind: 'backoff', from: cursor, to: from, words: message('retry wait') });
    const to = Math.max(from, attempt.finishedMs ?? Math.max(from, now));
    bars.push({ kind: barOf(attempt), from, to, words: message('attempt {n}: {outcome}'), attempt: { number: attempt.attempt, outcome: attempt.outcome } });
    if (attempt.outcome === 'failed' || attempt.outcome === 'dead' || attempt.outcome === 'lost') failedAt.push(to);
    cursor = to;
  }
  if (job.state === 'waiting' || job.state === 'retrying') {
    const to = Math.max(cursor, job.retryAtMs ?? 0, now);
    bars.push(attempts.length === 0 ? { kind: 'waiting', from: cursor, to, words: message('waiting') } : { kind: 'backoff', from: cursor, to, words: message('waits for a retry') });
    cursor = to;
  }
  let [runMs, waitMs, backoffMs] = [0, 0, 0];
  for (const { kind, from, to } of bars) {
    if (kind === 'waiting') waitMs += to - from;
    else if (kind === 'backoff') backoffMs += to - from;
    else runMs += to - from;
  }
  const broken = job.state === 'dead' || job.state === 'retrying';
  return {
    at: null, bars, failedAt, begins, ends: cursor, runMs, waitMs, backoffMs, skewMs,
    trouble: broken ? 'broken' : failedAt.length > 0 ? 'failed' : node.cycle ? 'unknown' : null,
  };
}

function barOf(attempt: AttemptRow): BarKind {
  if (attempt.outcome === 'running') return 'running';
  return attempt.outcome === 'completed' ? 'done' : 'failed';
}

/** The last time before `moment` at which the job stopped working, or started to: from there its event was on its way. */
function endOfWorkBefore(job: TimedNode, moment: number): number {
  for (let at = job.bars.length - 1; at >= 0; at -= 1) {
    const bar = job.bars[at];
    if (!bar || bar.kind === 'waiting' || bar.kind === 'backoff') continue;
    if (bar.to <= moment) return bar.to;
    // Published while the attempt still ran (by another clock, or before its record): nothing to say of the way.
    if (bar.from <= moment) return moment;
  }
  return moment;
}
