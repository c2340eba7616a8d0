import { describe, expect, it } from 'vitest';
import { readViews, withView } from './saved-views.ts';

describe('saved views', () => {
  it('are read as far as they can be understood', () => {
    expect(readViews(JSON.stringify([{ name: 'VIP', path: '/flow?where=data.customer.tier%3Avip' }, { name: 'x', path: 'https://elsewhere.example/' }, 7, { name: 'no path' }]))).toEqual([{ name: 'VIP', path: '/flow?where=data.customer.tier%3Avip' }]);
    expect(readViews('{')).toEqual([]);
    expect(readViews(null)).toEqual([]);
  });
  it('one name stands once, in order', () => {
    expect(withView([{ name: 'b', path: '/jobs' }], { name: 'a', path: '/flow' })).toEqual([{ name: 'a', path: '/flow' }, { name: 'b', path: '/jobs' }]);
    expect(withView([{ name: 'b', path: '/jobs' }], { name: 'b', path: '/flow' })).toEqual([{ name: 'b', path: '/flow' }]);
  });
});
