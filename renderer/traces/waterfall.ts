/**
 * Where the bars of a trace stand, and which rows are shown. Pure.
 *
 * Long stretches in which nothing runs can be folded, so that a wait of hours doesn't squeeze the milliseconds of work out of
 * sight; each can be opened by itself.
 */
import type { TimedNode, TimedTrace } from '../../shared/timed-trace.ts';
import { nameOf } from '../../shared/compare-traces.ts';

/** Levels that are indented. Deeper ones stand below each other: a chain of thousands must not leave the screen. */
export const DEEPEST_INDENT = 16;

/** A stretch of the axis. A folded one takes a fixed share of the width whatever its length. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Share of the width, 0…1, at which it begins and ends. */
  readonly left: number;
  readonly right: number;
  /** Long enough to be folded, and whether it is. */
  readonly idle: boolean;
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
const MOST_FOLDS = 8;

/** The axis of a trace. With `fold`, idle stretches (no attempt runs, no event happens) that are long are folded, but those in `opened` (by their beginning). */
export function timeScale(trace: Pick<TimedTrace, 'nodes'>, fold: boolean, opened: ReadonlySet<number> = new Set()): TimeScale {
  const busy = busyIntervals(trace.nodes);
  const from = busy[0]?.[0] ?? 0;
  let to = busy.at(-1)?.[1] ?? from;
  for (const { ends } of trace.nodes) to = Math.max(to, ends);
  const gaps: [number, number][] = [];
  let end = from;
  for (const [a, b] of busy) {
    if (a > end) gaps.push([end, a]);
    end = Math.max(end, b);
  }
  if (to > end) gaps.push([end, to]);
  const idle = gaps.reduce((sum, [a, b]) => sum + b - a, 0);
  const work = Math.max(1, to - from - idle);
  const long = fold ? gaps.filter(([a, b]) => b - a >= FOLD_MIN_MS && b - a > work * FOLD_FACTOR).sort((a, b) => b[1] - b[0] - (a[1] - a[0])).slice(0, MOST_FOLDS) : [];
  return scaleOf(from, to, long.sort((a, b) => a[0] - b[0]), opened);
}

/** Times in which something runs or happens, sorted and merged. */
function busyIntervals(nodes: readonly TimedNode[]): [number, number][] {
  const all: [number, number][] = [];
  for (const { at, bars } of nodes) {
    if (at !== null) all.push([at, at]);
    for (const { kind, from, to } of bars) all.push(kind === 'waiting' || kind === 'backoff' || kind === 'relay' ? [from, from] : [from, to]);
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

function scaleOf(from: number, to: number, idle: readonly [number, number][], opened: ReadonlySet<number>): TimeScale {
  const folds = idle.filter(([a]) => !opened.has(a));
  const folded = folds.reduce((sum, [a, b]) => sum + b - a, 0);
  const open = Math.max(1e-6, to - from - folded);
  const foldShare = Math.min(FOLD_SHARE, 0.5 / Math.max(1, folds.length));
  const openShare = 1 - folds.length * foldShare;
  const stretches: Stretch[] = [];
  let moment = from;
  let left = 0;
  const add = (until: number, isIdle: boolean, isFolded: boolean): void => {
    const share = isFolded ? foldShare : ((until - moment) / open) * openShare;
    stretches.push({ from: moment, to: until, left, right: left + share, idle: isIdle, folded: isFolded });
    moment = until;
    left += share;
  };
  for (const [a, b] of idle) {
    if (a > moment) add(a, false, false);
    add(b, true, !opened.has(a));
  }
  if (to > moment || stretches.length === 0) add(to, false, false);
  return {
    from, to, stretches,
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

/** What is looked for within a trace. */
export interface NodeFilter {
  readonly text: string;
  readonly trouble: boolean;
  /** Indices of the critical path, if only that is wanted. */
  readonly critical: ReadonlySet<number> | null;
}

export interface ShownRow {
  readonly node: TimedNode;
  /** Shown only because something below it is wanted. */
  readonly context: boolean;
  /** Nodes below it that are not shown because it is closed. */
  readonly hidden: number;
}

export const isFiltering = ({ text, trouble, critical }: NodeFilter): boolean => text.trim() !== '' || trouble || critical !== null;

/** The rows on screen, in reading order: closed branches hide what is below, a filter hides what is not wanted and leads to nothing wanted. */
export function shownRows({ nodes }: Pick<TimedTrace, 'nodes'>, closed: ReadonlySet<string>, filter: NodeFilter): { rows: ShownRow[]; wanted: number } {
  const filtering = isFiltering(filter);
  const [wanted, count] = filtering ? wantedNodes(nodes, filter) : [null, nodes.length];
  const rows: ShownRow[] = [];
  for (let index = 0; index < nodes.length; index += 1) {
    const node = nodes[index];
    if (!node) break;
    const mark = wanted?.[index] ?? WANTED;
    if (mark === UNWANTED) {
      index += node.below;
      continue;
    }
    // What a filter found is shown, also in a closed branch.
    const isClosed = !filtering && node.below > 0 && closed.has(node.key);
    rows.push({ node, context: mark === LEADS_TO, hidden: isClosed ? node.below : 0 });
    if (isClosed) index += node.below;
  }
  return { rows, wanted: count };
}

const [UNWANTED, LEADS_TO, WANTED] = [0, 1, 2];

/** 2 where a node is wanted, 1 where it leads to one. */
function wantedNodes(nodes: readonly TimedNode[], { text, trouble, critical }: NodeFilter): [Uint8Array, number] {
  const marks = new Uint8Array(nodes.length);
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const node of nodes) {
    if (trouble && node.trouble === null) continue;
    if (critical && !critical.has(node.index)) continue;
    if (words.length > 0 && !words.every((word) => searchText(node).includes(word))) continue;
    marks[node.index] = WANTED;
    count += 1;
    for (let at = node.parent; at >= 0 && marks[at] === UNWANTED; at = nodes[at]?.parent ?? -1) marks[at] = LEADS_TO;
  }
  return [marks, count];
}

function searchText(node: TimedNode): string {
  const { node: own } = node;
  switch (own.kind) {
    case 'event':
      return `${own.event.eventType} ${own.event.eventId} ${own.event.source}`.toLowerCase();
    case 'job':
      return `${own.job.jobType} ${own.job.jobId} ${own.job.queue} ${own.job.state} ${own.job.lastError ?? ''}`.toLowerCase();
    case 'set-aside':
      return `${own.message.subject} set aside ${own.message.eventId ?? ''} ${own.message.problem}`.toLowerCase();
    default:
      return `${nameOf(own)} ${own.id}`.toLowerCase();
  }
}
