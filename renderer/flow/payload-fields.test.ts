import { describe, expect, it } from 'vitest';
import { errorsByField, fieldsOf, parsePayload, payloadFrom, valuesFrom } from './payload-fields.ts';

const schema = {
  type: 'object',
  properties: {
    callId: { type: 'string', minLength: 1 },
    pages: { type: 'integer' },
    score: { type: 'number' },
    vip: { type: 'boolean' },
    direction: { type: 'string', enum: ['inbound', 'outbound'] },
    customer: { type: 'object' },
  },
  required: ['callId', 'direction'],
};
const fields = fieldsOf(schema, { extra: [1] });

describe('fieldsOf', () => {
  it('names a kind for each property', () => {
    expect(fields.map(({ name, kind }) => `${name}:${kind}`)).toEqual([
      'callId:text', 'pages:integer', 'score:number', 'vip:boolean', 'direction:choice', 'customer:json', 'extra:json',
    ]);
    expect(fields.filter(({ required }) => required).map(({ name }) => name)).toEqual(['callId', 'direction']);
  });
  it('a schema without properties has only the example’s', () => expect(fieldsOf({}, { a: 1 })).toHaveLength(1));
});

describe('payloadFrom', () => {
  it('survives a round trip', () => {
    const payload = { callId: 'x', pages: 2, score: 0.5, vip: true, direction: 'inbound', customer: { id: 42 }, extra: [1] };
    expect(payloadFrom(fields, valuesFrom(fields, payload))).toEqual({ payload, errors: {} });
  });
  it('leaves empty optional fields out and asks for required ones', () => {
    expect(payloadFrom(fields, valuesFrom(fields, {}))).toEqual({ payload: { vip: false }, errors: { callId: 'is required', direction: 'is required' } });
  });
  it('tells what is no number and no JSON', () => {
    const { errors } = payloadFrom(fields, { callId: 'x', direction: 'inbound', pages: '1.5', score: 'much', customer: '{' });
    expect(errors).toEqual({ pages: 'must be a whole number', score: 'must be a number', customer: 'is not valid JSON' });
  });
});

describe('parsePayload', () => {
  it('takes objects only', () => {
    expect(parsePayload('{"a":1}')).toEqual({ payload: { a: 1 } });
    expect(parsePayload('[1]')).toHaveProperty('problem');
    expect(parsePayload('{')).toHaveProperty('problem');
  });
});

describe('errorsByField', () => {
  it('sorts the server’s line by field', () => {
    expect(errorsByField('data.callId: expected string; data.customer.id: too small; no such domain', ['callId', 'customer'])).toEqual({
      byField: { callId: 'expected string', customer: 'id: too small' },
      rest: 'no such domain',
    });
  });
});
