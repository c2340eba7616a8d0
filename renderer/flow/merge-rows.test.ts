import { expect, it } from 'vitest';
import { mergeNewer } from './merge-rows.ts';

const seqs = (...list: number[]): { seq: number }[] => list.map((seq) => ({ seq }));

it('puts newer rows in front', () => expect(mergeNewer(seqs(5, 4), seqs(3, 2))).toEqual(seqs(5, 4, 3, 2)));
it('shows a row once, also when page and tail overlap', () => expect(mergeNewer(seqs(5, 4, 3), seqs(4, 3, 2))).toEqual(seqs(5, 4, 3, 2)));
it('sorts a page that arrives after the tail has begun', () => expect(mergeNewer(seqs(4, 1), seqs(6, 5))).toEqual(seqs(6, 5, 4, 1)));
it('takes nothing', () => expect(mergeNewer([], seqs(1))).toEqual(seqs(1)));
