import { describe, expect, it } from 'vitest';
import { verbatim } from '../../shared/i18n/translate.ts';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { verdictWords } from './verdict-words.ts';

type Input = Parameters<typeof verdictWords>[0];
const part = (name: string, health: 'ok' | 'down' | 'degraded'): Input['components'][number] => ({ id: 'nats', name, health, detail: verbatim(''), version: null });
const tier = (name: 'realtime' | 'interactive', verdict: SiteStatus['tiers'][number]['verdict']): SiteStatus['tiers'][number] => ({
  tier: name, verdict, targetMs: 100, budgetBurnt: 0, budgetBurntHour: 0, budgetBurntDay: 0, p50Ms: null, p95Ms: null, p99Ms: null, started: 0, late: 0, waiting: 0, running: 0, retrying: 0, oldestMs: null, sparkline: [],
});
const site = (more: Partial<Input>): Input => ({
  components: [part('NATS', 'ok')], tiers: [tier('realtime', 'kept'), tier('interactive', 'kept')], deadLetters: { waiting: 0, ignored: 0, newestMs: null }, setAside: { total: 0, newestMs: null }, ...more,
});

describe('verdictWords', () => {
  it('all well', () => expect(verdictWords(site({}))).toBe('All 2 promises kept. No dead letters.'));
  it('the worst comes first', () =>
    expect(verdictWords(site({ components: [part('NATS', 'down'), part('Relay', 'degraded')], tiers: [tier('realtime', 'broken'), tier('interactive', 'kept')], deadLetters: { waiting: 14, ignored: 0, newestMs: 1 } }))).toBe(
      'Down: NATS. Degraded: Relay. The realtime promise is broken. 14 dead letters wait for a decision.',
    ));
  it('does not claim a promise that nothing tells of', () => {
    expect(verdictWords(site({ tiers: [tier('realtime', 'kept'), tier('interactive', 'unknown')] }))).toContain('1 promise kept, nothing to judge the others by.');
    expect(verdictWords(site({ tiers: [tier('realtime', 'unknown')] }))).toContain('no job has started');
  });
});
