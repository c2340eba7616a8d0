import { describe, expect, it } from 'vitest';
import { ConfigError, NotRetryableError } from '../../shared/errors.ts';
import { RuleConfig } from '../config/site-config.ts';
import { checkRules } from './check-rules.ts';
import { looksAt, RuleEngine, type RuleEvent } from './rule-engine.ts';

const event = (data: Record<string, unknown>, eventType = 'communication.CallStarted'): RuleEvent => ({ eventId: 'e', eventType, source: 'pbx', timestamp: '2026-01-01T00:00:00.000Z', data });
const rule = (given: Record<string, unknown> = {}): RuleConfig => RuleConfig.parse({
  id: 'vip', name: 'VIP calls',
  conditions: { all: [{ fact: 'event', path: '$.data.customer.tier', operator: 'equal', value: 'vip' }] },
  actions: [{ jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', body: '{{ data.customer.name }} calls from {{data.from}}', id: '{{ data.customer.id }}' } }],
  ...given,
});
const vip = event({ from: '+49', customer: { id: 42, name: 'Ada', tier: 'vip' } });
const condition = (operator: string, value: unknown, path = '$.data.text'): Record<string, unknown> => ({ conditions: { all: [{ fact: 'event', path, operator, value }] } });

describe('RuleEngine', () => {
  it('says which rules hold and fills their actions from the event', async () => {
    const [matched, ...others] = await new RuleEngine([rule(), rule({ id: 'never', ...condition('equal', 'x') })]).evaluate(vip);
    expect(others).toEqual([]);
    expect(matched).toMatchObject({ rule: { id: 'vip' }, actions: [{ jobType: 'SendOutgoingMessageJob', input: { body: 'Ada calls from +49', id: 42 } }] });
  });

  it('takes a missing fact for one that does not hold', async () => {
    expect(await new RuleEngine([rule()]).evaluate(event({}))).toEqual([]);
  });

  it('gives each of many runs at the same time its own answer', async () => {
    const engine = new RuleEngine(Array.from({ length: 20 }, (_, index) => rule({ id: `r${index}` })));
    const answers = await Promise.all(Array.from({ length: 200 }, async (_, index) => {
      // Runs that begin in the middle of others.
      for (let turn = 0; turn < index % 7; turn++) await Promise.resolve();
      return (await engine.evaluate(index % 2 === 0 ? vip : event({}))).length;
    }));
    expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 20 : 0)));
  });

  it('passes over rules that are disabled or look at other events', async () => {
    expect(await new RuleEngine([rule({ enabled: false }), rule({ id: 'b', events: ['communication.CallEnded'] })]).evaluate(vip)).toEqual([]);
  });

  it.each([
    ['startsWith', 'Hel', true], ['startsWith', 'hel', false], ['endsWith', 'ld', true], ['containsText', 'LO wo', true],
    ['matches', 'h*w?rld', true], ['matches', 'h*x', false], ['matches', '*', true], ['exists', true, true], ['exists', false, false], ['not:startsWith', 'x', true],
  ])('%s %j is %s', async (operator, value, holds) => {
    const given = rule(condition(operator, value));
    checkRules([given]);
    expect(await new RuleEngine([given]).evaluate(event({ text: 'Hello world' }))).toHaveLength(holds ? 1 : 0);
  });

  it('names the rule that can not be evaluated', async () => {
    const evaluating = new RuleEngine([rule(), rule({ id: 'broken', ...condition('nonsense', 1) })]).evaluate(vip);
    await expect(evaluating).rejects.toThrow(NotRetryableError);
    await expect(evaluating).rejects.toThrow('rules.broken.conditions');
  });
});

describe('looksAt', () => {
  it('keeps a rule from going on for ever with its own messages', () => {
    expect(looksAt(rule(), 'communication.MessageSent')).toBe(false);
    expect(looksAt(rule(), 'communication.CallPlaced')).toBe(true);
    expect(looksAt(rule({ events: ['communication.*'] }), 'communication.MessageSent')).toBe(false);
    expect(looksAt(rule({ events: ['communication.MessageSent'] }), 'communication.MessageSent')).toBe(true);
    expect(looksAt(rule({ events: ['communication.*'] }), 'communication.CallEnded')).toBe(true);
  });
});

describe('checkRules', () => {
  it('accepts a good rule', () => expect(() => checkRules([rule()])).not.toThrow());
  it.each([
    ['conditions', { conditions: {} }],
    ['conditions.all', { conditions: { all: 7 } }],
    ['conditions.all.0.operator', condition('nonsense', 1)],
    ['conditions.all.0.path', condition('equal', 1, '$..[?(@.x)]')],
    ['conditions.all.0.fact', { conditions: { all: [{ fact: 'other', operator: 'equal', value: 1 }] } }],
    ['conditions.all.0.value', { conditions: { all: [{ fact: 'event', operator: 'exists' }] } }],
    ['conditions.all.0.value', condition('in', 'x')],
    ['conditions.not.any.0.operator', { conditions: { not: { any: [{ fact: 'event', operator: 'x', value: 1 }] } } }],
    ['actions.0.input', { actions: [{ jobType: 'X', input: { deep: ['{{ data..x }}'] } }] }],
    ['actions.0.input', { actions: [{ jobType: 'X', input: { body: '{{ data.x' } }] }],
  ])('names rules.vip.%s', (setting, given) => {
    expect(() => checkRules([rule(given)])).toThrow(expect.objectContaining({ constructor: ConfigError, setting: `rules.vip.${setting}` }) as Error);
  });
});
