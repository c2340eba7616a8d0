/**
 * Where the bars of a trace stand. Pure.
 *
 * Places follow measured times. Clocks of different processes disagree by a little: what would start before its own
 * cause is moved to it. Long stretches in which nothing runs can be folded, so that a wait of hours doesn't squeeze
 * the milliseconds of work out of sight.
 */
import type { AttemptRow } from '../../shared/operator-api/index.ts';
import type { TraceNode } from '../../shared/trace-tree.ts';

export type BarKind = 'waiting' | 'running' | 'done' | 'failed' | 'backoff';

export interface Bar {
  readonly kind: BarKind;
  readonly from: number;
  readonly to: number;
  readonly words: string;
}

export interface PlacedNode {
  readonly key: string;
  readonly node: TraceNode;
  readonly depth: number;
  /** Which of the nearest ancestors have a later sibling: where the guides run on. At most `DEEPEST_INDENT`. */
  readonly guides: readonly boolean[];
  readonly last: boolean;
  readonly hasChildren: boolean;
  /** Moment of an event, epoch ms; null for jobs and gaps. */
  readonly at: number | null;
  readonly bars: readonly Bar[];
  readonly failedAt: readonly number[];
}

/** Levels that are indented. Deeper ones stand below each other: a chain of thousands must not leave the screen. */
export const DEEPEST_INDENT = 16;

/** Key of a node, as the URL and the rows hold it. */
export const nodeKey = (node: TraceNode): string => `${node.kind}:${node.id}`;

/** All visible rows with their places. `now` ends the bars of what still waits or runs. */
export function placeNodes(roots: readonly TraceNode[], collapsed: ReadonlySet<string>, now: number): PlacedNode[] {
  const rows: PlacedNode[] = [];
  type Open = { node: TraceNode; depth: number; guides: boolean[]; last: boolean; notBefore: number };
  const start = startOf(roots);
  // A stack of our own: a chain of thousands of events would overflow the call stack.
  const stack: Open[] = roots.map((node, index) => ({ node, depth: 0, guides: [], last: index === roots.length - 1, notBefore: start })).reverse();
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, depth, guides, last, notBefore } = top;
    const key = nodeKey(node);
    const place = placeOf(node, notBefore, now);
    rows.push({ key, node, depth, guides, last, hasChildren: node.children.length > 0, ...place });
    if (collapsed.has(key)) continue;
    const childGuides = depth === 0 ? [] : [...guides, !last].slice(-DEEPEST_INDENT);
    for (let index = node.children.length - 1; index >= 0; index--) {
      const child = node.children[index];
      if (child) stack.push({ node: child, depth: depth + 1, guides: childGuides, last: index === node.children.length - 1, notBefore: place.begins });
    }
  }
  return rows;
}

/** The earliest measured moment of the trace. */
function startOf(roots: readonly TraceNode[]): number {
  let earliest = Number.POSITIVE_INFINITY;
  const stack = [...roots];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.kind === 'event') earliest = Math.min(earliest, node.event.storedMs);
    if (node.kind === 'job') earliest = Math.min(earliest, waitBegins(node.job));
    stack.push(...node.children);
  }
  return earliest;
}

/** A redriven job counts from its redrive: its event may be weeks old. */
function waitBegins(job: { redriveOf: string | null; replayOf: string | null; publishedMs: number; enqueuedMs: number }): number {
  return job.redriveOf === null && job.replayOf === null ? Math.min(job.publishedMs, job.enqueuedMs) : job.enqueuedMs;
}

function placeOf(node: TraceNode, notBefore: number, now: number): { at: number | null; bars: Bar[]; failedAt: number[]; begins: number } {
  if (node.kind === 'gap') return { at: null, bars: [], failedAt: [], begins: notBefore };
  if (node.kind === 'event') {
    const at = Math.max(node.event.storedMs, notBefore);
    return { at, bars: [], failedAt: [], begins: at };
  }
  const { job } = node;
  const begins = Math.max(waitBegins(job), notBefore);
  const bars: Bar[] = [];
  const failedAt: number[] = [];
  const attempts = [...job.attemptList].sort((a, b) => a.attempt - b.attempt);
  let cursor = begins;
  for (const attempt of attempts) {
    const from = Math.max(attempt.startedMs, cursor);
    if (from > cursor) bars.push({ kind: attempt === attempts[0] ? 'waiting' : 'backoff', from: cursor, to: from, words: attempt === attempts[0] ? 'waited' : 'retry wait' });
    const to = Math.max(from, attempt.finishedMs ?? Math.max(from, now));
    bars.push({ kind: barOf(attempt), from, to, words: `attempt ${attempt.attempt}: ${attempt.outcome}` });
    if (attempt.outcome === 'failed' || attempt.outcome === 'dead' || attempt.outcome === 'lost') failedAt.push(to);
    cursor = to;
  }
  const waits = job.state === 'waiting' || job.state === 'retrying';
  if (waits) {
    const to = Math.max(cursor, job.retryAtMs ?? 0, now);
    bars.push({ kind: attempts.length === 0 ? 'waiting' : 'backoff', from: cursor, to, words: attempts.length === 0 ? 'waiting' : 'waits for a retry' });
  }
  return { at: null, bars, failedAt, begins };
}

function barOf(attempt: AttemptRow): BarKind {
  if (attempt.outcome === 'running') return 'running';
  return attempt.outcome === 'completed' ? 'done' : 'failed';
}

/** A stretch of the axis. A folded one takes a fixed share of the width whatever its length. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Share of the width, 0…1, at which it begins and ends. */
  readonly left: number;
  readonly right: number;
  readonly folded: boolean;
}

export interface TimeScale {
  readonly from: number;
  readonly to: number;
  readonly stretches: readonly Stretch[];
  /** Share of the width, 0…1, of a moment. */
  at(moment: number): number;
}

/** Width of a folded stretch; all of them together take no more than half. */
const FOLD_SHARE = 0.12;
/** A stretch is folded when it is this many times as long as all busy time together… */
const FOLD_FACTOR = 1.5;
/** …and no shorter than this, ms. */
const FOLD_MIN_MS = 250;

/** The axis of a trace. With `fold`, idle stretches (no attempt runs, no event happens) that are long are folded. */
export function timeScale(rows: readonly PlacedNode[], fold: boolean): TimeScale {
  const busy = busyIntervals(rows);
  const from = busy[0]?.[0] ?? 0;
  const to = Math.max(busy.at(-1)?.[1] ?? from, ...lastWaits(rows));
  const gaps: [number, number][] = [];
  let end = from;
  for (const [a, b] of busy) {
    if (a > end) gaps.push([end, a]);
    end = Math.max(end, b);
  }
  if (to > end) gaps.push([end, to]);
  const idle = gaps.reduce((sum, [a, b]) => sum + b - a, 0);
  const work = Math.max(1, to - from - idle);
  const folds = fold ? gaps.filter(([a, b]) => b - a >= FOLD_MIN_MS && b - a > work * FOLD_FACTOR).slice(0, 8) : [];
  return scaleOf(from, to, folds);
}

/** Times in which something runs or happens, sorted and merged. */
function busyIntervals(rows: readonly PlacedNode[]): [number, number][] {
  const all: [number, number][] = [];
  for (const row of rows) {
    if (row.at !== null) all.push([row.at, row.at]);
    for (const bar of row.bars) {
      if (bar.kind === 'waiting' || bar.kind === 'backoff') all.push([bar.from, bar.from]);
      else all.push([bar.from, bar.to]);
    }
  }
  all.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [a, b] of all) {
    const last = merged.at(-1);
    if (last && a <= last[1]) last[1] = Math.max(last[1], b);
    else merged.push([a, b]);
  }
  return merged;
}

function lastWaits(rows: readonly PlacedNode[]): number[] {
  let last = Number.NEGATIVE_INFINITY;
  for (const row of rows) for (const bar of row.bars) last = Math.max(last, bar.to);
  return [last];
}

function scaleOf(from: number, to: number, folds: readonly [number, number][]): TimeScale {
  const folded = folds.reduce((sum, [a, b]) => sum + b - a, 0);
  const open = Math.max(1e-6, to - from - folded);
  const foldShare = Math.min(FOLD_SHARE, 0.5 / Math.max(1, folds.length));
  const openShare = 1 - folds.length * foldShare;
  const stretches: Stretch[] = [];
  let moment = from;
  let left = 0;
  const add = (until: number, isFolded: boolean): void => {
    const share = isFolded ? foldShare : ((until - moment) / open) * openShare;
    stretches.push({ from: moment, to: until, left, right: left + share, folded: isFolded });
    moment = until;
    left += share;
  };
  for (const [a, b] of folds) {
    if (a > moment) add(a, false);
    add(b, true);
  }
  if (to > moment || stretches.length === 0) add(to, false);
  return {
    from,
    to,
    stretches,
    at(wanted) {
      const stretch = stretches.find((each) => wanted <= each.to) ?? stretches.at(-1);
      if (!stretch) return 0;
      const length = stretch.to - stretch.from;
      const share = length <= 0 ? 0 : Math.min(1, Math.max(0, (wanted - stretch.from) / length));
      return stretch.left + share * (stretch.right - stretch.left);
    },
  };
}

/** Room that a label needs. */
const LABEL_SHARE = 0.12;

/** Round moments for the axis, as offsets from the start; none inside folded stretches. */
export function ticks(scale: TimeScale, wanted = 6): { offset: number; left: number }[] {
  const shown = scale.stretches.filter(({ folded }) => !folded).reduce((sum, { from, to }) => sum + to - from, 0);
  if (shown <= 0) return [{ offset: 0, left: 0 }];
  const step = niceStep(shown / wanted);
  const marks: { offset: number; left: number }[] = [{ offset: 0, left: 0 }];
  for (const stretch of scale.stretches) {
    if (stretch.folded) continue;
    const first = Math.ceil((stretch.from - scale.from) / step) * step;
    for (let offset = first; offset <= stretch.to - scale.from; offset += step) {
      const left = scale.at(scale.from + offset);
      // Labels need room between them, before a fold (which has a label of its own) and at the right edge.
      const crowded = left - (marks.at(-1)?.left ?? 0) < LABEL_SHARE || left > 1 - LABEL_SHARE;
      const beforeFold = scale.stretches.some((each) => each.folded && each.left >= left && each.left < left + LABEL_SHARE);
      if (!crowded && !beforeFold) marks.push({ offset, left });
    }
  }
  return marks;
}

/** 1, 2 or 5 times a power of ten below a minute; whole minutes and hours above. */
function niceStep(rough: number): number {
  for (const step of [60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000]) {
    if (rough > 30_000 && rough <= step) return step;
  }
  if (rough > 86_400_000) return Math.ceil(rough / 86_400_000) * 86_400_000;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
}
