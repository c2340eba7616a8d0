import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEvent } from './envelope.ts';
import { JobCatalogue } from './job-catalogue/index.ts';
import { ACTING_VERDICTS } from './operator-api/replays-contract.ts';
import { filterHolds, type JobFate, replayVerdict } from './replay-rule.ts';

const fates = fc.constantFrom<JobFate>('missing', 'under-way', 'done', 'dead');
const safeties = fc.constantFrom('idempotent', 'guarded', 'unsafe');
const modes = fc.constantFrom('missing', 'force');

it('acts on what never ran in either mode, and by default on nothing else', () => {
  fc.assert(fc.property(fates, safeties, modes, fc.boolean(), (fate, safety, mode, yes) => {
    const verdict = replayVerdict(fate, safety, mode, yes);
    const acts = ACTING_VERDICTS.includes(verdict);
    if (fate === 'missing') expect(verdict).toBe('enqueue');
    else if (mode === 'missing' || fate !== 'done') expect(acts).toBe(false);
    else expect(acts).toBe(safety !== 'unsafe' || yes);
    // Only what changes nothing by repetition, or was confirmed, runs under a key of its own.
    if (verdict === 'run-again') expect(safety === 'idempotent' || (safety === 'unsafe' && yes)).toBe(true);
  }));
});

it('filters by every condition, bounds included', () => {
  const event = { eventType: 'communication.CallStarted', source: 'pbx', correlationId: 'c' };
  const holds = (filter: Parameters<typeof filterHolds>[0]): boolean => filterHolds(filter, event, 10, 1_000);
  expect([{}, { fromMs: 1_000, toMs: 1_000, fromSeq: 10, toSeq: 10 }, { type: 'communication.*' }, { type: 'communication.CallStarted', source: 'pbx', correlationId: 'c' }].map(holds)).toEqual([true, true, true, true]);
  expect([{ fromMs: 1_001 }, { toMs: 999 }, { fromSeq: 11 }, { toSeq: 9 }, { type: 'communication.Call' }, { type: 'rule.*' }, { source: 'x' }, { correlationId: 'x' }].map(holds)).not.toContain(true);
});

it('an event that follows from a restrained replay owes idempotent jobs only', () => {
  const jobs = new JobCatalogue();
  const action = (restrained?: boolean) => createEvent({ eventType: 'rule.ActionTriggered', source: 'rules', data: { ruleId: 'r', jobType: 'SendOutgoingMessageJob', input: {} }, ...(restrained === undefined ? {} : { replay: { id: '0b7c1c0e-8d3f-4f4b-9d0a-3a5b1f6c2e11', restrained } }) });
  expect([undefined, false, true].map((restrained) => jobs.owedBy(action(restrained)).length)).toEqual([1, 1, 0]);
});
