/** The command line, as an operator and a script use it, on a real site; and the headless host behind TLS with people of three roles. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generate } from 'selfsigned';
import { Receiver } from './support/receiver.ts';
import { eventually, SiteProcess } from './support/site-process.ts';
import { vipCall, vipSite } from './support/vip-site.ts';

const root = join(import.meta.dirname, '..');
const places = mkdtempSync(join(tmpdir(), 'spine-cli-'));
// Postgres runs as another user when the tests run as root.
chmodSync(places, 0o755);

interface Ran { readonly code: number; readonly out: string; readonly err: string }
function spineOn(folder: string, env: Record<string, string> = {}): (...args: string[]) => Promise<Ran> {
  return (...args) =>
    new Promise((resolve) => {
      const child = execFile(join(root, 'node_modules/.bin/node'), [join(root, 'main/cli/cli.ts'), ...args], { env: { ...process.env, NO_COLOR: '1', SPINE_DATA_DIR: folder, ...env }, timeout: 90_000 }, (error, out, err) =>
        resolve({ code: error ? Number((error as { code?: unknown }).code ?? -1) : 0, out, err }));
      child.stdin?.end();
    });
}

afterAll(() => rmSync(places, { recursive: true, force: true }));

describe('on a running site', () => {
  const receiver = new Receiver();
  let site: SiteProcess;
  let spine: ReturnType<typeof spineOn>;
  const json = async <Answer>(...args: string[]): Promise<Answer> => {
    const { code, out, err } = await spine(...args, '--json');
    if (code !== 0) throw new Error(`spine ${args.join(' ')}: exit ${code}: ${err}`);
    return JSON.parse(out) as Answer;
  };
  beforeAll(async () => {
    receiver.answer = () => ({ status: 400 });
    site = new SiteProcess({ config: vipSite(await receiver.start()) });
    await site.start();
    spine = spineOn(site.folder);
  });
  afterAll(async () => {
    await site?.dispose();
    await receiver.stop();
  });

  test('status says in words and in JSON whether it is healthy', async () => {
    const { out, code } = await spine('status');
    expect(code).toBe(0);
    expect(out).toMatch(/NATS JetStream +ok/);
    expect(out).toMatch(/realtime +< 100 ms/);
    expect(await json('status')).toMatchObject({ site: 'test', components: expect.arrayContaining([{ id: 'postgres', name: 'PostgreSQL', health: 'ok', detail: { message: 'embedded', values: {}, text: 'embedded' }, version: expect.any(String) }]) });
  });

  test('an event is published, followed by its trace to the dead letter, and redriven after a look', async () => {
    const { correlationId } = await json<{ correlationId: string }>('publish', 'communication.CallStarted', '--data', JSON.stringify(vipCall('cli-1')));
    const tree = await eventually('the whole tree', async () => {
      const { out } = await spine('trace', correlationId);
      return out.includes('dead') && out;
    });
    expect(tree.split('\n').slice(1).map((line) => /^\W*[\w.]+/.exec(line)?.[0] ?? '')).toEqual([
      '● communication.CallStarted', ' └─ ▣ RunRuleEngineJob', '    ├─ ● rule.ConditionMatched', '    └─ ● rule.ActionTriggered', '       └─ ▣ SendOutgoingMessageJob', '',
    ]);
    expect((await spine('dlq', 'families')).out).toMatch(/SendOutgoingMessageJob +NotRetryableError: channels\.ops\.url answered HTTP 400/);
    const [letter] = await json<{ deadLetterId: string }[]>('dlq', 'ls');
    expect((await spine('dlq', 'show', letter?.deadLetterId ?? '')).out).toMatch(/attempt 1 .*HTTP 400[\s\S]*"channel": "ops"/);
    expect(await json('jobs', '--state', 'dead')).toMatchObject([{ jobId: letter?.deadLetterId, state: 'dead' }]);

    const unasked = await spine('dlq', 'redrive', '--all');
    expect(unasked).toMatchObject({ code: 78, err: expect.stringMatching(/^--yes: nobody can be asked here, and this would run 1 job again/) });
    expect(unasked.out).toContain('1 dead letter: 1 would run again.');
    expect(receiver.received).toHaveLength(1);
    receiver.answer = () => ({ status: 200 });
    expect(await json('dlq', 'redrive', '--all', '--yes', '--wait', '-r', 'receiver is back')).toMatchObject({ state: 'done', succeeded: 1, failed: 0, operator: 'console', reason: 'receiver is back' });
    expect(receiver.received.map(({ idempotencyKey }) => idempotencyKey)).toEqual([receiver.received[0]?.idempotencyKey, receiver.received[0]?.idempotencyKey]);
  });

  test('tail gives one event a line and stops when it has enough', async () => {
    const tail = spine('tail', '--type', 'communication.*', '--json', '-n', '2');
    let ended = false;
    void tail.then(() => (ended = true));
    await eventually('two events', async () => {
      if (!ended) await site.publish('communication.CallEnded', { callId: 'x', durationSeconds: 1, outcome: 'answered' });
      return ended;
    });
    const { out, code } = await tail;
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n').map((line) => (JSON.parse(line) as { eventType: string }).eventType)).toEqual(['communication.CallEnded', 'communication.CallEnded']);
  });

  test('schedules are made, paused, run and removed; a replay is looked at', async () => {
    expect((await spine('schedules', 'create', 'nightly', '30 2 * * *', 'BackupSiteJob', '--zone', 'Europe/Berlin')).out).toBe('nightly fires At 02:30, Europe/Berlin.\n');
    await spine('schedules', 'pause', 'nightly', '-r', 'holiday');
    expect((await spine('schedules', 'ls')).out).toMatch(/nightly +At 02:30, Europe\/Berlin +BackupSiteJob +paused by console/);
    expect(await json('schedules', 'remove', 'nightly', '-r', 'done', '-y')).toEqual({ id: 'nightly' });
    const look = await spine('replay', '--from', '1h', '--type', 'communication.*', '--dry-run');
    expect(look.out).toMatch(/RunRuleEngineJob +known +\d/);
    expect(await spine('replay', '--from', 'yesterday')).toMatchObject({ code: 78, err: expect.stringMatching(/--from: "yesterday" is no time/) });
  });

  test('the catalogue is listed with what came, and written for other tools', async () => {
    await site.publish('communication.CallQueued', { callId: 'cli-q' });
    await eventually('it to be counted', async () => (await json<{ type: string; version: string; usage: { events: number } }[]>('catalogue')).some(({ type, version, usage }) => type === 'communication.CallQueued' && version === 'not in the catalogue' && usage.events === 1));
    const { out } = await spine('catalogue');
    expect(out).toMatch(/^communication\.CallEnded +1\.0 +\d+ +\d+ +0$/m);
    const file = join(places, 'events.asyncapi.json');
    expect((await spine('catalogue', '--format', 'asyncapi', '--out', file)).out).toContain(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ asyncapi: '3.0.0', channels: { 'communication.CallEnded': { address: 'communication.CallEnded' } } });
    expect((await spine('catalogue', '--format', 'asyncapi')).out).toMatch(/^asyncapi: 3\.0\.0$/m);
    expect(JSON.parse((await spine('catalogue', '--format', 'json-schema')).out)).toMatchObject({ title: 'Events of test' });
    expect(await spine('catalogue', '--format', 'asyncapi', '--out', join(places, 'nowhere', 'x.yaml'))).toMatchObject({ code: 78, err: expect.stringContaining('--out: ') as string });
  });

  test('backup, list, verify; the oldest go beyond those that are kept', async () => {
    const made: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      made.push((await json<{ backup: string }>('backup', places, '--keep', '2')).backup);
      // Backups are named by the second.
      await eventually('the next second', async () => new Date().getUTCSeconds() !== Number(/(\d\d)Z$/.exec(made.at(-1) ?? '')?.[1]));
    }
    expect((await json<{ name: string }[]>('backup', 'ls', places)).map(({ name }) => name)).toEqual([made[2], made[1]]);
    expect((await spine('backup', 'verify', join(places, made[2] ?? ''))).out).toMatch(/^Whole: \d+ tables, 2 streams/);
  });

  test('two backups at once are made one after the other, beside what another site has under way; what a crash left is cleared away', async () => {
    const shared = join(places, 'shared');
    for (const left of ['other-20261124T000000Z.unfinished', 'test-20261124T000000Z.unfinished']) mkdirSync(join(shared, left), { recursive: true });
    const both = await Promise.all([json<{ backup: string }>('backup', shared), json<{ backup: string }>('backup', shared)]);
    expect(new Set(both.map(({ backup }) => backup)).size).toBe(2);
    expect(readdirSync(shared).sort()).toEqual(['other-20261124T000000Z.unfinished', ...both.map(({ backup }) => backup)].sort());
  });

  test('doctor finds nothing wrong, and mistakes of the command line are told as such', async () => {
    const { code, out } = await spine('doctor');
    expect(out).toMatch(/No faults\./);
    expect(code).toBe(0);
    expect(await spine('fly')).toMatchObject({ code: 2, err: expect.stringMatching(/Unknown argument: fly[\s\S]*spine --help/) });
    expect(await spine('publish', 'communication.CallStarted', '-d', '{"callId": 1}')).toMatchObject({ code: 4, err: expect.stringMatching(/data\.callId: .*expected string/) });
    expect(await spine('trace', 'ffffffff-ffff-4fff-8fff-ffffffffffff')).toMatchObject({ code: 4, err: expect.stringMatching(/There is no trace, event or job/) });
    expect((await spine('completion')).out).toMatch(/compdef|complete -o/);
    expect((await spine('dlq', 'redrive', '--help')).out).toContain('gateway is back');
  });
});

describe('a site in the background', () => {
  test('start, stop; without one, what to do is said', async () => {
    const folder = join(places, 'background');
    const spine = spineOn(folder);
    expect(await spine('status')).toMatchObject({ code: 3, err: expect.stringMatching(/^site: none runs on .*Start one with spine start/) });
    try {
      expect((await spine('start')).out).toMatch(/^Runs as process \d+ on /);
      expect(await spine('start')).toMatchObject({ code: 4, err: expect.stringMatching(/A site runs on .* already/) });
    } finally {
      expect(await spine('stop')).toMatchObject({ code: 0, out: 'Stopped.\n' });
    }
    expect(existsSync(join(folder, 'run', 'site.json'))).toBe(false);
  });
});

describe('the headless host behind TLS', () => {
  let site: SiteProcess;
  let url: string;
  const tokens: Record<string, string> = {};
  const ca = join(places, 'ca.pem');
  const as = (who: string): ReturnType<typeof spineOn> => spineOn(join(places, 'elsewhere'), { SPINE_TOKEN: tokens[who] ?? '', NODE_EXTRA_CA_CERTS: ca });

  beforeAll(async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }] });
    writeFileSync(ca, cert);
    writeFileSync(join(places, 'key.pem'), key, { mode: 0o600 });
    const http = { host: '0.0.0.0', names: ['localhost'], tls: { certificate: ca, key: join(places, 'key.pem') } };
    site = new SiteProcess({ config: vipSite('http://127.0.0.1:9/hook', { http, access: { maskedFields: ['from', 'customer.id'] } }) });
    expect((await site.refuse()).output).toMatch(/http\.host: .*there is no access token yet.*spine tokens create/);
    for (const role of ['viewer', 'operator', 'admin']) tokens[role] = (await spineOn(site.folder)('tokens', 'create', `a-${role}`, '--role', role)).out.trim();
    await site.start();
    ({ url } = site.info);
  });
  afterAll(() => site?.dispose());

  test('each role may what it may, by name in the audit, and no more', async () => {
    expect(url).toMatch(/^https:\/\/localhost:/);
    expect((await as('viewer')('--url', url, 'status')).code).toBe(0);
    const call = ['--url', url, 'publish', 'communication.CallStarted', '-d', JSON.stringify(vipCall('tls-1'))];
    expect(await as('viewer')(...call)).toMatchObject({ code: 4, err: expect.stringMatching(/needs the role operator, and yours is viewer/) });
    expect((await as('operator')(...call)).code).toBe(0);
    expect(await as('operator')('--url', url, 'backup')).toMatchObject({ code: 4, err: expect.stringMatching(/A backup holds everything\. This needs the role admin/) });
    expect(await as('operator')('--url', url, 'publish', 'system.QueuePaused', '-d', '{"queue":"realtime","operator":"somebody else"}')).toMatchObject({ code: 4, err: expect.stringMatching(/the site's own record/) });
    await as('operator')('--url', url, 'schedules', 'create', 's', '0 4 * * *', 'BackupSiteJob');
    const made = await eventually('the audit event', async () => JSON.parse((await as('admin')('--url', url, 'schedules', 'ls', '--json')).out) as { updatedBy: string }[]);
    expect(made[0]?.updatedBy).toBe('a-operator');
  });

  test('viewers see masks in the place of what the site hides', async () => {
    const read = async (who: string): Promise<string> => (await as(who)('--url', url, 'jobs', 'show', ((JSON.parse((await as(who)('--url', url, 'jobs', '--type', 'RunRuleEngineJob', '--json')).out) as { jobId: string }[])[0])?.jobId ?? '')).out;
    const seen = await eventually('the job', async () => {
      const text = await read('operator');
      return text.includes('customer') && text;
    });
    expect(seen).toContain('+49 30 901820');
    const masked = await read('viewer');
    expect(masked).toContain('customer');
    expect(masked).not.toContain('+49 30 901820');
    expect(masked).toMatch(/"id": "•••"/);
  });

  test('another host name, another origin and a wrong token are refused; after ten wrong ones the address waits; a revoked one is out at once', async () => {
    const { request } = await import('node:https');
    const ask = (headers: Record<string, string>, path = '/api/v1/site/status', method = 'GET'): Promise<{ status: number; headers: Record<string, unknown> }> =>
      new Promise((resolve, reject) => {
        const call = request(new URL(path, url), { method, headers, rejectUnauthorized: false }, (response) => {
          response.resume();
          resolve({ status: response.statusCode ?? 0, headers: response.headers });
        });
        call.on('error', reject);
        call.end();
      });
    const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
    const good = bearer(tokens.viewer ?? '');
    expect(await ask(good)).toMatchObject({ status: 200, headers: { 'strict-transport-security': expect.stringContaining('max-age') } });
    expect((await ask({ ...good, host: 'evil.example' })).status).toBe(421);
    expect((await ask({ ...good, origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask({ ...good, origin: new URL(url).origin })).status).toBe(200);
    expect((await ask({ ...good, 'sec-fetch-site': 'cross-site' }, '/api/v1/demo/start', 'POST')).status).toBe(403);
    await spineOn(site.folder)('tokens', 'revoke', 'a-admin');
    expect((await ask(bearer(tokens.admin ?? ''))).status).toBe(401);
    for (let i = 0; i < 9; i += 1) expect((await ask(bearer(`wrong-${i}`))).status).toBe(401);
    expect(await ask(bearer('wrong'))).toMatchObject({ status: 429, headers: { 'retry-after': expect.any(String) } });
    for (const token of Object.values(tokens)) expect(site.output).not.toContain(token);
  });
});
