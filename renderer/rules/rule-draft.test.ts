import { describe, expect, it } from 'vitest';
import { RuleDefinition } from '../../shared/rule-definition.ts';
import { conditionsOf, definitionOf, draftOf, errorsOf, fitsFields, simpleOf, switchConditions } from './rule-draft.ts';

const rule = RuleDefinition.parse({
  id: 'vip', name: 'VIP', events: ['communication.*'],
  conditions: { any: [{ fact: 'event', path: '$.data.tier', operator: 'equal', value: 'vip' }, { fact: 'event', path: '$.data.n', operator: 'in', value: [1, '2'] }, { fact: 'event', path: '$.data.code', operator: 'equal', value: '42' }, { fact: 'event', operator: 'exists', value: true }] },
  actions: [{ jobType: 'SendOutgoingMessageJob', input: { to: 'ops' } }],
});

describe('conditions as fields', () => {
  it('keep what they say', () => {
    const simple = simpleOf(rule.conditions);
    expect(simple?.rows.map(({ path, value }) => [path, value])).toEqual([['data.tier', 'vip'], ['data.n', '[1,"2"]'], ['data.code', '"42"'], ['', 'true']]);
    expect(simple && conditionsOf(simple)).toEqual(rule.conditions);
  });
  it.each([
    [{ all: [], any: [] }], [{ not: { all: [] } }], [{ all: [{ any: [] }] }], [{ all: 7 }], [{ all: [{ fact: 'event', operator: 'equal', value: 1, params: {} }] }], [{ all: [{ fact: 'other', operator: 'equal', value: 1 }] }],
  ])('are not made of %j', (conditions) => expect(simpleOf(conditions)).toBeNull());
});

describe('a draft', () => {
  it('is the rule that it was made of', () => {
    expect(definitionOf(draftOf(rule))).toEqual({ definition: rule });
    expect(definitionOf(switchConditions(draftOf(rule), 'json'))).toEqual({ definition: rule });
    expect(definitionOf(switchConditions(switchConditions(draftOf(rule), 'json'), 'fields'))).toEqual({ definition: rule });
  });
  it('without a rule can be tried at once', () => expect(RuleDefinition.safeParse({ ...(definitionOf(draftOf(null)) as { definition: object }).definition, id: 'x', name: 'X' }).success).toBe(true));
  it('stays JSON where fields can not say it', () => {
    const draft = { ...draftOf(rule), conditionsAs: 'json' as const, conditionsJson: '{"not": {"all": []}}' };
    expect(fitsFields(draft)).toBe(false);
    expect(switchConditions(draft, 'fields')).toBe(draft);
  });
  it('says where its JSON is wrong', () => {
    const draft = { ...draftOf(rule), conditionsAs: 'json' as const, conditionsJson: '{\n  "all": [\n    oops\n  ]\n}', actions: [{ jobType: 'X', inputJson: '[]' }] };
    expect(definitionOf(draft)).toEqual({ errors: { conditions: 'No valid JSON: look at line 3, column 5.', 'actions.0.input': 'Expected a JSON object, in curly braces.' } });
  });
});

it.each([
  ['conditions.all.0.operator: "x" is not known. Expected …', { conditions: 'conditions.all.0.operator: "x" is not known. Expected …' }, null],
  ['actions.1.input.to: is missing', { 'actions.1.input': 'actions.1.input.to: is missing' }, null],
  ['actions.0.jobType: no', { 'actions.0.jobType': 'actions.0.jobType: no' }, null],
  ['actions: too few', { actions: 'actions: too few' }, null],
  ['There is no rule', {}, 'There is no rule'],
])('finds the field of %j', (message, errors, rest) => expect(errorsOf(message)).toEqual({ errors, rest }));
