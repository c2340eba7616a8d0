import { describe, expect, it } from 'vitest';
import { parseFlowQuery, suggestQueries, toEventFilter, writeFlowQuery } from './flow-query.ts';

const id = '7f3a0000-1111-4222-8333-444455556666';

describe('parseFlowQuery', () => {
  it('reads named filters', () => {
    expect(parseFlowQuery(`type:rule.* source:crm  correlation:${id}`)).toEqual({
      query: { type: 'rule.*', source: 'crm', correlation: id },
      problem: null,
    });
  });
  it('knows bare words by their shape', () => {
    expect(parseFlowQuery(`rule.ConditionMatched ${id} job`).query).toEqual({ type: 'rule.ConditionMatched', correlation: id, domain: 'job' });
  });
  it('keeps colons inside values', () => expect(parseFlowQuery('source:urn:x:1').query.source).toBe('urn:x:1'));
  it.each(['colour:red', 'type:', 'type:a*b', 'source:demo.*', 'What?'])('explains %s', (text) => expect(parseFlowQuery(text).problem).toBeTruthy());
  it('an empty box is no filter', () => expect(parseFlowQuery('  ')).toEqual({ query: {}, problem: null }));
  it('survives a round trip', () => {
    const query = { domain: 'rule', type: 'rule.*', source: 'crm', correlation: id };
    expect(parseFlowQuery(writeFlowQuery(query)).query).toEqual(query);
  });
});

describe('toEventFilter', () => {
  it('leaves out what is not asked', () => expect(toEventFilter({ type: 'a.B', source: undefined })).toEqual({ type: 'a.B' }));
  it('names the correlation as the API does', () => expect(toEventFilter({ correlation: id })).toEqual({ correlationId: id }));
});

describe('suggestQueries', () => {
  it('completes the last word and keeps the ones before', () => {
    expect(suggestQueries('source:crm type:rule', { types: ['rule.ActionTriggered'], sources: ['crm'], domains: ['rule'] })).toEqual([
      'source:crm type:rule.*',
      'source:crm type:rule.ActionTriggered',
    ]);
  });
});
