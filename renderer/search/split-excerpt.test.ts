import { expect, it } from 'vitest';
import { splitExcerpt } from './split-excerpt.ts';

it('marks matches', () =>
  expect(splitExcerpt('a «b» c')).toEqual([{ at: 0, text: 'a ', match: false }, { at: 2, text: 'b', match: true }, { at: 5, text: ' c', match: false }]));
it('leaves lone marks alone', () => expect(splitExcerpt('a « b')).toEqual([{ at: 0, text: 'a « b', match: false }]));
it('an empty excerpt has no parts', () => expect(splitExcerpt('')).toEqual([]));
