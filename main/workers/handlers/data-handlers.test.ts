import { describe, expect, it } from 'vitest';
import { NotRetryableError } from '../../../shared/errors.ts';
import { RuleConfig, SiteConfig } from '../../config/site-config.ts';
import { attemptDouble } from './attempt-double.ts';
import { documentOf, lastWord } from './document-index.ts';
import { processIncomingData } from './process-incoming-data.ts';
import { runRuleEngine } from './run-rule-engine.ts';
import type { HandlerSettings } from './handler-settings.ts';
import { changedKeys } from './write-entity.ts';

describe('ProcessIncomingDataJob', () => {
  const settings = { config: SiteConfig.parse({ connectors: [{ id: 'crm', kind: 'folder', path: 'x', mapping: '[id, "x"].{ "entityType": "customer", "entityId": $, "attributes": {} }' }] }) } as HandlerSettings;

  it('hands each entity on under its own key', async () => {
    const attempt = attemptDouble('ProcessIncomingDataJob', { connectorId: 'crm', recordId: 'r', record: { id: 'c-1' } });
    await processIncomingData(settings)(attempt);
    expect(attempt.handedOn).toEqual([
      { jobType: 'WriteEntityJob', input: { entityType: 'customer', entityId: 'c-1', attributes: {}, connectorId: 'crm' }, key: 'customer:c-1' },
      { jobType: 'WriteEntityJob', input: { entityType: 'customer', entityId: 'x', attributes: {}, connectorId: 'crm' }, key: 'customer:x' },
    ]);
  });

  it('names the connector that is not configured', async () => {
    const running = processIncomingData(settings)(attemptDouble('ProcessIncomingDataJob', { connectorId: 'other', recordId: 'r', record: {} }));
    await expect(running).rejects.toThrow(expect.objectContaining({ constructor: NotRetryableError, code: 'setting_missing' }) as Error);
    await expect(running).rejects.toThrow('"other"');
  });
});

describe('RunRuleEngineJob', () => {
  const rule = (id: string): RuleConfig => RuleConfig.parse({ id, name: id, conditions: { all: [] }, actions: [{ jobType: 'PlaceCallJob', input: { to: '{{ data.from }}' } }] });
  const run = async (source: string): Promise<unknown> => {
    const rules = [rule('callback'), rule('demo-callback')];
    const attempt = attemptDouble('RunRuleEngineJob', { event: { eventId: '0d9f8c0e-46c1-4b1c-9df4-6d4ad1f6a002', eventType: 'communication.CallStarted', source, timestamp: 'now', data: { from: '+49' } } });
    await runRuleEngine({ rules: { all: async () => rules } })(attempt);
    return attempt.emitted;
  };

  it('tells what matched and what is asked for', async () => {
    expect(await run('pbx')).toContainEqual({ eventType: 'rule.ConditionMatched', data: { ruleId: 'callback', ruleName: 'callback', eventType: 'communication.CallStarted' } });
    expect(await run('pbx')).toContainEqual({ eventType: 'rule.ActionTriggered', data: { ruleId: 'callback', jobType: 'PlaceCallJob', input: { to: '+49' } } });
  });

  it('lets demo events trigger demo rules only', async () => {
    expect(await run('demo.pbx')).toEqual([
      { eventType: 'rule.ConditionMatched', data: { ruleId: 'demo-callback', ruleName: 'demo-callback', eventType: 'communication.CallStarted' } },
      { eventType: 'rule.ActionTriggered', data: { ruleId: 'demo-callback', jobType: 'PlaceCallJob', input: { to: '+49' } } },
    ]);
  });
});

it('finds the changed keys of an entity, whatever the order of keys', () => {
  expect(changedKeys({ a: 1, b: { x: 1, y: 2 }, gone: 1 }, { b: { y: 2, x: 1 }, a: 2, come: null })).toEqual(['a', 'come', 'gone']);
  expect(changedKeys({ a: [1, 2] }, { a: [2, 1] })).toEqual(['a']);
});

describe('documents', () => {
  it('take their title from what names the entity, and their text from all of it', () => {
    expect(documentOf({ entityType: 't', entityId: 'e-1', attributes: { subject: 'S', name: ' Ada ', n: 7, list: [{ deep: 'down' }] } })).toEqual({ title: 'Ada', body: 'S\n Ada \n7\ndown' });
    expect(documentOf({ entityType: 't', entityId: 'e-1', attributes: { name: '' } }).title).toBe('e-1');
  });

  it.each([
    ['ada lov', { before: 'ada', word: 'lov' }],
    ['lov', { before: '', word: 'lov' }],
    ['"ada lov', null], ['"ada lov"', null], ['ada -lov', null], ['ada or', null], ['ada !!', null], ['', null],
  ])('%j has the last word %j', (query, expected) => expect(lastWord(query)).toEqual(expected));
});
