/** Tokens, masks, roles and where a host may listen. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SiteConfig } from '../config/site-config.ts';
import { listenSettings } from '../http-host/listen-settings.ts';
import { guarded } from '../operator-api/guard.ts';
import { packLineage, unpackLineage } from '../../shared/packed-trace.ts';
import { mayActAs, REQUIRED_ROLE, requiredRole } from '../../shared/roles.ts';
import { FailedLogins } from './failed-logins.ts';
import { MASK, maskFields } from './mask-fields.ts';
import { Sessions } from './sessions.ts';
import { TokenStore } from './token-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spine-access-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = (): string => join(folder, 'access-tokens.json');

describe('the token store', () => {
  test('holds hashes only, in a file for its owner alone, and knows whose token it is', () => {
    const { token, entry } = new TokenStore(folder).create({ name: 'grafana', role: 'viewer', expiresMs: null });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readFileSync(file(), 'utf8')).not.toContain(token.split('_')[2]);
    expect(new TokenStore(folder).verify(token)).toEqual({ name: 'grafana', role: 'viewer', tokenId: entry.id });
    for (const wrong of ['', 'spine_', token.slice(0, -1), `${token}x`, token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))]) expect(new TokenStore(folder).verify(wrong), wrong).toBeNull();
  });

  test('another process’s revocation counts at once; so does the end of its time', () => {
    const running = new TokenStore(folder);
    const { token, entry } = running.create({ name: 'ada', role: 'operator', expiresMs: null });
    expect(running.stillHolds(entry.id)).toBe(true);
    new TokenStore(folder).revoke('ada');
    expect(running.verify(token)).toBeNull();
    expect(running.stillHolds(entry.id)).toBe(false);
    const { token: old } = running.create({ name: 'old', role: 'admin', expiresMs: Date.now() - 1 });
    expect(running.verify(old)).toBeNull();
  });

  test('a name is used once, and a name that is not there is said', () => {
    const store = new TokenStore(folder);
    store.create({ name: 'ada', role: 'operator', expiresMs: null });
    expect(() => store.create({ name: 'ada', role: 'viewer', expiresMs: null })).toThrow(/There is a token named "ada" already/);
    expect(() => store.revoke('bob')).toThrow(/There is no access token with the id bob/);
  });

  test('a damaged file lets nobody in, and says which file', () => {
    writeFileSync(file(), '{"tokens": [{"id": 1}]}');
    expect(() => new TokenStore(folder).verify(`spine_00000000_${'a'.repeat(43)}`)).toThrow(/access-tokens\.json: can't be understood/);
  });
});

test('a launch code opens one session, as its owner', () => {
  const sessions = new Sessions();
  const ada = { name: 'ada', role: 'viewer', tokenId: '1' } as const;
  const code = sessions.launchCode(ada);
  const session = sessions.redeem(code) ?? '';
  expect(sessions.redeem(code)).toBeNull();
  expect(sessions.use(session)).toEqual(ada);
  sessions.end(session);
  expect(sessions.use(session)).toBeNull();
});

test('after ten wrong tokens an address waits, another does not, and a right one forgives', async () => {
  const logins = new FailedLogins();
  for (let i = 0; i < 9; i += 1) await logins.failed('a');
  expect(await logins.mustWaitS('a')).toBe(0);
  await logins.succeeded('a');
  for (let i = 0; i < 10; i += 1) await logins.failed('a');
  expect(await logins.mustWaitS('a')).toBeGreaterThan(200);
  expect(await logins.mustWaitS('b')).toBe(0);
});

describe('masked fields', () => {
  test('are named by the end of their path in a payload, also inside lists, and only there', () => {
    const answer = { phone: 'not in a payload', envelope: { data: { phone: '+49', customer: { email: 'a@b', id: 1 }, calls: [{ phone: '1' }, { phone: '2' }], email: 'kept' } } };
    expect(maskFields(answer, ['phone', 'customer.email'])).toEqual({
      phone: 'not in a payload', envelope: { data: { phone: MASK, customer: { email: MASK, id: 1 }, calls: [{ phone: MASK }, { phone: MASK }], email: 'kept' } },
    });
  });

  test('texts made of payloads are masked as a whole', () => {
    expect(maskFields({ rows: [{ summary: '+49 30', eventType: 'x.Y', error: { name: 'E', message: 'no +49', stack: 'at +49' } }] }, ['phone'])).toEqual({ rows: [{ summary: MASK, eventType: 'x.Y', error: { name: 'E', message: MASK, stack: MASK } }] });
  });

  test('a packed trace is masked inside', () => {
    const job = { jobId: 'j', jobType: 'T', lastError: 'no +49', attemptList: [{ jobId: 'j', attempt: 1, errorName: 'E', errorMessage: 'no +49', errorStack: null }] };
    const { lineage } = maskFields({ lineage: packLineage({ events: [], jobs: [job as never] }) }, ['phone']);
    expect(lineage).not.toContain('+49');
    expect(unpackLineage(lineage).jobs).toMatchObject([{ jobType: 'T', lastError: MASK, attemptList: [{ errorName: 'E', errorMessage: MASK }] }]);
  });

  test('nothing is masked where nothing is named', () => {
    const answer = { summary: 'x' };
    expect(maskFields(answer, [])).toBe(answer);
  });
});

describe('roles', () => {
  const call = (role: 'viewer' | 'operator' | 'admin', path: readonly string[], input: unknown = {}, output: unknown = {}): Promise<{ output: unknown }> => guarded({ path, input, role, maskedFields: ['phone'] }, async () => ({ output }));
  const all = Object.entries(REQUIRED_ROLE).flatMap(([room, procedures]) => Object.entries(procedures).map(([procedure, needed]) => ({ path: [room, procedure], needed })));

  test.each(all)('$path needs $needed', async ({ path, needed }) => {
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      const called = call(role, path);
      if (mayActAs(role, needed) && !(role === 'viewer' && path[0] === 'documents')) await called;
      else await expect(called).rejects.toThrow(/This needs the role/);
    }
  });

  test('a procedure that nobody has thought of needs the highest', () => {
    expect(requiredRole(['site', 'selfDestruct'])).toBe('admin');
  });

  test('what masks hide can’t be searched for by viewers, nor read from a stream', async () => {
    await expect(call('viewer', ['deadLetters', 'list'], { text: '+49' })).rejects.toThrow(/viewers can't search in payloads/);
    await expect(call('viewer', ['flow', 'list'], { filter: { text: '+49' } })).rejects.toThrow(/can't search/);
    for (const query of ['data.phone:+49', '"+49 30"', 'error:timeout']) await expect(call('viewer', ['traces', 'search'], { query })).rejects.toThrow(/can't search/);
    await call('viewer', ['traces', 'search'], { query: 'type:rule.* 7f3a0000' });
    await call('operator', ['flow', 'list'], { filter: { text: '+49' } });
    async function* stream(): AsyncGenerator<object> {
      yield { input: { phone: '+49' } };
    }
    const { output } = await call('viewer', ['flow', 'tail'], {}, stream());
    for await (const item of output as AsyncIterable<unknown>) expect(item).toEqual({ input: { phone: MASK } });
  });
});

describe('where the headless host listens', () => {
  const settings = (http: object): ReturnType<typeof listenSettings> => listenSettings({ config: SiteConfig.parse({ http }), path: (path) => path }, new TokenStore(folder));

  test('loopback needs nothing', () => {
    expect(settings({})).toEqual({ host: '127.0.0.1', port: 0, tls: null, names: [] });
  });

  test('elsewhere it needs TLS, a token and a name', async () => {
    const { generate } = await import('selfsigned');
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'spine.test' }]);
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    const tls = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    expect(() => settings({ host: '0.0.0.0' })).toThrow(/http\.host: 0\.0\.0\.0 can be reached from other machines, and tokens would travel in the clear.*http\.tls/);
    expect(() => settings({ host: '0.0.0.0', tls })).toThrow(/no access token yet.*spine tokens create/);
    new TokenStore(folder).create({ name: 'a', role: 'admin', expiresMs: null });
    expect(() => settings({ host: '0.0.0.0', tls })).toThrow(/http\.names/);
    expect(settings({ host: '0.0.0.0', tls, names: ['spine.test'] })).toMatchObject({ host: '0.0.0.0', names: ['spine.test'] });
    expect(() => settings({ tls: { ...tls, key: tls.certificate } })).toThrow(/http\.tls: certificate and key can't be used/);
    expect(() => settings({ tls: { ...tls, key: '/nowhere.pem' } })).toThrow(/http\.tls\.key: \/nowhere\.pem can't be read/);
  });
});
