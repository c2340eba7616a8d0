import { describe, expect, it } from 'vitest';
import { NotRetryableError } from '../../shared/errors.ts';
import { mapRecord } from './entity-mapping.ts';

const map = (mapping: string, record: Record<string, unknown> = { id: 7, name: 'Ada' }) => mapRecord({ id: 'crm', mapping }, record);

describe('mapRecord', () => {
  it('maps one record to one entity, or to several', async () => {
    expect(await map('{ "entityType": "customer", "entityId": id, "attributes": { "name": name } }')).toEqual([{ entityType: 'customer', entityId: '7', attributes: { name: 'Ada' } }]);
    expect(await map('["a", "b"].{ "entityType": $, "entityId": "1", "attributes": {} }')).toHaveLength(2);
  });

  it('drops a record for which the mapping yields nothing', async () => {
    expect(await map('nothing.here')).toEqual([]);
    expect(await map('[]')).toEqual([]);
  });

  it.each([
    ['does not compile', '{ "entityType": ', /^connectors\.crm\.mapping is not a JSONata expression: .*at character/],
    ['fails', '$number("x")', /^connectors\.crm\.mapping failed: /],
    ['yields a field that is wrong', '{ "entityType": "c", "entityId": "", "attributes": {} }', /^connectors\.crm\.mapping yields no entity: entityId: /],
    ['yields a wrong one of several', '[{ "entityType": "c", "entityId": "1", "attributes": {} }, { "entityType": "c" }]', /entities\[1\]\.entityId/],
    ['yields an entity twice', '[1, 2].{ "entityType": "c", "entityId": "1", "attributes": {} }', /yields the entity c:1 twice/],
    ['never ends', '($f := function($x) { $f($x + 1) }; $f(0))', /failed: /],
  ])('names the setting when the mapping %s', async (_what, mapping, words) => {
    const mapped = map(mapping);
    await expect(mapped).rejects.toThrow(NotRetryableError);
    await expect(mapped).rejects.toThrow(words);
  });

  it('lets others have their turn while a mapping runs', async () => {
    let turns = 0;
    const watching = setInterval(() => turns++, 1);
    await map('{ "entityType": "n", "entityId": $string($sum([1..60000].($ * 2))), "attributes": {} }');
    clearInterval(watching);
    expect(turns).toBeGreaterThan(2);
  });
});
