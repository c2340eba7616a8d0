import { expect, test } from 'vitest';
import { parseInputQuery } from './input-query.ts';

test.each([
  ['', {}],
  ['lovelace', { text: ['lovelace'] }],
  ['"on the line" vip', { text: ['on the line', 'vip'] }],
  ['customer.id:42', { fields: [{ path: ['customer', 'id'], value: '42' }] }],
  ['customer.id=42', { fields: [{ path: ['customer', 'id'], value: '42' }] }],
  ['data.customer.name="Ada Lovelace" vip', { text: ['vip'], fields: [{ path: ['customer', 'name'], value: 'Ada Lovelace' }] }],
])('%j', (text, query) => expect(parseInputQuery(text)).toEqual({ query, problem: null }));

test.each(['"open', 'customer.id:'])('%j is explained', (text) => expect(parseInputQuery(text).problem).toBeTruthy());
