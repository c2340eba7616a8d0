import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CancelledError, NotRetryableError, RateLimitedError, RetryableError } from '../../shared/errors.ts';
import { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import { judgeFailure } from './attempt-outcome.ts';

const definition = fc.constantFrom(...new JobCatalogue().all());
const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });
const error = fc.oneof(fc.constant(new RetryableError('away')), fc.nat({ max: 3_600_000 }).map((ms) => new RateLimitedError('slow down', ms)), fc.string().map((words) => new Error(words)), fc.anything());

describe('the verdict on a failed attempt', () => {
  test('every job that keeps failing dies after its last attempt, and not before', () => {
    fc.assert(
      fc.property(definition, error, random, (job, thrown, luck) => {
        for (let attempt = 1; attempt <= job.retry.maxAttempts; attempt += 1) {
          const verdict = judgeFailure(thrown, job, attempt, luck);
          if (attempt < job.retry.maxAttempts) expect(verdict).toMatchObject({ next: 'retry' });
          else expect(verdict).toEqual({ next: 'dead', reason: 'retries-exhausted' });
        }
      }),
    );
  });

  test('a wait that was asked for is kept, whatever the backoff', () => {
    fc.assert(
      fc.property(definition, fc.nat({ max: 3_600_000 }), random, (job, afterMs, luck) => {
        const verdict = judgeFailure(new RateLimitedError('slow down', afterMs), job, 1, luck);
        if (verdict.next === 'retry') expect(verdict.delayMs).toBeGreaterThanOrEqual(afterMs);
      }),
    );
  });

  test('what can’t be helped is not tried again, whatever the attempt', () => {
    fc.assert(
      fc.property(definition, fc.integer({ min: 1, max: 50 }), random, (job, attempt, luck) => {
        expect(judgeFailure(new NotRetryableError('no such customer'), job, attempt, luck)).toEqual({ next: 'dead', reason: 'not-retryable' });
        expect(judgeFailure(new CancelledError('by a person'), job, attempt, luck)).toEqual({ next: 'dead', reason: 'cancelled' });
      }),
    );
  });
});
