/** What a job has been doing since it was enqueued, one span after the other. Pure. */
import type { JobWithAttempts } from '../../shared/operator-api/index.ts';

export interface JobSpan {
  readonly kind: 'wait' | 'run' | 'failed' | 'retry';
  readonly ms: number;
  /** The attempt that ran, or that is waited for. */
  readonly attempt: number;
}

/** @param nowMs end of what is still going on; null if the job has ended. */
export function spansOf(job: Pick<JobWithAttempts, 'enqueuedMs' | 'attemptList'>, nowMs: number | null): JobSpan[] {
  const spans: JobSpan[] = [];
  let at = job.enqueuedMs;
  const add = (kind: JobSpan['kind'], until: number, attempt: number): void => {
    spans.push({ kind, ms: Math.max(0, until - at), attempt });
    at = Math.max(at, until);
  };
  for (const { attempt, startedMs, finishedMs, outcome } of job.attemptList) {
    add(attempt === 1 ? 'wait' : 'retry', startedMs, attempt);
    const end = finishedMs ?? nowMs;
    if (end === null) return spans;
    add(outcome === 'completed' || outcome === 'running' ? 'run' : 'failed', end, attempt);
  }
  const last = job.attemptList.at(-1);
  if (nowMs !== null && last?.outcome !== 'running') add(last ? 'retry' : 'wait', nowMs, (last?.attempt ?? 0) + 1);
  return spans;
}
