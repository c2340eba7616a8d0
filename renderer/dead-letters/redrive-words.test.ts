import { describe, expect, test } from 'vitest';
import type { RedrivePreview } from '../../shared/operator-api/index.ts';
import { consequencesOf, progressWords, scopeWords } from './redrive-words.ts';

const preview = (more: Partial<RedrivePreview>): RedrivePreview => ({
  asOfMs: 0, total: 42, willRun: 42, skipped: { alreadyDone: 0, unsafe: 0, unreadable: 0, unknownType: 0, invalidInput: 0 }, unsafe: 0, partlyDone: 0, inOtherRedrives: 0, inputsChecked: 42,
  jobTypes: [{ jobType: 'SendOutgoingMessageJob', queue: 'interactive', total: 42, willRun: 42, replaySafety: 'guarded', emits: ['communication.MessageSent'] }], problems: [], tookMs: 1, ...more,
});
const texts = (given: RedrivePreview, rate: number | null = null): string[] => consequencesOf(given, rate).map(({ text }) => text);

describe('the dry run in words', () => {
  test('says what runs, how long it takes, what it publishes and what the other side sees', () => {
    expect(texts(preview({}), 21)).toEqual([
      '42 jobs run again, each once and under its old idempotency key: SendOutgoingMessageJob.',
      'At 21 a second it takes 2 s.',
      'SendOutgoingMessageJob: the other side gets the same Idempotency-Key as before; if it honours the key, nothing happens twice there.',
      'Each SendOutgoingMessageJob that succeeds may publish communication.MessageSent.',
    ]);
  });

  test('says what is left out, and warns of what is unsafe', () => {
    const lines = consequencesOf(preview({
      willRun: 30, skipped: { alreadyDone: 8, unsafe: 3, unreadable: 0, unknownType: 0, invalidInput: 1 }, partlyDone: 2,
      jobTypes: [
        { jobType: 'SendOutgoingMessageJob', queue: 'interactive', total: 39, willRun: 30, replaySafety: 'guarded', emits: null },
        { jobType: 'PlaceCallJob', queue: 'realtime', total: 3, willRun: 0, replaySafety: 'unsafe', emits: [] },
      ],
      problems: [{ deadLetterId: 'x', jobType: 'SendOutgoingMessageJob', issues: [{ field: 'to', message: 'expected string' }] }],
    }), null);
    expect(lines.map(({ text }) => text)).toEqual(expect.arrayContaining([
      '8 are skipped: the effect is already recorded, so there is nothing to do again.',
      '3 are skipped: PlaceCallJob is unsafe to repeat, the effect may happen twice.',
      '1 is skipped: the input does not fit its schema. For example to: expected string.',
      '2 did a part before they died; what is on record is not done again.',
    ]));
    expect(lines.filter(({ warning }) => warning).length).toBe(2);
    expect(texts(preview({ total: 0, willRun: 0, jobTypes: [] }))).toEqual(['No dead letter of these waits for a decision any more.']);
  });
});

test('a scope and a progress are one line', () => {
  expect(scopeWords({ kind: 'filter', filter: { jobType: 'PlaceCallJob', text: 'busy' } })).toBe('all that waited, PlaceCallJob, with “busy”');
  expect(scopeWords({ kind: 'selection', deadLetterIds: ['a'] })).toBe('1 dead letter');
  const row = { total: 100, skipped: 10, redriven: 20, succeeded: 15, failed: 0, canary: 25, stateReason: null };
  expect(progressWords({ ...row, state: 'canary' })).toBe('15 of the first 25 have succeeded; the rest waits for them.');
  expect(progressWords({ ...row, state: 'done', redriven: 90, succeeded: 89, failed: 1 })).toBe('89 succeeded, 1 is a dead letter again.');
});
