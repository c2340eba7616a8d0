import { expect, it } from 'vitest';
import { matchesPattern } from './operators.ts';
import { badPlace, fillTemplate } from './template.ts';

const event = { eventType: 'a.B', data: { from: '+49', count: 3, tags: ['x', 'y'], customer: { name: 'Ada', 'order no': 7 }, none: null } };

it.each([
  ['{{ data.from }} rings', '+49 rings'],
  ['{{data.count}}', 3],
  ['{{ data.customer }}', { name: 'Ada', 'order no': 7 }],
  ['a {{ data.customer.name }} b {{ data.tags[1] }} c {{ data.missing.deep }} d', 'a Ada b y c  d'],
  ["{{ $.data.customer['order no'] }}!", '7!'],
  ['{{ data.tags }}.', '["x","y"].'],
  ['no place', 'no place'],
  ['{{ data.__proto__ }}{{ data.constructor.name }}', ''],
])('fills %j', (template, expected) => expect(fillTemplate(template, event)).toEqual(expected));

it('fills whatever is inside, and leaves out a key without a value', () => {
  expect(fillTemplate({ a: ['{{ data.from }}', { b: '{{ eventType }}' }], gone: '{{ data.gone }}', n: 1 }, event)).toEqual({ a: ['+49', { b: 'a.B' }], n: 1 });
});

it('does not fill what was filled in', () => {
  expect(fillTemplate('{{ data.from }}!', { data: { from: '{{ data.secret }}', secret: 's' } })).toBe('{{ data.secret }}!');
});

it('finds a place that can not be read', () => {
  expect(badPlace({ a: ['{{ data.from }}'] })).toBeNull();
  expect(badPlace({ a: ['{{ data from }}'] })).toBe('{{ data from }}');
  expect(badPlace('{{ }}')).toBe('{{ }}');
});

it('matches wildcards in linear time', () => {
  const startedMs = performance.now();
  expect(matchesPattern('a'.repeat(20_000), `${'*a'.repeat(50)}*b`)).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});
