/** Schedules and replays on a real site: what they bring about, what they must not, and that each action is on record first. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReplayDetail, ReplayRow, ScheduleRow, Trace } from '../shared/operator-api/index.ts';
import { checkConservation } from '../main/conservation/check-conservation.ts';
import { Receiver } from './support/receiver.ts';
import { sqlClient } from './support/site-clients.ts';
import { eventually, SiteProcess } from './support/site-process.ts';
import { vipCall, vipSite } from './support/vip-site.ts';

const receiver = new Receiver();
const gateway = new Receiver();
let site: SiteProcess;
let config: object;

beforeAll(async () => {
  config = vipSite(await receiver.start(), { gateways: { telephony: { url: await gateway.start() } }, plugins: { folder: 'plugins' } });
  site = new SiteProcess({ config });
  mkdirSync(join(site.folder, 'plugins'));
  await site.start();
});
afterAll(async () => {
  await site?.dispose();
  await receiver.stop();
  await gateway.stop();
});

const traceOf = (correlationId: string, done: (trace: Trace) => boolean): Promise<Trace> =>
  eventually(`the trace ${correlationId}`, async () => {
    const trace = await site.api<Trace>(`/traces/${correlationId}`);
    return trace.jobs.every(({ state }) => state === 'completed') && done(trace) && trace;
  });
const ended = (replayId: string): Promise<ReplayDetail> =>
  eventually(`the replay ${replayId} to end`, async () => {
    const detail = await site.api<ReplayDetail>(`/replays/${replayId}`);
    return detail.row.status !== 'running' && detail;
  });
const start = async (path: string, body: object): Promise<ReplayDetail> => ended((await site.api<{ replayId: string }>(path, body)).replayId);
const schedule = async (id: string): Promise<ScheduleRow> => {
  const found = (await site.api<{ schedules: ScheduleRow[] }>('/schedules')).schedules.find((each) => each.id === id);
  if (!found) throw new Error(`no schedule ${id}`);
  return found;
};

describe('a schedule', () => {
  test('is made, fires at its slots, is run by hand, paused, changed and removed; each is on record', async () => {
    await site.api('/schedules', { id: 'drill', cron: '* * * * * *', timeZone: 'Europe/Berlin', jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', subject: 'drill', body: 'drill' }, overlap: 'queue', reason: 'a test' });
    expect(await schedule('drill')).toMatchObject({ words: 'Every second', origin: 'operator', problem: null, nextMs: expect.objectContaining({ length: 5 }) });
    await eventually('two firings', async () => ((await site.api<{ firings: { outcome: string }[] }>('/schedules/drill/firings')).firings.filter(({ outcome }) => outcome === 'fired').length >= 2));
    await site.api('/schedules/drill/pause', { id: 'drill', reason: 'enough' });
    expect(await schedule('drill')).toMatchObject({ paused: { reason: 'enough' }, nextMs: [] });

    const run = await site.api<{ eventId: string; correlationId: string; jobId: string }>('/schedules/drill/run', { id: 'drill', reason: 'by hand' });
    const trace = await traceOf(run.correlationId, ({ jobs }) => jobs.some(({ jobId }) => jobId === run.jobId));
    // The audit event is the cause of the firing.
    expect(trace.events.map(({ eventType }) => eventType).slice(0, 2)).toEqual(['system.ScheduleRunRequested', 'system.ScheduleFired']);
    expect(receiver.received.filter(({ body }) => body.correlationId === run.correlationId)).toHaveLength(1);

    const again = await site.request('/api/v1/schedules/drill/pause', { id: 'drill', reason: 'again' });
    expect([again.status, await again.text()]).toEqual([409, expect.stringContaining('paused already')]);
    const wrong = await site.request('/api/v1/schedules/drill/change', { id: 'drill', cron: '0 25 * * *', timeZone: 'UTC', jobType: 'SendOutgoingMessageJob', input: {} });
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('is not a cron expression')]);
    const noInput = await site.request('/api/v1/schedules/drill/change', { id: 'drill', cron: '0 2 * * *', timeZone: 'UTC', jobType: 'SyncConnectorDataJob', input: {} });
    expect(await noInput.text()).toContain('data.connectorId');
    await site.api('/schedules/drill/change', { id: 'drill', cron: '0 2 * * *', timeZone: 'UTC', jobType: 'SyncConnectorDataJob', input: { connectorId: 'x' } });
    await site.api('/schedules/drill/resume', { id: 'drill', reason: '' });
    expect((await schedule('drill')).nextMs).toHaveLength(5);
    await site.api('/schedules/drill/remove', { id: 'drill', reason: 'done' });
    const audit = await eventually('the audit', async () => {
      const { events } = await site.api<{ events: { eventType: string }[] }>('/events?limit=500&filter[type]=system.Schedule*');
      const kinds = new Set(events.map(({ eventType }) => eventType.slice('system.Schedule'.length)));
      return kinds.has('Removed') && kinds;
    });
    expect([...audit].sort()).toEqual(['Changed', 'Created', 'Fired', 'Paused', 'Removed', 'Resumed', 'RunRequested']);
  });
});

describe('a replay', () => {
  test('routes what was missing: the plugin came a day late', async () => {
    const early = await site.publish('communication.VisitorArrived', { name: 'Ada', language: 'de' });
    await traceOf(early.correlationId, ({ events, jobs }) => events.length === 1 && jobs.length === 1);
    await site.stop();
    cpSync(join(import.meta.dirname, '../examples/plugins/greeter'), join(site.folder, 'plugins', 'greeter'), { recursive: true });
    writeFileSync(join(site.folder, 'spine.yaml'), stringify(config));
    await site.start();

    const filter = { type: 'communication.VisitorArrived', toMs: Date.now() };
    const dry = await start('/replays/dry-run', { filter });
    expect(dry.row).toMatchObject({ dryRun: true, status: 'completed', counts: { matched: 1, inInbox: 1, jobs: { GreetJob: { enqueue: 1 }, RunRuleEngineJob: { known: 1 } } } });
    expect((await site.api<Trace>(`/traces/${early.correlationId}`)).jobs).toHaveLength(1);

    const { row, jobs } = await start('/replays', { filter, reason: 'the plugin came late', dryRunId: dry.row.replayId });
    expect(row).toMatchObject({ dryRun: false, status: 'completed', counts: { matched: 1, jobs: { GreetJob: { enqueue: 1 } } } });
    const trace = await traceOf(early.correlationId, ({ events }) => events.some(({ eventType }) => eventType === 'communication.VisitorGreeted'));
    expect(trace.jobs.find(({ jobType }) => jobType === 'GreetJob')).toMatchObject({ jobId: jobs[0]?.jobId, replayOf: row.replayId });
    // Again: there is nothing left to do.
    expect((await start('/replays', { filter, reason: 'again' })).row.counts.jobs).toMatchObject({ GreetJob: { known: 1 } });

    // The audit event was stored before the job that it let run.
    const audit = await traceOf(row.correlationId ?? '', ({ events }) => events.length === 2);
    expect(audit.events.map(({ eventType }) => eventType)).toEqual(['system.ReplayStarted', 'system.ReplayEnded']);
  });

  test('force repeats nothing outside where the effect is recorded, and refuses the unsafe without the explicit yes', async () => {
    const { correlationId } = await site.publish('communication.CallStarted', vipCall('call-replayed'));
    await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'PlaceCallJob', input: { to: '+49 30 1' } }, { correlationId });
    const before = await traceOf(correlationId, ({ events }) => events.some(({ eventType }) => eventType === 'communication.MessageSent') && events.some(({ eventType }) => eventType === 'communication.CallPlaced'));
    const sent = (): number => receiver.received.filter(({ body }) => body.correlationId === correlationId).length;
    const called = (): number => gateway.received.filter(({ body }) => body.correlationId === correlationId).length;
    expect([sent(), called()]).toEqual([1, 1]);

    const filter = { correlationId };
    const { row } = await start('/replays', { filter, mode: 'force', reason: 'rules have changed' });
    expect(row.counts.jobs).toMatchObject({ RunRuleEngineJob: { 'run-again': expect.any(Number) }, SendOutgoingMessageJob: { 'find-record': 1 }, PlaceCallJob: { unsafe: 1 } });
    const again = await traceOf(correlationId, ({ jobs, events }) => jobs.filter(({ replayOf }) => replayOf === row.replayId).length >= 3 && events.filter(({ eventType }) => eventType === 'rule.ActionTriggered').length === 3);
    // The rule ran again and asked for the message again; that event owes no message, since it follows from a replay.
    expect(again.jobs.filter(({ jobType }) => jobType === 'SendOutgoingMessageJob')).toHaveLength(2);
    expect([sent(), called()]).toEqual([1, 1]);
    expect(again.jobs.length).toBeGreaterThan(before.jobs.length);

    const yes = await start('/replays', { filter: { ...filter, type: 'rule.ActionTriggered' }, mode: 'force', unsafeConfirmed: true, reason: 'the call did not get through' });
    expect(yes.row.counts.jobs).toMatchObject({ PlaceCallJob: { 'run-again': 1 } });
    await eventually('the second call', async () => called() === 2);
    expect(sent()).toBe(1);
  });

  test('keeps its rate, is cancelled, and goes on after a restart', async () => {
    const events = Array.from({ length: 30 }, (_, n) => ({ eventType: 'communication.VisitorArrived', source: 'slow', data: { name: `Visitor ${n}`, language: 'en' } }));
    for (const event of events) await site.publish(event.eventType, event.data, { source: 'slow' });
    await eventually('all greeted', async () => (await start('/replays/dry-run', { filter: { source: 'slow' } })).row.counts.jobs.GreetJob?.known === 30);
    const body = { filter: { source: 'slow' }, mode: 'force', jobsPerSecond: 4, reason: 'slowly' };
    const first = await site.api<{ replayId: string }>('/replays', body);
    const some = (replayId: string): Promise<ReplayRow> => eventually('some of it', async () => {
      const { row } = await site.api<ReplayDetail>(`/replays/${replayId}`);
      return row.counts.matched > 1 && row;
    });
    expect((await some(first.replayId)).status).toBe('running');
    await site.api(`/replays/${first.replayId}/cancel`, { replayId: first.replayId, reason: 'wrong one' });
    const cancelled = await ended(first.replayId);
    expect(cancelled.row.status).toBe('cancelled');
    expect(cancelled.row.counts.matched).toBeLessThan(30);

    const second = await site.api<{ replayId: string }>('/replays', { ...body, jobsPerSecond: 8 });
    await some(second.replayId);
    await site.kill();
    await site.start();
    const { row } = await ended(second.replayId);
    // Each event once, in spite of the kill.
    expect(row.counts).toMatchObject({ matched: 30, jobs: { GreetJob: { 'run-again': 30 } } });
    const sql = await sqlClient(site);
    const { rows } = await sql.query<{ n: number }>('SELECT count(*)::int AS n FROM spine.replay_job WHERE replay_id = $1', [second.replayId]);
    expect(rows[0]?.n).toBe(Object.values(row.counts.jobs).reduce((sum, verdicts) => sum + (verdicts['run-again'] ?? 0), 0));
    await eventually('the books to balance', async () => (await checkConservation(sql, [])).violations.length === 0);
    await sql.end();
  });

  test('bounds with nothing between them are refused in words', async () => {
    const response = await site.request('/api/v1/replays/dry-run', { filter: { fromMs: Date.now() + 60_000 } });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('no event lies between its bounds')]);
  });
});
