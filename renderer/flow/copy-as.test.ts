/** What is copied must run: the shell, and the compiler's own reader, are asked. */
import { spawnSync } from 'node:child_process';
import { stripTypeScriptTypes } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Envelope } from '../../shared/envelope.ts';
import { asCurl, asNatsCli, asTypeScript } from './copy-as.ts';

const envelope = (data: unknown): Record<string, unknown> => ({
  eventId: '10082669-8521-4a78-a786-165707a767ef', eventType: 'communication.CallStarted', eventVersion: '1.0', timestamp: '2026-11-24T12:00:00.000Z', source: "pbx's", correlationId: '10082669-8521-4a78-a786-165707a767ef', causationId: '10082669-8521-4a78-a786-165707a767ee', data,
});
/** What the program would be given, one argument a line. */
function argumentsOf(script: string, program: string): string[] {
  const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', `${program}() { for a in "$@"; do printf '%s\\0' "$a"; done; }\n${script}`], { encoding: 'utf8', env: { ...process.env, SPINE_TOKEN: 't' } });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\0').slice(0, -1);
}
const payloads = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }).filter((key) => key !== '__proto__' && !key.includes('\0')), fc.oneof(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')), fc.integer(), fc.constant(`it's "quoted" $HOME \`x\` \\ !`)), { maxKeys: 4 });

test('curl: whatever the payload, the shell hands it over as it is, without id, time and cause, and the token from the environment', () => {
  fc.assert(fc.property(payloads, (data) => {
    const given = argumentsOf(asCurl(envelope(data), 'http://127.0.0.1:4000'), 'curl');
    expect(given).toContain('authorization: Bearer t');
    expect(given).toContain('http://127.0.0.1:4000/api/events');
    expect(JSON.parse(given.at(-1) ?? '')).toEqual({ eventType: 'communication.CallStarted', source: "pbx's", correlationId: '10082669-8521-4a78-a786-165707a767ef', data });
  }), { numRuns: 25 });
});

test('nats: a valid envelope with an id and a time of its own', () => {
  const script = asNatsCli(envelope({ note: `it's @ID "x"` })).replace('uuidgen', 'echo 7F3A0000-0000-4000-8000-000000000001');
  const given = argumentsOf(script, 'nats');
  expect(given.slice(0, 5)).toEqual(['pub', 'communication.CallStarted', '--jetstream', '-H', 'Nats-Msg-Id:7f3a0000-0000-4000-8000-000000000001']);
  expect(Envelope.parse(JSON.parse(given.at(-1) ?? ''))).toMatchObject({ eventId: '7f3a0000-0000-4000-8000-000000000001', eventType: 'communication.CallStarted', data: { note: `it's @ID "x"` } });
});

test('TypeScript: what Node can read, and says the same', async () => {
  const code = asTypeScript(envelope({ lines: 'a\nb', list: [1, { deep: true }] })).replace(/^import .*$/m, '').replace(/^await .*$/m, 'export default event;');
  const { default: event } = (await import(`data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(code))}`)) as { default: unknown };
  expect(Envelope.parse(event)).toMatchObject({ source: "pbx's", data: { lines: 'a\nb', list: [1, { deep: true }] } });
});
