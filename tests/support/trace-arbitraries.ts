/** For tests: rows of lineage, and lineages of every shape (forests, gaps, cycles, retries, redrives, clocks that disagree). */
import fc from 'fast-check';
import type { AttemptRow, EventRow, JobWithAttempts } from '../../shared/operator-api/index.ts';

export interface Lineage {
  readonly events: EventRow[];
  readonly jobs: JobWithAttempts[];
}

export const event = (id: string, seq: number, storedMs: number, links: Partial<EventRow> = {}): EventRow => ({
  seq, eventId: id, eventType: 'data.Thing', eventVersion: '1.0', domain: 'data', source: 's', timestampMs: storedMs, storedMs, correlationId: 'c', causationId: null, jobId: null, verdict: 'valid', summary: 'x', ...links,
});

export const job = (id: string, ledgerId: number, trigger: string, enqueuedMs: number, links: Partial<JobWithAttempts> = {}): JobWithAttempts => ({
  jobId: id, jobType: 'SomeJob', queue: 'realtime', tier: 'realtime', state: 'completed', priority: 0, correlationId: 'c', triggeringEventId: trigger, parentJobId: null, redriveOf: null, replayOf: null, ledgerId,
  publishedMs: enqueuedMs, enqueuedMs, startedMs: null, finishedMs: null, retryAtMs: null, attempts: 0, lastError: null, attemptList: [], ...links,
});

export const attempt = (jobId: string, n: number, startedMs: number, finishedMs: number | null, outcome: AttemptRow['outcome'] = 'completed'): AttemptRow => ({
  jobId, attempt: n, outcome, startedMs, finishedMs, worker: 'w', errorName: outcome === 'completed' || outcome === 'running' ? null : 'RetryableError', errorMessage: outcome === 'completed' || outcome === 'running' ? null : 'no', errorStack: null,
});

const STATES = ['waiting', 'running', 'retrying', 'completed', 'dead', 'redriven', 'discarded'] as const;
const TYPES = ['data.Thing', 'rule.Matched', 'communication.CallStarted'];

/** Links name ids that may not exist, times come from clocks of their own, and some links close cycles. */
export function lineages(size = 12): fc.Arbitrary<Lineage> {
  const index = fc.nat({ max: size });
  const time = fc.integer({ min: 0, max: 3_000 });
  const links = fc.record({ cause: fc.option(index, { nil: null, freq: 4 }), job: fc.option(index, { nil: null }), at: time, type: fc.constantFrom(...TYPES) });
  const jobs = fc.record({
    trigger: index, parent: fc.option(index, { nil: null, freq: 2 }), redrive: fc.option(index, { nil: null, freq: 1 }), at: time, state: fc.constantFrom(...STATES), type: fc.constantFrom('SomeJob', 'OtherJob'),
    runs: fc.array(fc.record({ wait: fc.nat({ max: 400 }), run: fc.nat({ max: 200 }) }), { maxLength: 3 }),
  });
  return fc.tuple(fc.array(links, { maxLength: size }), fc.array(jobs, { maxLength: size })).map(([someEvents, someJobs]) => ({
    events: someEvents.map(({ cause, job: by, at, type }, n) => event(`e${n}`, n + 1, 1_000 + at, { eventType: type, causationId: cause === null ? null : `e${cause}`, jobId: by === null ? null : `j${by}` })),
    jobs: someJobs.map(({ trigger, parent, redrive, at, state, type, runs }, n) => {
      let clock = 1_000 + at;
      const attemptList = runs.map(({ wait, run }, turn) => {
        const startedMs = (clock += wait);
        clock += run;
        const last = turn === runs.length - 1;
        return attempt(`j${n}`, turn + 1, startedMs, last && state === 'running' ? null : clock, !last ? 'failed' : state === 'completed' ? 'completed' : state === 'running' ? 'running' : 'failed');
      });
      return job(`j${n}`, n + 1, `e${trigger}`, 1_000 + at, { jobType: type, state, parentJobId: parent === null ? null : `j${parent}`, redriveOf: redrive === null || redrive === n ? null : `j${redrive}`, attemptList, attempts: attemptList.length });
    }),
  }));
}
