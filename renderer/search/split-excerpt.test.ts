import { expect, it } from 'vitest';
import { splitExcerpt } from './split-excerpt.ts';

it('marks matches', () =>
  expect(splitExcerpt('a «b» c')).toEqual([{ text: 'a ', match: false }, { text: 'b', match: true }, { text: ' c', match: false }]));
it('leaves lone marks alone', () => expect(splitExcerpt('a « b')).toEqual([{ text: 'a « b', match: false }]));
it('an empty excerpt has no parts', () => expect(splitExcerpt('')).toEqual([]));
