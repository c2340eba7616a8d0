import { describe, expect, it } from 'vitest';
import { MASK, maskFields } from '../access/mask-fields.ts';
import { differences } from './entity-answers.ts';

const before = { name: 'Ada', address: { city: 'London', phone: '+44' }, tags: ['a'], empty: {}, gone: null, same: 1 };
const after = { name: 'Ada L.', address: { city: 'London', phone: '+33', zip: 'W1' }, tags: ['a', 'b'], empty: {}, same: 1 };

describe('differences', () => {
  const found = differences(before, after);
  it('are told leaf by leaf, lists as a whole', () => {
    expect(found.unchanged).toBe(3);
    expect(found.changes).toEqual([
      { path: 'address.phone', kind: 'changed', before: { data: { address: { phone: '+44' } } }, after: { data: { address: { phone: '+33' } } } },
      { path: 'address.zip', kind: 'added', before: null, after: { data: { address: { zip: 'W1' } } } },
      { path: 'gone', kind: 'removed', before: { data: { gone: null } }, after: null },
      { path: 'name', kind: 'changed', before: { data: { name: 'Ada' } }, after: { data: { name: 'Ada L.' } } },
      { path: 'tags', kind: 'changed', before: { data: { tags: ['a'] } }, after: { data: { tags: ['a', 'b'] } } },
    ]);
  });
  it('hide what is masked', () => {
    expect(maskFields(found, ['address.phone']).changes[0]).toMatchObject({ path: 'address.phone', before: { data: { address: { phone: MASK } } }, after: { data: { address: { phone: MASK } } } });
  });
  it('are none for the same', () => expect(differences(before, structuredClone(before))).toEqual({ changes: [], unchanged: 7 }));
});
