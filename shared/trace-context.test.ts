/** The vectors of the W3C's own test suite (w3c/trace-context, test/test.py), valid and invalid. */
import { describe, expect, test } from 'vitest';
import { isTraceparent, plainTracestate, traceContextFrom } from './trace-context.ts';

const ID = '12345678901234567890123456789012';
const SPAN = '1234567890123456';
const own = `00-${ID}-${SPAN}-01`;

describe('traceparent', () => {
  test.each([
    own, `00-${ID}-${SPAN}-00`, `00-${ID}-${SPAN}-ff`, `cc-${ID}-${SPAN}-01`, `cc-${ID}-${SPAN}-01-what-the-future-will-be-like`, `01-${ID}-${SPAN}-01`, `fe-${ID}-${SPAN}-01-x`,
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ])('%s is valid', (value) => expect(isTraceparent(value)).toBe(true));

  test.each([
    ['version ff', `ff-${ID}-${SPAN}-01`], ['version 00 with more behind it', `00-${ID}-${SPAN}-01-what-the-future-will-be-like`], ['version 00 with a dot', `00-${ID}-${SPAN}-01.`], ['a later version with a dot', `cc-${ID}-${SPAN}-01.what-the-future-will-not-be-like`],
    ['letters in the version', `.0-${ID}-${SPAN}-01`], ['letters in the version', `0.-${ID}-${SPAN}-01`], ['a short version', `0-${ID}-${SPAN}-01`], ['a long version', `000-${ID}-${SPAN}-01`],
    ['a trace id of zeros', `00-00000000000000000000000000000000-${SPAN}-01`], ['other characters in the trace id', `00-.2345678901234567890123456789012-${SPAN}-01`], ['other characters in the trace id', `00-1234567890123456789012345678901.-${SPAN}-01`],
    ['a long trace id', `00-${ID}3-${SPAN}-01`], ['a short trace id', `00-${ID.slice(1)}-${SPAN}-01`],
    ['a parent id of zeros', `00-${ID}-0000000000000000-01`], ['other characters in the parent id', `00-${ID}-.234567890123456-01`], ['other characters in the parent id', `00-${ID}-123456789012345.-01`], ['a long parent id', `00-${ID}-${SPAN}7-01`], ['a short parent id', `00-${ID}-${SPAN.slice(1)}-01`],
    ['other characters in the flags', `00-${ID}-${SPAN}-.0`], ['other characters in the flags', `00-${ID}-${SPAN}-0.`], ['long flags', `00-${ID}-${SPAN}-001`], ['short flags', `00-${ID}-${SPAN}-1`],
    ['capitals', `00-${ID.replace('1', 'A')}-${SPAN}-01`], ['two of them in one header', `${own}, ${own}`], ['nothing', ''], ['a part', `00-${ID}`],
  ])('%s is not: %s', (_, value) => expect(isTraceparent(value)).toBe(false));
});

describe('tracestate', () => {
  test.each([
    ['one member', 'foo=1', 'foo=1'], ['two', 'foo=1,bar=2', 'foo=1,bar=2'], ['blanks around members', 'foo=1 \t , \t bar=2, \t baz=3', 'foo=1,bar=2,baz=3'], ['empty members', 'foo=1,,,bar=2,', 'foo=1,bar=2'],
    ['all characters of a key', 'abcdefghijklmnopqrstuvwxyz0123456789_-*/=1', 'abcdefghijklmnopqrstuvwxyz0123456789_-*/=1'], ['a tenant', 'fw529a3039@dt=FfAAAI', 'fw529a3039@dt=FfAAAI'], ['the longest simple key', `${'z'.repeat(256)}=1`, `${'z'.repeat(256)}=1`],
    ['the longest tenant', `${'t'.repeat(241)}@${'v'.repeat(14)}=1`, `${'t'.repeat(241)}@${'v'.repeat(14)}=1`], ['32 members', Array.from({ length: 32 }, (_, n) => `bar${n}=${n}`).join(','), Array.from({ length: 32 }, (_, n) => `bar${n}=${n}`).join(',')],
    ['blanks inside a value', 'foo=a b', 'foo=a b'],
  ])('%s is valid', (_, value, plain) => expect(plainTracestate(value)).toBe(plain));

  test.each([
    ['a key twice', 'foo=1,foo=2'], ['nothing', ''], ['no value', 'foo'], ['an empty value', 'foo='], ['an empty key', '=1'], ['a blank in the key', 'foo =1'], ['capitals in the key', 'FOO=1'], ['a dot in the key', 'foo.bar=1'],
    ['an empty vendor', 'foo@=1'], ['an empty tenant', '@foo=1'], ['two at signs', 'foo@@bar=1'], ['two vendors', 'foo@bar@baz=1'], ['a key that is too long', `${'z'.repeat(257)}=1`], ['a tenant that is too long', `${'t'.repeat(242)}@v=1`], ['a vendor that is too long', `t@${'v'.repeat(15)}=1`],
    ['an equals sign in the value', 'foo=bar=baz'], ['33 members', Array.from({ length: 33 }, (_, n) => `bar${n}=${n}`).join(',')], ['a value that is too long', `foo=${'v'.repeat(257)}`], ['a line break', 'foo=\n1'],
  ])('%s is not', (_, value) => expect(plainTracestate(value)).toBeNull());

  test('what is too long is shortened by whole members: long ones first, then from the end', () => {
    const long = `long=${'x'.repeat(200)}`;
    const short = Array.from({ length: 30 }, (_, n) => `k${n}=${'y'.repeat(14)}`);
    const plain = plainTracestate([short[0], long, ...short.slice(1)].join(',')) ?? '';
    expect(plain.length).toBeLessThanOrEqual(512);
    expect(plain.startsWith(`${short[0] ?? ''},${short[1] ?? ''}`)).toBe(true);
    expect(plain).not.toContain('long=');
  });
});

describe('the two headers together', () => {
  test('an invalid traceparent is ignored with its tracestate, an invalid tracestate alone', () => {
    expect(traceContextFrom(own, 'foo=1,bar=2')).toEqual({ traceparent: own, tracestate: 'foo=1,bar=2' });
    expect(traceContextFrom(own, 'FOO=1')).toEqual({ traceparent: own });
    expect(traceContextFrom(own, undefined)).toEqual({ traceparent: own });
    expect(traceContextFrom(`${own}x`, 'foo=1')).toBeUndefined();
    expect(traceContextFrom(undefined, 'foo=1')).toBeUndefined();
    expect(traceContextFrom([own], 'foo=1')).toBeUndefined();
  });
});
