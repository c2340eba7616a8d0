import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, type Failure, familyOf, normaliseMessage, topFrameOf, trendOf } from './failure-family.ts';

/** Texts of values that differ from job to job, by kind. */
const uuid = fc.uuid();
const number = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 9_999_999 }), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((value) => value.toFixed(3))).map(String);
const instant = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
const time = instant.chain((at) => fc.constantFrom(at.toISOString(), at.toISOString().slice(0, 10), at.toISOString().slice(11, 19), at.toUTCString(), at.toISOString().replace('T', ' ').slice(0, 19)));
const segment = fc.stringMatching(/^[a-z][a-z0-9_-]{0,11}$/);
const path = fc.tuple(fc.array(segment, { minLength: 2, maxLength: 5 }), fc.constantFrom('.csv', '.json', '')).map(([parts, ending]) => `/${parts.join('/')}${ending}`);
const windowsPath = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `C:\\${parts.join('\\')}.txt`);
const hex = fc.stringMatching(/^[0-9a-f]{7}[0-9][a-f][0-9a-f]{7,24}$/);
const quoted = fc.tuple(fc.constantFrom(['"', '"'], ['“', '”'], ['`', '`'], ["'", "'"]), fc.stringMatching(/^[A-Za-z0-9 äöü,.!-]{0,30}$/)).map(([[open, close], text]) => `${open ?? ''}${text}${close ?? ''}`);
const mail = fc.tuple(segment, segment).map(([user, host]) => `${user}@${host}.example`);
const address = fc.ipV4();
const resource = fc.tuple(fc.array(fc.oneof(segment, number.map((n) => n.replace('-', '')), uuid), { minLength: 1, maxLength: 4 }), fc.option(segment, { nil: '' })).map(([parts, query]) => `https://api.example.net/${parts.join('/')}${query === '' ? '' : `?id=${query}`}`);

const KINDS = { uuid, number, time, path, windowsPath, hex, quoted, mail, address, resource };
/** Causes in the words of real systems; each takes values in its places. */
const CAUSES: readonly ((values: readonly string[]) => string)[] = [
  ([a, b]) => `channels.ops.url answered HTTP 503: order ${a} is locked since ${b}`,
  ([a, b]) => `channels.ops.url answered HTTP 404: order ${a} is locked since ${b}`,
  ([a, b]) => `channels.crm.url answered HTTP 503: order ${a} is locked since ${b}`,
  ([a]) => `SendOutgoingMessageJob needs the setting channels.nowhere, which is not configured (${a}).`,
  ([a, b, c]) => `connect ECONNREFUSED at ${a}, tried by ${b} after ${c}`,
  ([a, b, c]) => `connect ETIMEDOUT at ${a}, tried by ${b} after ${c}`,
  ([a, b]) => `The job's input is not valid: input.to: expected string, got ${a} and ${b}`,
  ([a, b]) => `The job's input is not valid: input.channel: expected string, got ${a} and ${b}`,
  ([a]) => `duplicate key value violates a constraint: Key (id)=(${a}) already exists.`,
  ([a]) => `can't open ${a}, no such file or directory`,
  ([a]) => `The handler ran longer than its ${a} ms.`,
];

/** The same kinds of values twice, with other contents. */
const twoDraws = fc.array(fc.constantFrom(...Object.values(KINDS)), { minLength: 3, maxLength: 3 }).chain((kinds) => fc.tuple(fc.tuple(...kinds), fc.tuple(...kinds)));
const failure = (message: string, more: Partial<Failure> = {}): Failure => ({ jobType: 'SendOutgoingMessageJob', errorName: 'RetryableError', message, ...more });
const stackAt = (folder: string, line: number, called = 'postJson', file = 'outbound-http.ts'): string =>
  `RetryableError: x ${line}\n    at node:internal/process/task_queues:${line}:5\n    at send (${folder}/node_modules/undici/index.js:${line}:1)\n    at async ${called} (file://${folder}/main/${file}:${line}:${line + 2})\n    at later (${folder}/main/other.ts:1:1)`;

describe('the fingerprint of a failure', () => {
  test('the same cause is the same family, whatever the ids, numbers, times, paths and quoted values', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CAUSES), twoDraws, fc.tuple(path, path), fc.tuple(fc.nat(9_999), fc.nat(9_999)), (cause, [some, others], [here, there], [line, otherLine]) => {
        const one = familyOf(failure(cause(some), { stack: stackAt(here, line) }));
        const other = familyOf(failure(cause(others), { stack: stackAt(there, otherLine) }));
        expect(other).toEqual(one);
      }),
      { numRuns: 2_000 },
    );
  });

  test('another cause is another family, whatever the values', () => {
    const two = fc.uniqueArray(fc.nat(CAUSES.length - 1), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(two, twoDraws, ([a = 0, b = 1], [some, others]) => {
        expect(familyOf(failure(CAUSES[a]?.(some) ?? '')).id).not.toBe(familyOf(failure(CAUSES[b]?.(others) ?? '')).id);
      }),
      { numRuns: 2_000 },
    );
  });

  test('another job type, error name, error code or place is another family', () => {
    const base = failure('no answer', { errorCode: 'retryable', stack: stackAt('/srv', 7) });
    const changed: Partial<Failure>[] = [
      { jobType: 'PlaceCallJob' }, { errorName: 'TypeError' }, { errorCode: 'rate_limited' }, { errorCode: undefined }, { message: 'no route' },
      { stack: stackAt('/srv', 7, 'sendMail') }, { stack: stackAt('/srv', 7, 'postJson', 'send-mail.ts') }, { stack: undefined },
    ];
    const ids = changed.map((part) => familyOf({ ...base, ...part }).id);
    expect(new Set([familyOf(base).id, ...ids]).size).toBe(changed.length + 1);
  });

  test('words alone decide: two different texts of letters are two families', () => {
    const words = fc.array(fc.stringMatching(/^[g-z]{2,9}$/), { minLength: 1, maxLength: 6 }).map((list) => list.join(' '));
    fc.assert(
      fc.property(words, words, (a, b) => {
        fc.pre(a !== b);
        expect(familyOf(failure(a)).id).not.toBe(familyOf(failure(b)).id);
      }),
    );
  });

  test('normalising is done once: a template is its own template, for any text at all', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.lorem({ maxCount: 30 }), twoDraws.map(([values]) => values.join(' / '))), (text) => {
      const once = normaliseMessage(text);
      expect(normaliseMessage(once)).toBe(once);
    }), { numRuns: 2_000 });
  });

  test('the template can be read', () => {
    expect(normaliseMessage('channels.ops.url answered HTTP 503: order 4711 of "Ada Lovelace" is locked since 2026-11-23T12:04:31.204Z')).toBe('channels.ops.url answered HTTP 503: order <n> of <text> is locked since <time>');
    expect(normaliseMessage("can't open /var/lib/spine/drop/a-1.csv, asked by ops@example.net for 6f1b8a52-3c0e-5f6e-9a55-0d1f3f1c2b11")).toBe("can't open <path>, asked by <address> for <id>");
    expect(normaliseMessage('GET https://user:pw@crm7.example.net:8443/orders/12?expand=1 failed: ids 1, 2 and 3, 4')).toBe('GET https://crm<n>.example.net/<path> failed: ids <n>…');
    expect(normaliseMessage('src/map/customers.ts:12:4 and and/or stay words')).toBe('<path> and and/or stay words');
  });

  test('a long message is cut, and quickly: no rule may run away', () => {
    for (const piece of ['a1', '1:', 'a/', '/a', '"', "'", '1.1.1.1', 'a-', '0-', 'x://', ':a', '1,']) expect(normaliseMessage(piece.repeat(50_000)).length).toBeLessThanOrEqual(300 * '<address>'.length);
  });
});

describe('the top frame', () => {
  test('is the first of our own code, without folder, line and build hash', () => {
    expect(topFrameOf(stackAt('/home/a', 12))).toBe('postJson (outbound-http)');
    expect(topFrameOf('Error: x\n    at Object.run [as handler] (/srv/out/main/index-a1b2c3d4.js:10:2)')).toBe('run (index)');
    expect(topFrameOf('Error: x\n    at file:///srv/plugins/greeter/index.ts?t=7:3:9')).toBe('index');
    expect(topFrameOf('Error: x\n    at C:\\spine\\main\\pump.ts:3:9')).toBe('pump');
  });

  test('is none where no stack is, or only the runtime’s', () => {
    expect(topFrameOf(undefined)).toBe(null);
    expect(topFrameOf('Error: at home (at last)\n    at node:internal/timers:1:1')).toBe(null);
  });
});

test('a family grows when its last two hours are worse than its day', () => {
  expect(trendOf([0, 0, 0, 0, 1])).toBe('growing');
  expect(trendOf([4, 4, 4, 4, 4])).toBe('steady');
  expect(trendOf([4, 4, 4, 0, 0])).toBe('quiet');
  expect(trendOf([])).toBe('quiet');
});

test('versions are compared part by part', () => {
  expect(compareVersions('0.10.0', '0.9.9')).toBeGreaterThan(0);
  expect(compareVersions('v1.2', '1.2.0')).toBe(0);
  expect(compareVersions('1.2.0', '1.3.0')).toBeLessThan(0);
});
