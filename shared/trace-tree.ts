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
  const nodes = new Map<string, TraceNode>();
  const parents = new Map<string, Parent>();
  const key = (kind: string, id: string): string => `${kind}:${id}`;

  for (const event of [...events].sort((a, b) => a.seq - b.seq)) {
    if (nodes.has(key('event', event.eventId))) continue;
    nodes.set(key('event', event.eventId), { kind: 'event', id: event.eventId, event, children: [], cycle: false });
    const parent = parentOfEvent(event);
    if (parent) parents.set(key('event', event.eventId), parent);
  }
  for (const message of [...setAside].sort((a, b) => a.seq - b.seq)) {
    // What names it as its cause hangs under it, although it was never routed.
    const asEvent = message.eventId === null ? null : key('event', message.eventId);
    const own = asEvent === null || nodes.has(asEvent) ? key('set-aside', String(message.seq)) : asEvent;
    if (nodes.has(own)) continue;
    nodes.set(own, { kind: 'set-aside', id: String(message.seq), message, children: [], cycle: false });
    // An event whose trigger threw is known as an event, too: that it was set aside hangs under it.
    const parent: Parent | null = own === asEvent || message.eventId === null || asEvent === null ? parentOfEvent(message) : { kind: 'event', id: message.eventId };
    if (parent) parents.set(own, parent);
  }
  for (const job of [...jobs].sort((a, b) => a.ledgerId - b.ledgerId)) {
    if (nodes.has(key('job', job.jobId))) continue;
    nodes.set(key('job', job.jobId), { kind: 'job', id: job.jobId, job, children: [], cycle: false });
    parents.set(key('job', job.jobId), parentOfJob(job));
  }

  const cut = cycleBreakers(nodes.keys(), (nodeKey) => {
    const parent = parents.get(nodeKey);
    return parent && key(parent.kind, parent.id);
  });
  const roots: TraceNode[] = [];
  const gaps = new Map<string, TraceNode>();
  for (const [nodeKey, node] of nodes) {
    const parent = parents.get(nodeKey);
    if (!parent) {
      roots.push(node);
      continue;
    }
    if (cut.has(nodeKey)) {
      roots.push({ ...node, cycle: true });
      continue;
    }
    const parentKey = key(parent.kind, parent.id);
    const known = nodes.get(parentKey);
    if (known) {
      known.children.push(node);
      continue;
    }
    let gap = gaps.get(parentKey);
    if (!gap) {
      gap = { kind: 'gap', id: parent.id, missing: parent.kind, children: [], cycle: false };
      gaps.set(parentKey, gap);
      roots.push(gap);
    }
    gap.children.push(node);
  }
  return roots;
}

/**
 * One node of every cycle: where it is cut. Each node has one parent, so walking up until a node that has been walked
 * before visits every node once: linear, also for chains of tens of thousands.
 */
function cycleBreakers(keys: Iterable<string>, parentOf: (nodeKey: string) => string | undefined): Set<string> {
  const walkOf = new Map<string, number>();
  const breakers = new Set<string>();
  let walk = 0;
  for (const start of keys) {
    walk += 1;
    let at: string | undefined = start;
    while (at !== undefined && !walkOf.has(at)) {
      walkOf.set(at, walk);
      at = parentOf(at);
    }
    // Back on a node of this very walk: that closes a cycle.
    if (at !== undefined && walkOf.get(at) === walk) breakers.add(at);
  }
  return breakers;
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
