import { describe, expect, it } from 'vitest';
import type { StreamInspection, StreamKeeper, StreamPlace } from '../event-bus/event-bus.ts';
import type { OperatorServices } from '../operator-api/services.ts';
import { listStreams, previewRetention } from './stream-answers.ts';

const DAY_MS = 86_400_000;
const now = Date.now();
const inspection = (part: Partial<StreamInspection>): StreamInspection => ({
  name: 'platform-events', messages: 1_000, bytes: 1_000_000, firstSeq: 1, lastSeq: 1_000, firstMs: now - 10 * DAY_MS, lastMs: now, maxAgeMs: 30 * DAY_MS, maxBytes: null, duplicateWindowMs: 1_200_000,
  lag: null, createdMs: 0, copyOf: null, subjects: ['system.*'], consumers: 1, storage: 'file', replicas: 1, deletionDenied: false, ...part,
});
const copy = (part: Partial<StreamInspection>): StreamInspection => inspection({ copyOf: 'platform-events', lag: 0, duplicateWindowMs: null, subjects: [], ...part });

/** A server with these streams, on which 100 messages a day were stored. */
function services(streams: readonly StreamInspection[], more: Partial<StreamKeeper> = {}): OperatorServices {
  const keeper: Partial<StreamKeeper> = {
    inspect: async () => [...streams],
    count: async (name: string, from: StreamPlace) => {
      const messages = streams.find((stream) => stream.name === name)?.messages ?? 0;
      return 'seq' in from ? messages : Math.min(messages, Math.round(((now - from.storedMs) / DAY_MS) * 100));
    },
    after: async (_name, seq) => [{ seq, subject: 's', headers: [], body: new Uint8Array(), storedMs: now - 10 * DAY_MS + (seq / 100) * DAY_MS }],
    refusal: async () => null,
    ...more,
  };
  const ages: Record<string, number> = { 'platform-events': 30 * DAY_MS, 'connector-data': 7 * DAY_MS, 'audit-log': 365 * DAY_MS };
  const retention = { configured: (name: string) => ({ maxAgeMs: ages[name] ?? null, maxBytes: null }), override: () => null, maxAgeMs: (name: string) => ages[name] ?? null, origins: () => ({ maxAge: 'default', maxBytes: 'default' }) };
  return { bus: { keeper }, retention, meter: { rate: async () => null } } as unknown as OperatorServices;
}

describe('what another retention would take away', () => {
  const preview = (maxAgeMs: number | null, maxBytes: number | null, more: Partial<StreamKeeper> = {}) => previewRetention(services([inspection({})], more), 'platform-events', { maxAgeMs, maxBytes });

  it('is counted by age', async () => {
    const { goes, cutoffMs, problem, messages } = await preview(3 * DAY_MS, null);
    expect({ goes, problem, messages }).toEqual({ goes: { messages: 700, exact: true, byAge: 700, byBytes: 0 }, problem: null, messages: 1_000 });
    expect(Math.abs((cutoffMs ?? 0) - (now - 3 * DAY_MS))).toBeLessThan(5_000);
  });
  it('is reckoned by size, and says so', async () => {
    const { goes, cutoffMs } = await preview(9 * DAY_MS, 250_000);
    expect(goes).toEqual({ messages: 750, exact: false, byAge: 100, byBytes: 750 });
    expect(cutoffMs).toBe(now - 10 * DAY_MS + 7.51 * DAY_MS);
  });
  it('is nothing where there is no limit, and all where the limit is tiny', async () => {
    expect(await preview(null, null)).toMatchObject({ goes: { messages: 0 }, cutoffMs: null });
    expect(await preview(null, 1)).toMatchObject({ goes: { messages: 1_000 }, cutoffMs: null });
    expect(await previewRetention(services([inspection({ messages: 0, bytes: 0, firstMs: null })]), 'platform-events', { maxAgeMs: DAY_MS, maxBytes: 1 })).toMatchObject({ goes: { messages: 0 } });
  });
  it('is refused below the duplicate window, and names both', async () => {
    expect((await preview(1_199_999, null)).problem?.text).toMatch(/^max_age of 1199\.999 s is shorter than duplicate_window, which is 20 min:/);
    expect((await preview(1_200_000, null)).problem).toBeNull();
  });
  it('says that the site’s user may not', async () => {
    const { problem } = await preview(DAY_MS, null, { refusal: async () => 'Permissions Violation for Publish' });
    expect(problem?.text).toBe('The site’s NATS user may not update streams (Permissions Violation for Publish). Allow it to publish to $JS.API.STREAM.UPDATE.platform-events, or let whoever runs the server change it there.');
  });
  it('is never allowed for the audit log', async () => {
    expect((await previewRetention(services([copy({ name: 'audit-log' })]), 'audit-log', { maxAgeMs: 400 * DAY_MS, maxBytes: null })).problem?.text).toContain('streams.auditLog');
  });
});

describe('drift', () => {
  const drift = async (...streams: StreamInspection[]): Promise<string[][]> => (await listStreams(services(streams))).streams.map((stream) => stream.drift.map(({ text }) => text));
  const healthy = [inspection({}), copy({ name: 'connector-data', maxAgeMs: 7 * DAY_MS, subjects: ['connector.*'] }), copy({ name: 'audit-log', maxAgeMs: 365 * DAY_MS, deletionDenied: true })] as const;

  it('is none on a healthy site', async () => expect(await drift(...healthy)).toEqual([[], [], []]));
  it.each([
    ['another age', { maxAgeMs: DAY_MS, deletionDenied: true }, /another time than it should/],
    ['an open audit log', { maxAgeMs: 365 * DAY_MS }, /Delete or purge is allowed/],
    ['memory', { maxAgeMs: 365 * DAY_MS, deletionDenied: true, storage: 'memory' }, /in memory only/],
    ['a copy that is ahead', { maxAgeMs: 365 * DAY_MS, deletionDenied: true, lastSeq: 1_001 }, /ahead of its origin/],
    ['a copy that is far behind', { maxAgeMs: 365 * DAY_MS, deletionDenied: true, lag: 10_001 }, /^It is 10,001 messages behind/],
    ['a copy that lacks some', { maxAgeMs: 365 * DAY_MS, deletionDenied: true, messages: 993 }, /^7 messages of its origin are missing here/],
  ] as const)('tells of %s', async (_name, part, words) => expect(await drift(healthy[0], healthy[1], copy({ name: 'audit-log', ...part }))).toEqual([[], [], [expect.stringMatching(words)]]));
});
