import { describe, expect, test } from 'vitest';
import type { SetupPlan } from '../../shared/desktop-api.ts';
import { stepsOf, summaryOf, withMode } from './setup-steps.ts';

const plan: SetupPlan = { dataFolder: '/data', nats: { kind: 'embedded' }, database: { kind: 'embedded' }, workers: true, demo: false };

describe('the course of the setup', () => {
  test('asks for addresses only when something is outside', () => {
    expect(stepsOf(plan).map(({ id }) => id)).toEqual(['mode', 'folder', 'start']);
    expect(stepsOf({ ...plan, nats: { kind: 'outside', url: 'nats://x', credentials: '' } }).map(({ id }) => id)).toEqual(['mode', 'servers', 'folder', 'start']);
  });

  test('keeps what was typed when one looks at the other choice', () => {
    const typed = withMode(plan, true, plan);
    const filled: SetupPlan = { ...typed, nats: { kind: 'outside', url: 'nats://bus.example:4222', credentials: 'SU…' } };
    const alone = withMode(filled, false, filled);
    expect(alone.nats).toEqual({ kind: 'embedded' });
    expect(withMode(alone, true, filled).nats).toEqual(filled.nats);
  });

  test('sums up without secrets', () => {
    const words = JSON.stringify(summaryOf({ ...plan, database: { kind: 'outside', url: 'postgres://spine:pw@db.example:5432/spine', password: 'secret' } }));
    expect(words).toContain('PostgreSQL at db.example:5432');
    expect(words).not.toMatch(/pw|secret/);
  });
});
