/**
 * A rule against past events: what would have matched, and what it would have asked for. It only reads: nothing is published,
 * no job is put on a queue. It runs beside the realtime path in the same thread, so it lets others have their turn often.
 */
import type { Envelope } from '../../shared/envelope.ts';
import { describeIssues } from '../../shared/event-catalogue/index.ts';
import { ConfigError, messageOf } from '../../shared/errors.ts';
import type { DryRunMatch, DryRunProgress, DryRunScope } from '../../shared/operator-api/index.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';
import type { OperatorServices } from '../operator-api/services.ts';
import { readEvent } from '../routing/read-event.ts';
import { checkDefinition } from './check-definition.ts';
import { isNotForRule, looksAt, RuleEngine, type RuleEvent } from './rule-engine.ts';

const STREAM = 'platform-events';
const READ_AT_ONCE = 500;
/** Events that are evaluated before others have their turn: well below the promise of the realtime tier. */
const IN_A_ROW = 20;
const MOST_EXAMPLES = 100;
const PROGRESS_EVERY_MS = 100;

type Needed = Pick<OperatorServices, 'bus' | 'jobs' | 'events' | 'rules'>;

/** @throws ConfigError naming the field, before anything is read. */
export async function* dryRun(services: Needed, wish: { definition?: unknown; scope: DryRunScope }, signal: AbortSignal): AsyncGenerator<DryRunProgress, void> {
  const edited = { ...checkDefinition(wish.definition, services.jobs), enabled: true };
  const stored = (await services.rules.all()).find(({ id }) => id === edited.id);
  // Switched off, it is still the one to compare with.
  const runs = { edited: new RuleEngine([edited]), stored: stored ? new RuleEngine([{ ...stored, enabled: true }]) : null };
  const range = await rangeOf(services, wish.scope);
  const counts = { read: 0, total: range.total, reaching: 0, demo: 0, looked: 0, matched: 0, matchedBefore: 0, more: 0, fewer: 0, told: 0, jobs: {} as Record<string, number> };
  let fresh: DryRunMatch[] = [];
  const progress = (done: boolean): DryRunProgress => {
    const { told: _, matchedBefore, more, fewer, ...rest } = counts;
    const matches = fresh;
    fresh = [];
    return { ...rest, jobs: { ...counts.jobs }, matches, done, ...(runs.stored ? { matchedBefore, more, fewer } : { matchedBefore: null, more: null, fewer: null }) };
  };
  yield progress(range.total === 0);
  let [next, toldAt] = [range.fromSeq, performance.now()];
  while (counts.read < range.total && !signal.aborted) {
    const messages = (await services.bus.keeper.after(STREAM, next, READ_AT_ONCE)).filter(({ seq }) => seq <= range.toSeq);
    const last = messages.at(-1);
    // Retention may have taken what was there a moment ago.
    if (!last) break;
    for (const [index, message] of messages.entries()) {
      if (signal.aborted) return;
      if (index % IN_A_ROW === IN_A_ROW - 1) await new Promise((resolve) => setImmediate(resolve));
      const event = eventOf(message, services);
      if (!event) continue;
      counts.reaching += 1;
      if (isNotForRule(event.source, edited.id)) {
        counts.demo += 1;
        continue;
      }
      if (looksAt(edited, event.eventType)) counts.looked += 1;
      const [[now], [before]] = await Promise.all([evaluate(runs.edited, event), runs.stored ? evaluate(runs.stored, event) : []]);
      if (before) counts.matchedBefore += 1;
      if (before && !now) counts.fewer += 1;
      if (!now) continue;
      counts.matched += 1;
      if (!before) counts.more += 1;
      for (const { jobType } of now.actions) counts.jobs[jobType] = (counts.jobs[jobType] ?? 0) + 1;
      if (counts.told >= MOST_EXAMPLES) continue;
      counts.told += 1;
      fresh.push(matchOf(message, event, now.actions, services));
    }
    counts.read += messages.length;
    next = last.seq + 1;
    if (performance.now() - toldAt > PROGRESS_EVERY_MS) {
      yield progress(false);
      toldAt = performance.now();
    }
  }
  if (!signal.aborted) yield { ...progress(true), read: range.total };
}

async function rangeOf({ bus: { keeper } }: Needed, scope: DryRunScope): Promise<{ fromSeq: number; toSeq: number; total: number }> {
  const origin = (await keeper.inspect()).find(({ name }) => name === STREAM);
  if (!origin || origin.messages === 0) return { fromSeq: 1, toSeq: 0, total: 0 };
  const { lastSeq: toSeq } = origin;
  if ('last' in scope) {
    // The origin has no gaps: nothing deletes single messages from it.
    const fromSeq = Math.max(origin.firstSeq, toSeq - scope.last + 1);
    return { fromSeq, toSeq, total: toSeq - fromSeq + 1 };
  }
  if (scope.toMs <= scope.fromMs) throw new ConfigError('scope.toMs', 'is not after fromMs', 'a time range');
  const [from, behind] = await Promise.all([keeper.count(STREAM, { storedMs: scope.fromMs }), keeper.count(STREAM, { storedMs: scope.toMs + 1 })]);
  return { fromSeq: toSeq - from + 1, toSeq: toSeq - behind, total: Math.max(0, from - behind) };
}

/** The event as rules see it; null if it does not reach them. */
function eventOf(message: StoredMessage, { events, jobs }: Needed): RuleEvent & Pick<Envelope, 'correlationId'> | null {
  const read = readEvent(message, events);
  if (!read.ok || !reachesRules(read.event, jobs)) return null;
  const { eventId, eventType, source, timestamp, data, correlationId } = read.event;
  return { eventId, eventType, source, timestamp, data, correlationId };
}

function reachesRules(event: Envelope, jobs: Needed['jobs']): boolean {
  try {
    // What was published to repeat other work does not decide here: the rule is asked, whatever a replay left out.
    const { replay: _, ...plain } = event;
    return jobs.owedBy(plain).some(({ definition }) => definition.type === 'RunRuleEngineJob');
  } catch {
    return false;
  }
}

async function evaluate(engine: RuleEngine, event: RuleEvent): ReturnType<RuleEngine['evaluate']> {
  try {
    return await engine.evaluate(event);
  } catch (error) {
    throw new ConfigError('conditions', `can't be evaluated for the event ${event.eventId} (${messageOf(error)})`, 'conditions that hold for whatever an event may carry', { cause: error });
  }
}

function matchOf(message: StoredMessage, event: RuleEvent & Pick<Envelope, 'correlationId'>, actions: readonly { jobType: string; input: Record<string, unknown> }[], { jobs }: Needed): DryRunMatch {
  return {
    seq: message.seq, storedMs: message.storedMs, eventId: event.eventId, eventType: event.eventType, source: event.source, correlationId: event.correlationId,
    actions: actions.map(({ jobType, input }) => {
      const checked = jobs.get(jobType)?.schema.safeParse(input);
      return { jobType, input, problem: checked?.success === false ? describeIssues(checked.error, 'input') : null };
    }),
  };
}
