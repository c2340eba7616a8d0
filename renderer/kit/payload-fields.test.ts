import { expect, test } from 'vitest';
import { fieldsOf } from './payload-fields.ts';

test('every leaf with its path, in reading order', () => {
  expect(fieldsOf({ a: 1, b: { c: 'x', d: [true, null] }, e: {}, f: [] })).toEqual([
    { path: ['a'], value: 1 }, { path: ['b', 'c'], value: 'x' }, { path: ['b', 'd', '0'], value: true }, { path: ['b', 'd', '1'], value: null },
  ]);
});
test('no more than asked for', () => expect(fieldsOf(Array.from({ length: 50 }, (_, i) => i), 10)).toHaveLength(10));
