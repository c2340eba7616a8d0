import { describe, expect, it } from 'vitest';
import { parseFlowQuery, suggestQueries, toEventFilter, writeFlowQuery } from './flow-query.ts';

const id = '7f3a0000-1111-4222-8333-444455556666';
const NOW = Date.UTC(2026, 10, 24, 12);
const parse = (text: string) => parseFlowQuery(text, NOW);

describe('parseFlowQuery', () => {
  it('reads named filters', () => {
    expect(parse(`type:rule.* source:crm  correlation:${id}`)).toEqual({ query: { type: 'rule.*', source: 'crm', correlation: id }, problem: null });
  });
  it('knows bare words by their shape; any other stands in a payload', () => {
    expect(parse(`rule.ConditionMatched ${id} job lovelace 3.5`).query).toEqual({ type: 'rule.ConditionMatched', correlation: id, domain: 'job', where: 'lovelace 3.5' });
  });
  it('reads fields and texts of payloads', () => {
    expect(parse('type:rule.* data.customer.id=42 data.name:"Ada Lovelace" "on the line"').query).toEqual({ type: 'rule.*', where: 'data.customer.id:42 data.name:"Ada Lovelace" "on the line"' });
  });
  it('fixes ages to the time of asking', () => expect(parse('since:15min').query).toEqual({ since: '2026-11-24T11:45:00.000Z' }));
  it('keeps colons inside values', () => expect(parse('source:urn:x:1').query.source).toBe('urn:x:1'));
  it.each(['colour:red', 'type:', 'type:a*b', 'source:demo.*', 'since:yesterday', '"open'])('explains %s', (text) => expect(parse(text).problem).toBeTruthy());
  it('an empty box is no filter', () => expect(parse('  ')).toEqual({ query: {}, problem: null }));
  it('survives a round trip', () => {
    const query = { domain: 'rule', type: 'rule.*', source: 'crm desk', correlation: id, since: '2026-11-24T11:45:00.000Z', where: 'data.customer.id:42 "on the line"' };
    expect(parse(writeFlowQuery(query)).query).toEqual(query);
  });
});

describe('toEventFilter', () => {
  it('leaves out what is not asked', () => expect(toEventFilter({ type: 'a.B', source: undefined })).toEqual({ type: 'a.B' }));
  it('names things as the API does', () => {
    expect(toEventFilter({ correlation: id, where: 'data.customer.id:42 "on the line" vip', since: '2026-11-24T11:45:00.000Z' })).toEqual({
      correlationId: id, fields: [{ path: ['customer', 'id'], value: '42' }], text: ['on the line', 'vip'], sinceMs: Date.UTC(2026, 10, 24, 11, 45),
    });
  });
  it('drops a time of a mangled link', () => expect(toEventFilter({ since: 'soon' })).toEqual({}));
});

describe('suggestQueries', () => {
  it('completes the last word and keeps the ones before', () => {
    expect(suggestQueries('source:crm type:rule', { types: ['rule.ActionTriggered'], sources: ['crm'], domains: ['rule'] })).toEqual([
      'source:crm type:rule.*',
      'source:crm type:rule.ActionTriggered',
    ]);
  });
});
