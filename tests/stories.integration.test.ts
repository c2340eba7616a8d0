/** The stories of the house, on a real site with real servers, seen through its API. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEvent } from '../shared/envelope.ts';
import type { DeadLetterDetail, DocumentHit, SiteStatus, Trace } from '../shared/operator-api/index.ts';
import { buildTraceTree, type TraceNode } from '../shared/trace-tree.ts';
import { Receiver } from './support/receiver.ts';
import { natsClient, publishUntilAcked } from './support/site-clients.ts';
import { eventually, SiteProcess } from './support/site-process.ts';
import { vipCall, vipSite } from './support/vip-site.ts';

const receiver = new Receiver();
const mails: string[] = [];
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, _session, done) {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.on('end', () => {
      mails.push(text);
      done();
    });
  },
});
let site: SiteProcess;

beforeAll(async () => {
  const url = await receiver.start();
  await new Promise<void>((resolve) => {
    smtp.listen(0, '127.0.0.1', resolve);
  });
  const base = vipSite(url) as { channels: object };
  site = new SiteProcess({
    config: {
      ...base,
      channels: { ...base.channels, mail: { kind: 'smtp', host: '127.0.0.1', port: (smtp.server.address() as AddressInfo).port, from: 'spine@test.invalid' } },
      domains: ['warehouse'],
      connectors: [{ id: 'customers', kind: 'folder', path: 'drop', idField: 'id', mapping: '{ "entityType": "customer", "entityId": id, "attributes": { "name": name, "city": city } }' }],
      schedules: [{ id: 'every-ten-seconds', cron: '*/10 * * * * *', jobType: 'SyncConnectorDataJob', input: { connectorId: 'customers' } }],
    },
  });
  mkdirSync(join(site.folder, 'drop'));
  await site.start();
});
afterAll(async () => {
  await site?.dispose();
  await receiver.stop();
  await new Promise<void>((resolve) => {
    smtp.close(() => resolve());
  });
});

const shape = (nodes: readonly TraceNode[]): unknown[] =>
  nodes.map((node) => {
    const name = node.kind === 'event' ? node.event.eventType : node.kind === 'job' ? node.job.jobType : 'gap';
    return node.children.length > 0 ? [name, ...shape(node.children)] : name;
  });

/** The trace, once it holds so many events and jobs and all of them have ended. */
const finishedTrace = (correlationId: string, events: number, jobs = 1): Promise<Trace> =>
  eventually(`the trace ${correlationId} of ${events} events and ${jobs} jobs`, async () => {
    const trace = await site.api<Trace>(`/traces/${correlationId}`);
    return trace.events.length >= events && trace.jobs.length >= jobs && trace.jobs.every(({ state }) => state === 'completed') && trace;
  });

describe('the trace of a call', () => {
  test('CallStarted → rules → action → message, one tree, one correlation, delivered once', async () => {
    const { correlationId } = await site.publish('communication.CallStarted', vipCall('call-1'));
    const trace = await finishedTrace(correlationId, 4, 3);
    const [root, ...others] = buildTraceTree(trace.events, trace.jobs);
    expect(others).toEqual([]);
    expect(shape(root ? [root] : [])).toEqual([
      ['communication.CallStarted', ['RunRuleEngineJob', 'rule.ConditionMatched', ['rule.ActionTriggered', ['SendOutgoingMessageJob', ['communication.MessageSent', 'RunRuleEngineJob']]]]],
    ]);
    const delivered = receiver.received.filter(({ body }) => body.correlationId === correlationId);
    expect(delivered).toHaveLength(1);
    expect(delivered[0]).toMatchObject({ idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/), body: { body: 'VIP +49 30 901820 is on the line' } });
  });

  test('the outside caller’s trace context is carried to the outside receiver’s side of the bus', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const response = await site.request('/api/events', { eventType: 'communication.CallStarted', source: 'pbx', data: vipCall('call-traced') }, { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    const { correlationId } = (await response.json()) as { correlationId: string };
    const trace = await finishedTrace(correlationId, 4, 3);
    for (const { eventId } of trace.events) {
      const { envelope, headers } = await site.api<{ envelope: { traceContext: { traceparent: string } }; headers: { name: string; value: string }[] }>(`/events/${eventId}`);
      expect(envelope.traceContext.traceparent).toContain(traceId);
      expect(headers.find(({ name }) => name === 'traceparent')?.value).toContain(traceId);
      expect(headers.find(({ name }) => name === 'ce-specversion')?.value).toBe('1.0');
    }
  });

  test('any NATS client with the site’s credentials is heard, and delivering an event again adds nothing', async () => {
    const connection = await natsClient(site);
    const event = createEvent({ eventType: 'communication.CallStarted', source: 'raw-client', data: vipCall('call-2') });
    await publishUntilAcked(connection, event);
    await finishedTrace(event.correlationId, 4, 3);
    // Past the bus's own duplicate check: another message id, the same event.
    const { jetstream } = await import('@nats-io/jetstream');
    const { seq } = await jetstream(connection).publish(event.eventType, JSON.stringify(event), { msgID: `${event.eventId}-again` });
    await eventually('the repeated event to pass the projection', async () => (await site.api<SiteStatus>('/site/status')).projection.lastSeq >= seq);
    const trace = await finishedTrace(event.correlationId, 4, 3);
    expect(trace.jobs).toHaveLength(3);
    expect(receiver.received.filter(({ body }) => body.correlationId === event.correlationId)).toHaveLength(1);
    await connection.close();
  });

  test('a message goes out by SMTP too', async () => {
    const { correlationId } = await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'SendOutgoingMessageJob', input: { channel: 'mail', to: 'ada@test.invalid', subject: 'Hello', body: 'By mail' } });
    await finishedTrace(correlationId, 2, 2);
    expect(mails.filter((mail) => mail.includes('By mail'))).toHaveLength(1);
    expect(mails[0]).toMatch(/^Message-ID: </im);
  });
});

describe('data', () => {
  test('a file dropped into a folder ends in a search hit', async () => {
    writeFileSync(join(site.folder, 'drop', 'customers.csv'), 'id,name,city\nc-1,Ada Lovelace,London\nc-2,Konrad Zuse,Berlin\n');
    const hits = await eventually('a search hit for Zuse', async () => {
      const found = await site.api<{ hits: DocumentHit[] }>('/documents?query=zuse');
      return found.hits.length > 0 && found.hits;
    }, 40_000);
    expect(hits[0]).toMatchObject({ entityType: 'customer', entityId: 'c-2', version: 1 });
    // Two records: asked for, two received, sync completed, two created; one sync, and two each of mapping, writing and indexing.
    const trace = await finishedTrace(hits[0]?.correlationId ?? '', 6, 7);
    const types = trace.events.map(({ eventType }) => eventType);
    expect(types).toContain('connector.DataReceived');
    expect(types).toContain('data.EntityCreated');
    expect(trace.jobs.map(({ jobType }) => jobType)).toEqual(expect.arrayContaining(['SyncConnectorDataJob', 'ProcessIncomingDataJob', 'WriteEntityJob', 'IndexDocumentJob']));
    expect(buildTraceTree(trace.events, trace.jobs)).toHaveLength(1);
  });
});

describe('what can’t be done', () => {
  test('a job without its gateway fails with the missing setting, and can be redriven once', async () => {
    const { correlationId } = await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'PlaceCallJob', input: { to: '+49 30 1' } });
    const dead = await eventually('the dead letter', async () => {
      const { rows } = await site.api<{ rows: { deadLetterId: string; correlationId: string; errorMessage: string }[] }>('/dead-letters');
      return rows.find((row) => row.correlationId === correlationId);
    });
    expect(dead.errorMessage).toContain('gateways.telephony');
    const detail = await eventually('its attempt', async () => {
      const found = await site.api<DeadLetterDetail>(`/dead-letters/${dead.deadLetterId}`);
      return found.attempts.length > 0 && found;
    });
    expect(detail).toMatchObject({ replaySafety: 'unsafe', attempts: [{ attempt: 1, errorName: 'MissingSettingError', errorStack: expect.stringContaining('gateways.telephony') }] });
    await expect(site.api(`/dead-letters/${dead.deadLetterId}/redrive`, { reason: 'try' })).rejects.toThrow(/unsafe to repeat/);
    const redriven = await site.api<{ jobId: string }>(`/dead-letters/${dead.deadLetterId}/redrive`, { reason: 'try', unsafeConfirmed: true });
    await expect(site.api(`/dead-letters/${dead.deadLetterId}/redrive`, { reason: 'again', unsafeConfirmed: true })).rejects.toThrow(/already been redriven/);
    await eventually('the redriven job to die again', async () => {
      const { rows } = await site.api<{ rows: { deadLetterId: string }[] }>('/dead-letters');
      return rows.some(({ deadLetterId }) => deadLetterId === redriven.jobId);
    });
    await site.api(`/dead-letters/${redriven.jobId}/discard`, { reason: 'no gateway here' });
    const audit = await eventually('the audit events', async () => {
      const trace = await site.api<Trace>(`/traces/${correlationId}`);
      const types = new Set(trace.events.map(({ eventType }) => eventType));
      // The audit comes before the act: the job's state follows a moment later.
      return types.has('system.DeadLetterRedriven') && types.has('system.DeadLetterDiscarded') && trace.jobs.some(({ state }) => state === 'discarded') && trace;
    });
    expect(audit.jobs.find(({ jobId }) => jobId === redriven.jobId)).toMatchObject({ redriveOf: dead.deadLetterId, state: 'discarded' });
  });

  test('a failing receiver is tried again, with the same key, until it takes the message', async () => {
    let refusals = 2;
    receiver.answer = () => (refusals-- > 0 ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 });
    const { correlationId } = await site.publish('communication.CallStarted', vipCall('call-retried'));
    const trace = await finishedTrace(correlationId, 4, 3);
    receiver.answer = () => ({ status: 200 });
    const sends = receiver.received.filter(({ body }) => body.correlationId === correlationId);
    expect(sends).toHaveLength(3);
    expect(new Set(sends.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    const job = trace.jobs.find(({ jobType }) => jobType === 'SendOutgoingMessageJob');
    expect(job?.attemptList.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'completed']);
  });
});

describe('the edges', () => {
  test('an event of an unknown domain, or with a payload that breaks its schema, is refused with the field', async () => {
    const domain = await site.request('/api/events', { eventType: 'kitchen.TeaReady', source: 'x', data: {} });
    expect(domain.status).toBe(400);
    expect(await domain.json()).toMatchObject({ field: 'eventType', message: expect.stringContaining('warehouse') });
    const payload = await site.request('/api/events', { eventType: 'communication.CallStarted', source: 'x', data: { callId: 'a' } });
    expect(payload.status).toBe(400);
    expect(await payload.json()).toMatchObject({ field: 'data', message: expect.stringContaining('data.from') });
  });

  test('a type outside the catalogue, in a domain that the configuration adds, is accepted and marked', async () => {
    const { eventId } = await site.publish('warehouse.PalletMoved', { pallet: 7 });
    const detail = await eventually('the event', () => site.api<{ row: { verdict: string; domain: string } }>(`/events/${eventId}`));
    expect(detail.row).toMatchObject({ verdict: 'uncatalogued', domain: 'warehouse' });
  });

  test('without the token, from another page or by another name, nothing is answered', async () => {
    const status = async (init: RequestInit): Promise<number> => (await fetch(new URL('/api/v1/site/status', site.info.url), init)).status;
    expect(await status({})).toBe(401);
    expect(await status({ headers: { authorization: 'Bearer guess' } })).toBe(401);
    expect(await status({ headers: { authorization: `Bearer ${site.token}`, origin: 'http://evil.invalid' } })).toBe(403);
    expect(await status({ headers: { authorization: `Bearer ${site.token}` } })).toBe(200);
    const { request } = await import('node:http');
    const misnamed = await new Promise<number>((resolve, reject) => {
      request(new URL('/api/v1/site/status', site.info.url), { headers: { host: 'evil.invalid', authorization: `Bearer ${site.token}` } }, (response) => resolve(response.statusCode ?? 0)).on('error', reject).end();
    });
    expect(misnamed).toBe(421);
    const link = await site.launchUrl();
    const first = await fetch(link, { redirect: 'manual' });
    const second = await fetch(link, { redirect: 'manual' });
    expect([first.headers.has('set-cookie'), second.headers.has('set-cookie')]).toEqual([true, false]);
  });

  test('a schedule fires, and starts a correlation of its own', async () => {
    const fired = await eventually('a firing', async () => {
      const { events } = await site.api<{ events: { eventType: string; eventId: string; correlationId: string }[] }>('/events?filter[type]=system.ScheduleFired');
      return events[0];
    }, 75_000);
    expect(fired.correlationId).toBe(fired.eventId);
    const trace = await finishedTrace(fired.correlationId, 1);
    expect(trace.jobs[0]).toMatchObject({ jobType: 'SyncConnectorDataJob' });
  }, 90_000);

  test('its own description of the API lists every route', async () => {
    const description = (await (await site.request('/api/v1/openapi.json')).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(description.paths)).toEqual(expect.arrayContaining(['/site/status', '/traces/{correlationId}', '/dead-letters/{deadLetterId}/redrive', '/publish']));
  });
});
