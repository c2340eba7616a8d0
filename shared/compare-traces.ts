/**
 * Two traces side by side: which nodes both have, what one lacks, what is slower. Pure.
 *
 * Siblings are matched by what they are (kind and type; redrives and replays apart) and their turn among those of the same
 * kind, never by ids or times: those always differ.
 */
import { t } from './i18n/translate.ts';
import type { TimedNode, TimedTrace } from './timed-trace.ts';
import type { TraceNode } from './trace-tree.ts';

export interface ComparedNode {
  readonly depth: number;
  readonly last: boolean;
  /** What it is, such as "SendOutgoingMessageJob". */
  readonly name: string;
  readonly kind: TraceNode['kind'];
  readonly a: TimedNode | null;
  readonly b: TimedNode | null;
  /** B less A: own time from beginning to end, ms; null where one lacks it. */
  readonly tookDelta: number | null;
  readonly runDelta: number | null;
  /** Waiting and retry waits together. */
  readonly waitDelta: number | null;
  /** B less A in attempts. */
  readonly attemptsDelta: number | null;
}

export interface Comparison {
  readonly rows: readonly ComparedNode[];
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  /** B less A, beginning to end of all, ms. */
  readonly totalDelta: number;
}

/** Name of a node as both traces know it. */
export function nameOf(node: TraceNode): string {
  switch (node.kind) {
    case 'event':
      return node.event.eventType;
    case 'job':
      return node.job.jobType;
    case 'set-aside':
      return node.message.subject;
    default:
      return node.missing === 'event' ? t('gap: event not known') : t('gap: job not known');
  }
}

function signatureOf(node: TraceNode): string {
  const mark = node.kind === 'job' ? `${node.job.redriveOf === null ? '' : ' redrive'}${node.job.replayOf === null ? '' : ' replay'}` : '';
  return `${node.kind} ${nameOf(node)}${mark}`;
}

/** Every node of either trace stands in exactly one row; rows are in reading order. */
export function compareTraces(a: TimedTrace, b: TimedTrace): Comparison {
  const childrenA = childrenOf(a);
  const childrenB = childrenOf(b);
  const rows: ComparedNode[] = [];
  let [both, onlyA, onlyB] = [0, 0, 0];
  type Open = { a: TimedNode | null; b: TimedNode | null; depth: number; last: boolean };
  const stack: Open[] = [];
  const push = (pairs: readonly { a: TimedNode | null; b: TimedNode | null }[], depth: number): void => {
    for (let at = pairs.length - 1; at >= 0; at -= 1) {
      const pair = pairs[at];
      if (pair) stack.push({ ...pair, depth, last: at === pairs.length - 1 });
    }
  };
  push(pairUp(childrenA.get(-1) ?? [], childrenB.get(-1) ?? []), 0);
  for (let top = stack.pop(); top; top = stack.pop()) {
    const row = comparedOf(top);
    if (!row) continue;
    rows.push(row);
    if (top.a && top.b) both += 1;
    else if (top.a) onlyA += 1;
    else onlyB += 1;
    push(pairUp(top.a ? (childrenA.get(top.a.index) ?? []) : [], top.b ? (childrenB.get(top.b.index) ?? []) : []), top.depth + 1);
  }
  return { rows, both, onlyA, onlyB, totalDelta: b.to - b.from - (a.to - a.from) };
}

function childrenOf({ nodes }: TimedTrace): Map<number, TimedNode[]> {
  return Map.groupBy(nodes, ({ parent }) => parent);
}

/** Match siblings: the n-th of a signature with the n-th. What only B has stands behind the one before it in B. */
function pairUp(a: readonly TimedNode[], b: readonly TimedNode[]): { a: TimedNode | null; b: TimedNode | null }[] {
  const left = new Map<string, TimedNode[]>();
  for (const node of b) {
    const signature = signatureOf(node.node);
    const same = left.get(signature);
    if (same) same.push(node);
    else left.set(signature, [node]);
  }
  for (const same of left.values()) same.reverse();
  const pairs: { a: TimedNode | null; b: TimedNode | null }[] = a.map((node) => ({ a: node, b: left.get(signatureOf(node.node))?.pop() ?? null }));
  const placeOfB = new Map(pairs.flatMap((pair, at) => (pair.b ? [[pair.b, at] as const] : [])));
  const behind = new Map<number, TimedNode[]>();
  let place = -1;
  for (const node of b) {
    const matched = placeOfB.get(node);
    if (matched !== undefined) place = matched;
    else {
      const there = behind.get(place);
      if (there) there.push(node);
      else behind.set(place, [node]);
    }
  }
  if (behind.size === 0) return pairs;
  const inOrder = (at: number): { a: null; b: TimedNode }[] => (behind.get(at) ?? []).map((node) => ({ a: null, b: node }));
  return [...inOrder(-1), ...pairs.flatMap((pair, at) => [pair, ...inOrder(at)])];
}

function comparedOf({ a, b, depth, last }: { a: TimedNode | null; b: TimedNode | null; depth: number; last: boolean }): ComparedNode | null {
  const shown = a ?? b;
  if (!shown) return null;
  const delta = (of: (node: TimedNode) => number): number | null => (a && b ? of(b) - of(a) : null);
  return {
    depth, last, name: nameOf(shown.node), kind: shown.node.kind, a, b,
    tookDelta: delta(({ begins, ends }) => ends - begins),
    runDelta: delta(({ runMs }) => runMs),
    waitDelta: delta(({ waitMs, backoffMs }) => waitMs + backoffMs),
    attemptsDelta: delta(({ node }) => (node.kind === 'job' ? node.job.attemptList.length : 0)),
  };
}
