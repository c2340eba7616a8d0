import { describe, expect, it } from 'vitest';
import { createEvent } from '../../shared/envelope.ts';
import { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import type { DryRunProgress, DryRunScope } from '../../shared/operator-api/index.ts';
import { RuleDefinition } from '../../shared/rule-definition.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';
import type { OperatorServices } from '../operator-api/services.ts';
import { dryRun } from './dry-run.ts';

const rule = (threshold: number, more: object = {}): RuleDefinition => RuleDefinition.parse({
  id: 'late-calls', name: 'Late calls',
  conditions: { all: [{ fact: 'event', path: '$.data.durationSeconds', operator: 'greaterThanInclusive', value: threshold }] },
  actions: [{ jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', body: '{{ data.callId }} took {{ data.durationSeconds }} s' } }],
  ...more,
});

/** Calls of 0 … 1,499 s, every third message about something that does not reach the rules, every tenth of the demo. */
const messages: StoredMessage[] = Array.from({ length: 1_500 }, (_, n) => {
  const event = createEvent(n % 3 === 2 ? { eventType: 'data.EntityCreated', source: 'pbx', data: {} } : { eventType: 'communication.CallEnded', source: n % 10 === 0 ? 'demo.pbx' : 'pbx', data: { callId: `call-${n}`, durationSeconds: n, outcome: 'answered' } });
  return { seq: n + 11, subject: event.eventType, headers: [], body: new TextEncoder().encode(JSON.stringify(event)), storedMs: 1_000 + n };
});
const reaching = messages.filter((_, n) => n % 3 !== 2);
const isDemo = (n: number): boolean => n % 10 === 0;

let reads = 0;
function services(stored: RuleDefinition[] = []): Pick<OperatorServices, 'bus' | 'jobs' | 'events' | 'rules'> {
  const keeper = {
    inspect: async () => [{ name: 'platform-events', messages: messages.length, firstSeq: 11, lastSeq: 1_510 }],
    after: async (_stream: string, seq: number, max: number) => {
      reads += 1;
      return messages.filter((message) => message.seq >= seq).slice(0, max);
    },
    count: async (_stream: string, from: { seq?: number; storedMs?: number }) => messages.filter(({ seq, storedMs }) => (from.seq === undefined ? storedMs >= (from.storedMs ?? 0) : seq >= from.seq)).length,
  };
  return { bus: { keeper }, jobs: new JobCatalogue(), events: new EventCatalogue(), rules: { all: async () => stored, changed: () => {} } } as unknown as ReturnType<typeof services>;
}

async function run(definition: unknown, scope: DryRunScope = { last: 5_000 }, stored: RuleDefinition[] = []): Promise<{ last: DryRunProgress; matches: DryRunProgress['matches'] }> {
  const seen: DryRunProgress[] = [];
  for await (const progress of dryRun(services(stored), { definition, scope }, new AbortController().signal)) seen.push(progress);
  const last = seen.at(-1);
  if (!last) throw new Error('no progress');
  return { last, matches: seen.flatMap(({ matches }) => matches) };
}

describe('a dry run', () => {
  it('counts what would have matched, and fills the actions in', async () => {
    const { last, matches } = await run(rule(1_400));
    const expected = Array.from({ length: 100 }, (_, n) => 1_400 + n).filter((n) => n % 3 !== 2 && !isDemo(n));
    expect(last).toMatchObject({ done: true, read: 1_500, total: 1_500, reaching: reaching.length, demo: 100, matched: expected.length, jobs: { SendOutgoingMessageJob: expected.length }, matchedBefore: null, more: null, fewer: null });
    expect(matches.map(({ actions: [action] }) => action?.input.body)).toEqual(expected.map((n) => `call-${n} took ${n} s`));
    expect(matches[0]?.actions[0]?.problem).toBeNull();
  });

  it('says what differs from the rule as it is stored, also if that is switched off', async () => {
    const { last } = await run(rule(1_300), undefined, [rule(1_400, { enabled: false })]);
    const between = (from: number, to: number): number => Array.from({ length: to - from }, (_, n) => from + n).filter((n) => n % 3 !== 2 && !isDemo(n)).length;
    expect(last).toMatchObject({ matched: between(1_300, 1_500), matchedBefore: between(1_400, 1_500), more: between(1_300, 1_400), fewer: 0 });
  });

  it('tells of an action that its job would not take', async () => {
    const { matches } = await run(rule(1_497, { actions: [{ jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: '{{ data.nobody }}', body: 'x' } }] }));
    expect(matches[0]?.actions[0]?.problem).toMatch(/^input\.to: /);
  });

  it('looks at the last so many, or at a time', async () => {
    expect((await run(rule(0), { last: 100 })).last).toMatchObject({ read: 100, total: 100, reaching: 66 });
    expect((await run(rule(0), { fromMs: 1_500, toMs: 1_599 })).last).toMatchObject({ read: 100, total: 100, reaching: 66 });
    expect((await run(rule(0), { fromMs: 1, toMs: 2 })).last).toMatchObject({ read: 0, total: 0, done: true });
  });

  it('tells only the first hundred, and counts all', async () => {
    const { last, matches } = await run(rule(0));
    expect(matches).toHaveLength(100);
    expect(last.matched).toBe(reaching.length - 100);
  });

  it('ends when its reader leaves', async () => {
    reads = 0;
    const stop = new AbortController();
    for await (const { read } of dryRun(services(), { definition: rule(0), scope: { last: 5_000 } }, stop.signal)) if (read === 0) stop.abort();
    expect(reads).toBe(0);
  });

  it('reads nothing for a rule that is not right', async () => {
    reads = 0;
    await expect(run({ ...rule(0), events: ['data.EntityCreated'] })).rejects.toThrow('events.0: "data.EntityCreated" never reaches the rules');
    expect(reads).toBe(0);
  });
});
