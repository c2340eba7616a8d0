/** spine status: is the site healthy? */
import type { SiteStatus } from '../../../shared/operator-api/index.ts';
import { TIER_PROMISES } from '../../../shared/tiers.ts';
import { command, onSite } from '../command-line.ts';
import { answer, bytes, clock, counted, duration, paint, say, sayTable } from '../output.ts';

const HEALTH = { ok: 'green', degraded: 'yellow', down: 'red', starting: 'yellow', unknown: 'dim' } as const;
const VERDICT = { kept: 'green', 'at-risk': 'yellow', broken: 'red', unknown: 'dim' } as const;
const SEVERITY = { error: 'red', warning: 'yellow', info: 'cyan' } as const;

export const statusCommand = command({
  command: 'status',
  describe: 'Health, promises and what needs attention (exit code 4 if something is down)',
  async handler(given) {
    const status = await onSite(given, (client) => client.site.status());
    answer(given.json, status, () => sayStatus(status));
    if (status.components.some(({ health }) => health === 'down')) process.exitCode = 4;
  },
});

function sayStatus(status: SiteStatus): void {
  say(`${paint('bold', status.site)}  ${status.mode}, version ${status.version}, measured ${clock(status.measuredMs)}`);
  say();
  sayTable(status.components, [
    { head: 'part', cell: ({ name }) => name },
    { head: 'health', cell: ({ health }) => paint(HEALTH[health], health) },
    { head: '', cell: ({ detail, version }) => `${detail.text}${version ? `, ${version}` : ''}` },
  ], '');
  say();
  sayTable(status.tiers, [
    { head: 'tier', cell: ({ tier }) => tier },
    { head: 'promise', cell: ({ tier }) => TIER_PROMISES[tier].words },
    { head: '', cell: ({ verdict }) => paint(VERDICT[verdict], verdict) },
    { head: 'p99', cell: ({ p99Ms }) => duration(p99Ms), right: true },
    { head: 'waiting', cell: ({ waiting }) => waiting.toLocaleString('en'), right: true },
    { head: 'running', cell: ({ running }) => running.toLocaleString('en'), right: true },
    { head: 'oldest', cell: ({ oldestMs }) => duration(oldestMs), right: true },
  ], '');
  say();
  sayTable(status.streams, [
    { head: 'stream', cell: ({ name }) => name },
    { head: 'events', cell: ({ messages }) => messages.toLocaleString('en'), right: true },
    { head: 'size', cell: (stream) => bytes(stream.bytes), right: true },
    { head: 'behind', cell: ({ lag }) => (lag === null ? '' : lag.toLocaleString('en')), right: true },
  ], '');
  say();
  say(`${counted(status.deadLetters.waiting, 'dead letter')} waiting, ${counted(status.setAside.total, 'message')} set aside, ${counted(status.outbox.backlog, 'event')} in the outbox`);
  for (const { severity, text } of status.attention) say(`${paint(SEVERITY[severity], '●')} ${text}`);
}
