import { describe, expect, test } from 'vitest';
import { verbatim } from './i18n/translate.ts';
import { event, job } from '../tests/support/trace-arbitraries.ts';
import { explainAbsence, explainOwed, type WhyNotFacts } from './why-not.ts';

const call = event('call', 1, 1_000, { eventType: 'communication.CallStarted' });
const action = event('action', 3, 1_020, { eventType: 'rule.ActionTriggered', causationId: 'call', jobId: 'rules' });
const rules = job('rules', 1, 'call', 1_000, { jobType: 'RunRuleEngineJob' });
const send = job('send', 2, 'action', 1_030, { jobType: 'SendOutgoingMessageJob', queue: 'interactive' });

const facts = (more: Partial<WhyNotFacts> = {}): WhyNotFacts => ({
  events: [call, action], jobs: [rules, send], setAside: [], routed: [],
  jobTypes: [
    { type: 'RunRuleEngineJob', queue: 'realtime', triggers: ['communication.*'], emits: ['rule.ConditionMatched', 'rule.ActionTriggered'] },
    { type: 'SendOutgoingMessageJob', queue: 'interactive', triggers: ['rule.ActionTriggered'], emits: ['communication.MessageSent'] },
    { type: 'SyncConnectorDataJob', queue: 'background', triggers: [], emits: null },
  ],
  owes: new Map([['call', ['RunRuleEngineJob']], ['action', ['SendOutgoingMessageJob']]]), pausedQueues: new Map(), held: null, works: true, ...more,
});
const told = (more: Partial<WhyNotFacts>, expected: string): string[] => {
  const { verdict, steps } = explainAbsence(facts(more), expected);
  return [verdict, ...steps.map(({ verdict: each, words, node }) => `${each} | ${words.text} | ${node ?? ''}`)];
};

describe('why did this not happen?', () => {
  test('it did', () => {
    expect(told({}, 'rule.ActionTriggered')).toEqual(['happened', 'happened | rule.ActionTriggered did happen. | event:action']);
    expect(told({}, 'RunRuleEngineJob')[0]).toBe('happened');
  });

  test.each([
    ['dead', { state: 'dead', attempts: 6, lastError: 'RetryableError: HTTP 503' }, /dead letter after 6 attempts: RetryableError: HTTP 503\. It waits for a person/],
    ['waiting', { state: 'waiting' }, /waits in the queue interactive for a free worker/],
    ['waiting', { state: 'retrying', attempts: 2, lastError: 'RetryableError: HTTP 503.' }, /failed in 2 attempts and will be tried again: RetryableError: HTTP 503\./],
    ['under-way', { state: 'running', attempts: 1 }, /is running its attempt 1/],
    ['decided', { state: 'discarded', attempts: 1, lastError: null }, /a person discarded it/],
  ] as const)('an event whose job is %s: %o', (verdict, more, words) => {
    const answer = explainAbsence(facts({ jobs: [rules, { ...send, ...more }] }), 'communication.MessageSent');
    expect(answer.verdict).toBe(verdict);
    expect(answer.steps[0]?.words.text).toMatch(words);
    expect(answer.steps[0]?.words.text).toContain('communication.MessageSent is published when SendOutgoingMessageJob succeeds.');
    expect(answer.steps[0]?.node).toBe('job:send');
  });

  test('a paused queue and an observer say so', () => {
    const waiting = { jobs: [rules, { ...send, state: 'waiting' as const }] };
    expect(told({ ...waiting, pausedQueues: new Map([['interactive', { operator: 'ops', reason: 'moving the receiver' }]]) }, 'SendOutgoingMessageJob')[1]).toContain('the queue interactive is paused (by ops: moving the receiver)');
    expect(told({ ...waiting, works: false }, 'SendOutgoingMessageJob')[1]).toContain('observer');
  });

  test('a handler that saw no reason, followed from the event to the job before', () => {
    expect(told({ events: [call], jobs: [rules] }, 'communication.MessageSent')).toEqual([
      'decided',
      'not-owed | SendOutgoingMessageJob is owed to rule.ActionTriggered, and none of that happened here. | ',
      'decided | RunRuleEngineJob ran to its end and did not publish rule.ActionTriggered: its handler saw no reason to. | job:rules',
    ]);
  });

  test('a condition that did not hold', () => {
    expect(told({ jobs: [rules], owes: new Map() }, 'SendOutgoingMessageJob')).toEqual(['not-owed', expect.stringContaining('rule.ActionTriggered can owe SendOutgoingMessageJob, but this one does not')]);
  });

  test.each([
    ['missing', [{ eventId: 'action', owed: 0 }], /the catalogue had no SendOutgoingMessageJob for it.*A replay/],
    ['missing', [{ eventId: 'action', owed: 1 }], /was routed and owed a job, but no SendOutgoingMessageJob is known here/],
    ['missing', [], /owes SendOutgoingMessageJob by today's catalogue, but had none when it was routed/],
    ['not-routed', [{ eventId: 'action', owed: null }], /has not been routed yet/],
  ] as const)('a job that is %s (%o)', (verdict, routed, words) => {
    const answer = explainAbsence(facts({ jobs: [rules], routed }), 'SendOutgoingMessageJob');
    expect(answer.verdict).toBe(verdict);
    expect(answer.steps[0]?.words.text).toMatch(words);
  });

  test('routing that is held says why; a trigger that threw, a message that was set aside', () => {
    expect(told({ jobs: [rules], routed: [{ eventId: 'action', owed: null }], held: verbatim('interactive has 100,000 waiting') }, 'SendOutgoingMessageJob')[1]).toContain('routing takes no events now: interactive has 100,000 waiting');
    const aside = { seq: 3, storedMs: 1_020, subject: 'rule.ActionTriggered', reason: 'trigger-failed', problem: 'x is not a function', eventId: 'action', causationId: 'call', jobId: 'rules' };
    expect(told({ jobs: [rules], setAside: [aside] }, 'SendOutgoingMessageJob').slice(0, 2)).toEqual(['set-aside', expect.stringMatching(/routing set it aside: x is not a function.*replay/)]);
    expect(told({ events: [call], setAside: [{ ...aside, reason: 'bad-payload', problem: 'data.ruleId: expected text' }] }, 'rule.ActionTriggered')).toEqual(['set-aside', expect.stringContaining('was sent, but set aside: data.ruleId: expected text')]);
  });

  test('what nobody is known to publish, a job type that is not there, one that only people and schedules ask for', () => {
    expect(told({}, 'ai.Dreamt')[0]).toBe('unknown');
    expect(told({}, 'DreamJob')).toEqual(['unknown', expect.stringContaining('Add the plugin that brings it')]);
    expect(told({}, 'SyncConnectorDataJob')).toEqual(['not-owed', expect.stringContaining('only a schedule, a person or another job')]);
  });

  test('what an event owes: each job with its state, or that it was routed to nothing', () => {
    expect(explainOwed(facts(), call).map(({ verdict }) => verdict)).toEqual(['happened']);
    expect(explainOwed(facts({ owes: new Map([['call', ['RunRuleEngineJob', 'GreetJob']]]) }), call).map(({ verdict, words }) => [verdict, words.text.includes('GreetJob')])).toEqual([['happened', false], ['missing', true]]);
    expect(explainOwed(facts({ owes: new Map(), routed: [{ eventId: 'x', owed: 0 }] }), event('x', 9, 1_000))).toMatchObject([{ verdict: 'not-owed', words: { text: 'No job type is triggered by data.Thing with this payload: it was routed to nothing.' }, node: 'event:x' }]);
  });
});
