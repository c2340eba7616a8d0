/** What a replay does about a job that an event owes. Pure: the table of docs/replay.md is this file. */
import type { ReplayFilter, ReplayMode, ReplayVerdict } from './operator-api/replays-contract.ts';
import type { ReplaySafety } from './job-catalogue/define-job.ts';

/** How far a job has come: not known at all, on its queue, done with its effect on record, or a dead letter. */
export type JobFate = 'missing' | 'under-way' | 'done' | 'dead';

export function replayVerdict(fate: JobFate, safety: ReplaySafety, mode: ReplayMode, unsafeConfirmed: boolean): ReplayVerdict {
  // It never ran: running it repeats nothing, whatever its type.
  if (fate === 'missing') return 'enqueue';
  if (fate === 'under-way') return 'under-way';
  // Redriving is decided letter by letter; a second job beside a redrive would do the work twice.
  if (fate === 'dead') return 'dead-letter';
  if (mode === 'missing') return 'known';
  if (safety === 'idempotent') return 'run-again';
  if (safety === 'guarded') return 'find-record';
  return unsafeConfirmed ? 'run-again' : 'unsafe';
}

/** Does the filter hold for an event? `seq` and `storedMs` are its place in the stream. */
export function filterHolds(filter: ReplayFilter, event: { eventType: string; source: string; correlationId: string }, seq: number, storedMs: number): boolean {
  const { fromMs, toMs, fromSeq, toSeq, type, source, correlationId } = filter;
  if ((fromMs !== undefined && storedMs < fromMs) || (toMs !== undefined && storedMs > toMs)) return false;
  if ((fromSeq !== undefined && seq < fromSeq) || (toSeq !== undefined && seq > toSeq)) return false;
  if (type !== undefined && (type.endsWith('*') ? !event.eventType.startsWith(type.slice(0, -1)) : event.eventType !== type)) return false;
  return (source === undefined || event.source === source) && (correlationId === undefined || event.correlationId === correlationId);
}
