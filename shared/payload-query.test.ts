import { expect, test } from 'vitest';
import { holdsPayload, payloadTokens } from './payload-query.ts';

const payload = { customer: { id: 42, tier: 'VIP', name: 'Ada "the first" Lovelace' }, tags: ['a', 'b'], open: true };

test.each([
  [{ fields: [{ path: ['customer', 'id'], value: '42' }] }, true],
  [{ fields: [{ path: ['customer', 'tier'], value: 'vip' }] }, true],
  [{ fields: [{ path: ['open'], value: 'true' }] }, true],
  [{ fields: [{ path: ['tags', '1'], value: 'b' }] }, true],
  [{ fields: [{ path: ['customer', 'id'], value: '4' }] }, false],
  [{ fields: [{ path: ['customer'], value: '[object object]' }] }, false],
  [{ fields: [{ path: ['customer', 'id', 'deep'], value: '42' }] }, false],
  [{ text: ['lovelace'] }, true],
  [{ text: ['"the first"'] }, true],
  [{ text: ['lovelace', 'babbage'] }, false],
  [{ text: ['ada'], fields: [{ path: ['customer', 'id'], value: '43' }] }, false],
  [{}, true],
])('%j: %s', (query, fits) => expect(holdsPayload(payload, query)).toBe(fits));

test('the index is asked for the last step of a path and the value', () => {
  expect(payloadTokens({ text: ['On the line'], fields: [{ path: ['customer', 'first-name'], value: 'Ada' }] })).toEqual(['on', 'the', 'line', 'first', 'name', 'ada']);
});
