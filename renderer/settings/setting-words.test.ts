import { expect, test } from 'vitest';
import { fieldOf, valueOf, valueWords } from './setting-words.ts';

test.each([
  ['text', 'ops', 'ops'], ['number', '4', 4], ['number', 'four', 'four'], ['switch', 'true', true], ['switch', 'false', false], ['list', 'phone, customer.email,', ['phone', 'customer.email']], ['duration', ' 30d ', '30d'], ['text', '  ', null],
] as const)('%s: %j means %j', (kind, field, value) => expect(valueOf({ kind }, field)).toEqual(value));
test('what a form shows means the same again', () => expect(valueOf({ kind: 'list' }, fieldOf(['a', 'b']))).toEqual(['a', 'b']));
test('in words', () => expect([null, true, false, [], ['a', 'b'], 4].map(valueWords)).toEqual(['not set', 'on', 'off', 'none', 'a, b', '4']));
