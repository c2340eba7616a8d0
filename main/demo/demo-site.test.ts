import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Envelope } from '../../shared/envelope.ts';
import { Envelope as EnvelopeSchema } from '../../shared/envelope.ts';
import { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import { SiteConfig } from '../config/site-config.ts';
import { checkRules } from '../rules/check-rules.ts';
import { RuleEngine, type RuleEvent } from '../rules/rule-engine.ts';
import { demoConfig } from './demo-config.ts';
import { DemoEndpoints, type DemoMood } from './demo-endpoints.ts';
import { DEAD_NUMBER, UNKNOWN_READER } from './demo-people.ts';
import { DemoSite } from './demo-site.ts';
import { DemoTraffic } from './demo-traffic.ts';

const QUICK: DemoMood = { random: () => 0.5, pace: 0, failureShare: 0 };

/** Numbers that look random and are the same each time. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

describe('DemoEndpoints', () => {
  let endpoints: DemoEndpoints;
  const open = async (mood: Partial<DemoMood> = {}): Promise<void> => {
    endpoints = new DemoEndpoints({ ...QUICK, ...mood });
    await endpoints.start();
  };
  afterEach(() => endpoints.stop());
  const post = async (path: string, body: unknown, key = 'k'): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(`${endpoints.url}${path}`, { method: 'POST', headers: { 'idempotency-key': key }, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('gives the same answer to the same idempotency key', async () => {
    await open();
    const first = await post('/ops', { to: 'ops' });
    expect(first).toEqual({ status: 202, body: { id: 'demo-msg-1' } });
    expect(await post('/ops', { to: 'ops' })).toEqual(first);
    expect((await post('/ops', { to: 'ops' }, 'other')).body.id).toBe('demo-msg-2');
  });

  it('fails at first now and then, and accepts the next attempt', async () => {
    await open({ failureShare: 1 });
    expect((await post('/calls', { to: '1' })).status).toBe(503);
    expect((await post('/calls', { to: '1' })).status).toBe(202);
  });

  it('refuses for good what leads nowhere', async () => {
    await open();
    expect((await post('/ops', { to: UNKNOWN_READER })).status).toBe(400);
    expect((await post('/calls', { to: DEAD_NUMBER })).status).toBe(400);
    expect((await post('/nothing', {})).status).toBe(404);
    expect((await fetch(`${endpoints.url}/ops`, { method: 'POST', body: 'not JSON' })).status).toBe(400);
  });

  it('answers as a model that says it is none', async () => {
    await open();
    const { body } = await post('/v1/chat/completions', { messages: [{ role: 'user', content: 'Are we open?' }] });
    expect(body).toMatchObject({ model: 'demo-model', choices: [{ message: { content: expect.stringMatching(/^Demo endpoint: .*Are we open\?/) } }] });
  });

  it('lists customers, and says when nothing has changed', async () => {
    await open();
    const first = await fetch(`${endpoints.url}/crm/customers`);
    expect(((await first.json()) as { customers: unknown[] }).customers.length).toBeGreaterThan(10);
    const again = await fetch(`${endpoints.url}/crm/customers`, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
    expect([200, 304]).toContain(again.status);
  });
});

describe('DemoTraffic', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('publishes valid events of all kinds, a few a second, and every demo rule finds its event', async () => {
    const events: Envelope[] = [];
    const traffic = new DemoTraffic({ publish: async (event) => void events.push(event), onError: (error) => { throw error; }, asksModel: true, random: sequence(7) });
    traffic.start();
    const minutes = 10;
    await vi.advanceTimersByTimeAsync(minutes * 60_000);
    await traffic.stop();
    const perSecond = events.length / minutes / 60;
    expect(perSecond).toBeGreaterThan(2);
    expect(perSecond).toBeLessThan(6);
    expect(traffic.published).toBe(events.length);

    const catalogue = new EventCatalogue();
    for (const event of events) {
      expect(EnvelopeSchema.safeParse(event).success).toBe(true);
      expect(catalogue.check(event)).toEqual({ verdict: 'valid' });
      expect(event.source).toMatch(/^demo\./);
    }
    expect(new Set(events.map(({ eventType }) => eventType))).toEqual(new Set([
      'communication.CallStarted', 'communication.CallEnded', 'communication.MessageReceived', 'ai.QueryReceived',
      'connector.DataReceived', 'connector.LocationUpdated', 'system.JobRequested',
    ]));
    const calls = events.filter(({ eventType }) => eventType === 'communication.CallEnded');
    expect(calls.every((end) => events.some(({ eventId, correlationId }) => eventId === end.causationId && correlationId === end.correlationId))).toBe(true);

    const { rules } = demoConfig('http://127.0.0.1:1', { telephony: true, fax: true });
    checkRules(rules);
    const engine = new RuleEngine(rules);
    const held = new Set<string>();
    for (const event of events) for (const { rule } of await engine.evaluate(event as RuleEvent)) held.add(rule.id);
    expect([...held].sort()).toEqual(rules.map(({ id }) => id).sort());
  });

  it('publishes nothing after it was stopped', async () => {
    const publish = vi.fn(async () => {});
    const traffic = new DemoTraffic({ publish, onError: () => {}, asksModel: false, random: sequence(1) });
    traffic.start();
    await vi.advanceTimersByTimeAsync(5_000);
    await traffic.stop();
    const before = publish.mock.calls.length;
    expect(before).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(publish).toHaveBeenCalledTimes(before);
  });
});

describe('DemoSite', () => {
  const siteOf = (given: unknown) => {
    const config = SiteConfig.parse(given);
    const sync = vi.fn(async () => {});
    const events: Envelope[] = [];
    const demo = new DemoSite({ config, rules: { sync }, publish: async (event) => void events.push(event), onError: (error) => { throw error; }, mood: { ...QUICK, random: sequence(3) } });
    return { config, sync, events, demo };
  };

  it('adds its parts while it runs, and takes them out again', async () => {
    const { config, sync, events, demo } = siteOf({});
    const before = structuredClone(config);
    await demo.start();
    expect(demo.running).toBe(true);
    expect(config.channels['demo-ops']).toBeDefined();
    expect(config.gateways.telephony).toBeDefined();
    expect(config.llm?.model).toBe('demo-model');
    expect(SiteConfig.safeParse({ ...config, streams: undefined }).success).toBe(true);
    expect(sync).toHaveBeenLastCalledWith(expect.arrayContaining([expect.objectContaining({ id: 'demo-vip-call' })]));
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(0), 10_000);
    await demo.close();
    expect(demo.running).toBe(false);
    expect(demo.published).toBe(events.length);
    expect(config).toEqual(before);
    expect(sync).toHaveBeenLastCalledWith([]);
  });

  it('leaves the gateways and the model of the site alone, and asks nothing of them', async () => {
    const own = { gateways: { telephony: { url: 'https://pbx.example.org/' } }, llm: { url: 'https://llm.example.org/', model: 'm' } };
    const { config, demo } = siteOf(own);
    await demo.start();
    expect(config.gateways.telephony?.url).toBe('https://pbx.example.org/');
    expect(config.llm?.model).toBe('m');
    const jobs = demo.config()?.rules.flatMap(({ actions }) => actions.map(({ jobType }) => jobType));
    expect(jobs).not.toContain('PlaceCallJob');
    expect(jobs).toContain('SendFaxJob');
    await demo.close();
    expect(config).toEqual(SiteConfig.parse(own));
  });

  it('can be started and stopped over and over', async () => {
    const { demo } = siteOf({});
    await Promise.all([demo.start(), demo.start(), demo.stop(), demo.start()]);
    expect(demo.running).toBe(true);
    await demo.stop();
    expect(demo.running).toBe(false);
    await demo.close();
  });
});
