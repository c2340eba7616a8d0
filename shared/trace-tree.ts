/**
 * The tree of a correlation: event → job → event → job …, from lineage alone.
 *
 * Order is by stream sequence or ledger id, never by wall clock. A parent that is named but not known becomes a
 * "gap" node; when it arrives later the next build mends the tree. A cycle is cut where it closes, and marked.
 */
import type { EventRow, JobWithAttempts, SetAsideInTrace } from './operator-api/lineage-schemas.ts';

export type TraceNode =
  | { readonly kind: 'set-aside'; readonly id: string; readonly message: SetAsideInTrace; readonly children: TraceNode[]; readonly cycle: boolean }
  | { readonly kind: 'event'; readonly id: string; readonly event: EventRow; readonly children: TraceNode[]; readonly cycle: boolean }
  | { readonly kind: 'job'; readonly id: string; readonly job: JobWithAttempts; readonly children: TraceNode[]; readonly cycle: boolean }
  | { readonly kind: 'gap'; readonly id: string; readonly missing: 'event' | 'job'; readonly children: TraceNode[]; readonly cycle: boolean };

interface Parent {
  readonly kind: 'event' | 'job';
  readonly id: string;
}

/**
 * Build the forest of a correlation. With complete lineage it has one root.
 * Every event, every job and every message set aside that is given appears exactly once. Children stand in the order of truth:
 * what came over the bus by sequence, then jobs by ledger id.
 */
export function buildTraceTree(events: readonly EventRow[], jobs: readonly JobWithAttempts[], setAside: readonly SetAsideInTrace[] = []): TraceNode[] {
  const all: Linked[] = [];
  const eventNodes = new Map<string, Linked>();
  const jobNodes = new Map<string, Linked>();
  const add = (node: TraceNode, parent: Parent | null): Linked => {
    const linked = { node, parent, cause: null, walk: 0, cut: false };
    all.push(linked);
    return linked;
  };
  for (const event of inOrder(events, ({ seq }) => seq)) {
    if (eventNodes.has(event.eventId)) continue;
    eventNodes.set(event.eventId, add({ kind: 'event', id: event.eventId, event, children: [], cycle: false }, parentOfEvent(event)));
  }
  for (const message of inOrder(setAside, ({ seq }) => seq)) {
    const { eventId } = message;
    // An event whose trigger threw is known as an event, too: that it was set aside hangs under it.
    const known = eventId !== null && eventNodes.has(eventId);
    const linked = add({ kind: 'set-aside', id: String(message.seq), message, children: [], cycle: false }, known ? { kind: 'event', id: eventId } : parentOfEvent(message));
    // What names it as its cause hangs under it, although it was never routed.
    if (eventId !== null && !known) eventNodes.set(eventId, linked);
  }
  for (const job of inOrder(jobs, ({ ledgerId }) => ledgerId)) {
    if (jobNodes.has(job.jobId)) continue;
    jobNodes.set(job.jobId, add({ kind: 'job', id: job.jobId, job, children: [], cycle: false }, parentOfJob(job)));
  }
  for (const linked of all) if (linked.parent) linked.cause = (linked.parent.kind === 'event' ? eventNodes : jobNodes).get(linked.parent.id) ?? null;
  cutCycles(all);

  const roots: TraceNode[] = [];
  const gaps = new Map<string, TraceNode>();
  // What came over the bus stands in its order, messages set aside among the events; the jobs follow.
  for (const { node, parent, cause, cut } of setAside.length > 0 ? all.toSorted(busFirst) : all) {
    if (cut) roots.push({ ...node, cycle: true });
    else if (!parent) roots.push(node);
    else if (cause) cause.node.children.push(node);
    else {
      const key = `${parent.kind}:${parent.id}`;
      let gap = gaps.get(key);
      if (!gap) {
        gap = { kind: 'gap', id: parent.id, missing: parent.kind, children: [], cycle: false };
        gaps.set(key, gap);
        roots.push(gap);
      }
      gap.children.push(node);
    }
  }
  return roots;
}

interface Linked {
  readonly node: TraceNode;
  readonly parent: Parent | null;
  /** The node of `parent`, if it is known. */
  cause: Linked | null;
  /** The walk by which it was reached; 0 before. */
  walk: number;
  cut: boolean;
}

/**
 * Mark one node of every cycle: where it is cut. Each node has one parent, so walking up until a node that has been walked
 * before visits every node once: linear, also for chains of tens of thousands.
 */
function cutCycles(all: readonly Linked[]): void {
  let walk = 0;
  for (const start of all) {
    walk += 1;
    let at: Linked | null = start;
    while (at !== null && at.walk === 0) {
      at.walk = walk;
      at = at.cause;
    }
    // Back on a node of this very walk: that closes a cycle.
    if (at !== null && at.walk === walk) at.cut = true;
  }
}

function inOrder<Row>(rows: readonly Row[], place: (row: Row) => number): readonly Row[] {
  // They nearly always come in order.
  const sorted = rows.every((row, at) => at === 0 || place(rows[at - 1] as Row) <= place(row));
  return sorted ? rows : [...rows].sort((a, b) => place(a) - place(b));
}

function busFirst(a: Linked, b: Linked): number {
  const place = ({ node }: Linked): number => (node.kind === 'event' ? node.event.seq : node.kind === 'set-aside' ? node.message.seq : Number.POSITIVE_INFINITY);
  const [of, other] = [place(a), place(b)];
  return of === other ? 0 : of - other;
}

/** An event's parent is the job that emitted it, else the event that caused it. */
function parentOfEvent(event: Pick<EventRow, 'jobId' | 'causationId'>): Parent | null {
  if (event.jobId !== null) return { kind: 'job', id: event.jobId };
  return event.causationId === null ? null : { kind: 'event', id: event.causationId };
}

/** A job's parent is the dead letter that it runs again, else the job that handed it on, else the event that owes it. */
function parentOfJob(job: JobWithAttempts): Parent {
  if (job.redriveOf !== null) return { kind: 'job', id: job.redriveOf };
  if (job.parentJobId !== null) return { kind: 'job', id: job.parentJobId };
  return { kind: 'event', id: job.triggeringEventId };
}

/** All nodes, depth first, as rows with their depth: what a list shows. */
export function flattenTraceTree(roots: readonly TraceNode[]): { node: TraceNode; depth: number }[] {
  const rows: { node: TraceNode; depth: number }[] = [];
  // A stack of our own: a chain of thousands of events would overflow the call stack.
  const stack = [...roots].reverse().map((node) => ({ node, depth: 0 }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    rows.push(top);
    for (const child of [...top.node.children].reverse()) stack.push({ node: child, depth: top.depth + 1 });
  }
  return rows;
}
