/** Stored rules against one event: which hold, and what they ask for. */
import { Engine, type RuleProperties } from 'json-rules-engine';
import { messageOf, NotRetryableError } from '../../shared/errors.ts';
import type { RuleConfig } from '../config/site-config.ts';
import { valueAt } from './event-path.ts';
import { addOperators } from './operators.ts';
import { fillTemplate } from './template.ts';

/** What rules look at. */
export interface RuleEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly source: string;
  readonly timestamp: string;
  readonly data: Record<string, unknown>;
}

export interface MatchedRule {
  readonly rule: RuleConfig;
  /** The rule's actions with their texts filled from the event. */
  readonly actions: readonly { readonly jobType: string; readonly input: Record<string, unknown> }[];
}

/** Events that handlers publish when they have done what an action asked for. */
const CONSEQUENCES: Record<string, string> = {
  SendOutgoingMessageJob: 'communication.MessageSent',
  PlaceCallJob: 'communication.CallPlaced',
  SendFaxJob: 'communication.FaxSent',
};
const MOST_EVENT_TYPES = 500;

/** Sources of demo traffic, and the ids of the rules that it may trigger. */
const DEMO_SOURCE = 'demo.';
const DEMO_RULE = 'demo-';

/** Invented customers must not make a site's own rules send real messages and place real calls. */
export function isNotForRule(source: string, ruleId: string): boolean {
  return source.startsWith(DEMO_SOURCE) && !ruleId.startsWith(DEMO_RULE);
}

/** For one set of rules; make a new one when the set changes. */
export class RuleEngine {
  readonly rules: readonly RuleConfig[];
  readonly #byEventType = new Map<string, { rules: RuleConfig[]; idle: Engine[] }>();

  constructor(rules: readonly RuleConfig[]) {
    this.rules = rules;
  }

  /**
   * Rules that hold for `event`, in the order in which they are stored.
   * @throws NotRetryableError naming the rule whose conditions can't be evaluated.
   */
  async evaluate(event: RuleEvent): Promise<MatchedRule[]> {
    const applicable = this.#applicable(event.eventType);
    if (applicable.rules.length === 0) return [];
    // An engine takes one run at a time: a run that ends makes another on the same engine skip its rules.
    const engine = applicable.idle.pop() ?? engineOf(applicable.rules);
    let holding: Set<string>;
    try {
      const { results } = await engine.run({ event });
      holding = new Set(results.map(({ name }) => name));
    } catch (error) {
      throw await blame(applicable.rules, event, error);
    }
    applicable.idle.push(engine);
    return applicable.rules
      .filter(({ id }) => holding.has(id))
      .map((rule) => ({ rule, actions: rule.actions.map(({ jobType, input }) => ({ jobType, input: fillTemplate(input, event) as Record<string, unknown> })) }));
  }

  #applicable(eventType: string): { rules: RuleConfig[]; idle: Engine[] } {
    let found = this.#byEventType.get(eventType);
    if (!found) {
      found = { rules: this.rules.filter((rule) => rule.enabled && looksAt(rule, eventType)), idle: [] };
      // Types are chosen by publishers; strange ones must not fill the memory.
      if (this.#byEventType.size >= MOST_EVENT_TYPES) this.#byEventType.clear();
      this.#byEventType.set(eventType, found);
    }
    return found;
  }
}

/**
 * Without `events` a rule looks at all that reach the engine, except those that its own actions bring about:
 * a rule that sends a message for every event would go on for ever with its own messages. Naming the type in
 * `events` says that this is meant. `domain.*` names all of a domain, under the same exception.
 */
export function looksAt(rule: RuleConfig, eventType: string): boolean {
  if (rule.events?.includes(eventType)) return true;
  if (rule.actions.some(({ jobType }) => CONSEQUENCES[jobType] === eventType)) return false;
  return rule.events === undefined || rule.events.includes(`${eventType.slice(0, eventType.indexOf('.'))}.*`);
}

function engineOf(rules: readonly RuleConfig[]): Engine {
  const engine = new Engine([], { allowUndefinedFacts: true, pathResolver: valueAt });
  addOperators(engine);
  // checkRules has looked at the conditions when they were stored.
  for (const rule of rules) engine.addRule({ name: rule.id, conditions: rule.conditions as unknown as RuleProperties['conditions'], event: { type: 'holds' } });
  return engine;
}

/** Find the rule that can't be evaluated, by trying each alone. */
async function blame(rules: readonly RuleConfig[], event: RuleEvent, error: unknown): Promise<NotRetryableError> {
  for (const rule of rules) {
    try {
      await engineOf([rule]).run({ event });
    } catch (cause) {
      return new NotRetryableError(`rules.${rule.id}.conditions can't be evaluated: ${messageOf(cause)}`, { cause });
    }
  }
  return new NotRetryableError(`The rules can't be evaluated: ${messageOf(error)}`, { cause: error });
}
