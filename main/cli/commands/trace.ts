/** spine trace: one correlation as a tree: event → job → event … */
import { buildTraceTree, type TraceNode } from '../../../shared/trace-tree.ts';
import { NotFoundError } from '../../../shared/errors.ts';
import { command, onSite } from '../command-line.ts';
import { answer, clock, duration, paint, say } from '../output.ts';

export const traceCommand = command({
  command: 'trace <id>',
  describe: 'The trace of any id (correlation, event or job) as a tree',
  builder: (argv) => argv.positional('id', { type: 'string', demandOption: true, describe: 'An id, or its first eight or more characters' }),
  async handler(given) {
    const trace = await onSite(given, async (client) => {
      const { traces } = await client.traces.search({ query: given.id });
      const [found] = traces;
      if (!found) throw new NotFoundError('trace, event or job', given.id);
      return client.traces.get({ correlationId: found.correlationId });
    });
    answer(given.json, trace, () => {
      const roots = buildTraceTree(trace.events, trace.jobs, trace.setAside);
      const begin = Math.min(...trace.events.map(({ storedMs }) => storedMs), ...trace.jobs.map(({ enqueuedMs }) => enqueuedMs));
      say(`${paint('bold', trace.correlationId)}  ${trace.events.length} events, ${trace.jobs.length} jobs, from ${clock(begin)}`);
      for (const line of treeLines(roots, begin)) say(line);
      if (trace.truncated) say(paint('yellow', 'There is more than was read.'));
    });
  },
});

/** Lines with branches, and at their end what each node is and when it was. */
function treeLines(nodes: readonly TraceNode[], beginMs: number, indent = ''): string[] {
  return nodes.flatMap((node, i) => {
    const last = i === nodes.length - 1;
    const branch = indent === '' && nodes.length === 1 ? '' : last ? '└─ ' : '├─ ';
    const below = branch === '' ? ' ' : `${indent}${last ? '   ' : '│  '}`;
    return [`${indent.trimStart() === '' && branch === '' ? '' : indent}${branch}${words(node, beginMs)}`, ...treeLines(node.children, beginMs, below)];
  });
}

function words(node: TraceNode, beginMs: number): string {
  if (node.kind === 'event') return `${paint('cyan', '●')} ${node.event.eventType}  ${paint('dim', `+${duration(node.event.storedMs - beginMs)}  ${node.event.source}`)}`;
  if (node.kind === 'job') {
    const { jobType, tier, state, publishedMs, startedMs, finishedMs, attempts, lastError } = node.job;
    const times = startedMs === null ? '' : `  waited ${duration(Math.max(0, startedMs - publishedMs))}${finishedMs === null ? '' : `, ran ${duration(Math.max(0, finishedMs - startedMs))}`}`;
    const colour = state === 'completed' ? 'green' : state === 'dead' ? 'red' : 'yellow';
    return `${paint(colour, '▣')} ${jobType}  ${paint('dim', tier)}  ${paint(colour, state)}${paint('dim', times)}${attempts > 1 ? `  ${attempts} attempts` : ''}${lastError && state !== 'completed' ? `  ${paint('red', lastError)}` : ''}`;
  }
  if (node.kind === 'set-aside') return `${paint('yellow', '◌')} ${node.message.subject}  ${paint('yellow', `set aside: ${node.message.problem}`)}`;
  return paint('dim', `? ${node.missing} ${node.id}, which is not known here (any more)`);
}
