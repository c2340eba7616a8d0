import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { editInput, inputIssues, mergePatch } from './edit-input.ts';

describe('an edit of an input', () => {
  // The examples of RFC 7396, appendix A.
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });

  test('an empty patch changes nothing, and a patch applied twice is applied once', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(object, object, (target, patch) => {
        expect(mergePatch(target, {})).toEqual(target);
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  test('the whole input is replaced where one is given', () => {
    expect(editInput({ a: 1 }, { kind: 'replace', input: { b: 2 } })).toEqual({ b: 2 });
    expect(editInput({ a: 1 }, null)).toEqual({ a: 1 });
  });

  test('what does not fit is named by field', () => {
    const schema = z.looseObject({ to: z.string(), at: z.object({ n: z.int() }) });
    expect(inputIssues(schema, { to: 1, at: { n: 'x' } }).map(({ field }) => field)).toEqual(['to', 'at.n']);
    expect(inputIssues(schema, { to: 'a', at: { n: 1 } })).toEqual([]);
  });
});
