import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextStep, type RedriveProgress } from './next-step.ts';

const at = (more: Partial<RedriveProgress>): RedriveProgress => ({ state: 'running', total: 100, skipped: 0, redriven: 0, succeeded: 0, failed: 0, canary: 0, stopRatio: null, ...more });

describe('a redrive', () => {
  test('runs its canary first, waits for it, and goes on only when all of it has succeeded', () => {
    expect(nextStep(at({ state: 'canary', canary: 10 }))).toMatchObject({ state: 'canary', mayHandOut: 10 });
    expect(nextStep(at({ state: 'canary', canary: 10, redriven: 10, succeeded: 9 }))).toMatchObject({ state: 'canary', mayHandOut: 0 });
    expect(nextStep(at({ state: 'canary', canary: 10, redriven: 10, succeeded: 10 }))).toMatchObject({ state: 'running', mayHandOut: 90 });
    expect(nextStep(at({ state: 'canary', canary: 10, redriven: 10, succeeded: 8, failed: 1 }))).toMatchObject({ state: 'stopped', mayHandOut: 0, finished: false, reason: { text: expect.stringContaining('1 of the first 10 failed') } });
  });

  test('stops above its failure ratio, not at it, and not before ten have ended', () => {
    expect(nextStep(at({ stopRatio: 0.2, redriven: 9, failed: 9 })).state).toBe('running');
    expect(nextStep(at({ stopRatio: 0.2, redriven: 10, succeeded: 8, failed: 2 })).state).toBe('running');
    expect(nextStep(at({ stopRatio: 0.2, redriven: 20, succeeded: 7, failed: 3 }))).toMatchObject({ state: 'stopped', finished: false, reason: { text: expect.stringContaining('30 %') } });
    expect(nextStep(at({ stopRatio: null, redriven: 50, failed: 50 })).state).toBe('running');
  });

  test('is done when all that was put on a queue has ended', () => {
    expect(nextStep(at({ redriven: 98, skipped: 2, succeeded: 90, failed: 1 }))).toMatchObject({ state: 'settling', finished: false });
    expect(nextStep(at({ state: 'settling', redriven: 98, skipped: 2, succeeded: 97, failed: 1 }))).toMatchObject({ state: 'done', finished: true });
    expect(nextStep(at({ state: 'cancelled', redriven: 5, succeeded: 4 }))).toMatchObject({ state: 'cancelled', finished: false, mayHandOut: 0 });
    expect(nextStep(at({ state: 'cancelled', redriven: 5, succeeded: 5 })).finished).toBe(true);
  });

  test('never hands out more than is left, and comes to an end however its jobs end', () => {
    const plan = fc.record({ total: fc.integer({ min: 1, max: 60 }), canary: fc.integer({ min: 0, max: 12 }), stopRatio: fc.option(fc.double({ min: 0, max: 1, noNaN: true })), outcomes: fc.infiniteStream(fc.boolean()), batch: fc.integer({ min: 1, max: 7 }), skips: fc.infiniteStream(fc.boolean()) });
    fc.assert(
      fc.property(plan, ({ total, canary, stopRatio, outcomes, batch, skips }) => {
        const progress = { ...at({ state: canary > 0 ? 'canary' : 'running', total, canary, stopRatio }) };
        for (let turn = 0; ; turn += 1) {
          expect(turn).toBeLessThan(1_000);
          const next = nextStep(progress);
          progress.state = next.state;
          expect(progress.skipped + progress.redriven + next.mayHandOut).toBeLessThanOrEqual(total);
          if (next.state === 'canary') expect(progress.redriven + next.mayHandOut).toBeLessThanOrEqual(canary);
          if (next.finished) break;
          for (let taken = Math.min(next.mayHandOut, batch); taken > 0; taken -= 1) progress[skips.next().value === true ? 'skipped' : 'redriven'] += 1;
          if (progress.redriven > progress.succeeded + progress.failed) progress[outcomes.next().value === true ? 'succeeded' : 'failed'] += 1;
        }
        expect(progress.redriven).toBe(progress.succeeded + progress.failed);
        if (progress.state === 'done') expect(progress.redriven + progress.skipped).toBe(total);
      }),
    );
  });
});
