/** A trace as a Mermaid flowchart: for tickets and documents. Pure. */
import { nameOf } from './compare-traces.ts';
import type { TimedNode, TimedTrace } from './timed-trace.ts';

/** More boxes than this no renderer of Mermaid draws in a way that helps anybody. */
const MOST_NODES = 300;

/** @param duration writes a length of time, ms. */
export function traceToMermaid({ nodes }: Pick<TimedTrace, 'nodes'>, duration: (ms: number) => string): string {
  const shown = nodes.slice(0, MOST_NODES);
  const lines = ['flowchart TD'];
  for (const node of shown) {
    lines.push(`  n${node.index}${boxOf(node, duration)}${classOf(node)}`);
    if (node.parent >= 0) lines.push(`  n${node.parent} --> n${node.index}`);
  }
  if (nodes.length > shown.length) lines.push(`  more["and ${nodes.length - shown.length} more"]`);
  lines.push('  classDef broken stroke:#bf2b37,stroke-width:2px', '  classDef failed stroke:#8f5a00,stroke-width:2px', '  classDef unknown stroke-dasharray:4');
  return `${lines.join('\n')}\n`;
}

function boxOf(node: TimedNode, duration: (ms: number) => string): string {
  const name = escaped(nameOf(node.node));
  switch (node.node.kind) {
    case 'event':
      return `(["${name}"])`;
    case 'job': {
      const { job } = node.node;
      const marks = [job.state, `ran ${duration(node.runMs)}`, ...(job.redriveOf === null ? [] : ['redrive']), ...(job.replayOf === null ? [] : ['replay'])];
      return `["${name}<br/>${escaped(marks.join(' · '))}"]`;
    }
    case 'set-aside':
      return `[/"${name}<br/>set aside"/]`;
    default:
      return `{{"${name}"}}`;
  }
}

function classOf({ trouble }: TimedNode): string {
  return trouble === null ? '' : `:::${trouble}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
