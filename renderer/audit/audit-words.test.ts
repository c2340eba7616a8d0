import { describe, expect, test } from 'vitest';
import { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import { auditWords } from './audit-words.ts';

const audited = new EventCatalogue().all().filter(({ example }) => typeof (example as { operator?: unknown }).operator === 'string');

describe('an action in words', () => {
  test.each(audited.map(({ type, example }) => [type, example as Record<string, unknown>] as const))('%s has words of its own', (eventType, data) => {
    const words = auditWords({ eventType, data });
    expect(words).not.toBe(eventType);
    expect(words).toMatch(/^[a-z]/);
    expect(words).not.toMatch(/undefined| {2}| $/);
  });

  test('counts and choices are told', () => {
    expect(auditWords({ eventType: 'system.RedriveRequested', data: { jobs: 1, repeatUnsafe: true, edited: false } })).toBe('ran 1 dead letter again, unsafe ones too');
    expect(auditWords({ eventType: 'system.FamilyMarked', data: { mark: { kind: 'ignored' } } })).toBe('ignored a failure family');
  });
});
