/**
 * One batch of a replay: which jobs its events owe, how far those have come, and what to do about each, in one
 * transaction with the replay's progress. Dying before the commit does nothing; going on after it repeats nothing.
 */
import type { Envelope } from '../../shared/envelope.ts';
import { messageOf } from '../../shared/errors.ts';
import { type JobCatalogue, type JobPayload, type OwedJob, replayJobId } from '../../shared/job-catalogue/index.ts';
import { ACTING_VERDICTS, type ReplayCounts, type ReplayJob, type ReplayRow, type ReplayVerdict } from '../../shared/operator-api/index.ts';
import { filterHolds, replayVerdict } from '../../shared/replay-rule.ts';
import type { Sql } from '../database/database.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';
import type { JobQueue } from '../job-queue/job-queue.ts';
import { newJob } from '../job-queue/new-job.ts';
import { writeRecords } from '../job-queue/records.ts';
import type { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import { readEvent } from '../routing/read-event.ts';
import { enterInbox } from '../routing/inbox.ts';
import { fatesOf, inInbox, recordReplayJobs } from './replay-store.ts';

/** Jobs that a dry run keeps as examples. */
const EXAMPLES = 200;
/** Serializes what replays put on the queues, in all processes: two that saw the same job missing would both enqueue it. */
const REPLAY_LOCK = 7_205_001;

export interface BatchContext {
  readonly jobs: JobCatalogue;
  readonly events: EventCatalogue;
  readonly queue: JobQueue;
  readonly source: string;
}

/** An event that the filter holds for, with the jobs that it owes. */
export interface MatchedEvent {
  readonly event: Envelope;
  readonly message: StoredMessage;
  readonly owed: readonly OwedJob[];
}

/** The events of a batch that the replay is about; counts what is not. */
export function matchEvents(replay: ReplayRow, messages: readonly StoredMessage[], { events, jobs }: BatchContext, counts: ReplayCounts): MatchedEvent[] {
  const matched: MatchedEvent[] = [];
  for (const message of messages) {
    counts.read += 1;
    const read = readEvent(message, events);
    if (!read.ok) {
      counts.unreadable += 1;
      continue;
    }
    if (!filterHolds(replay.filter, read.event, message.seq, message.storedMs)) continue;
    counts.matched += 1;
    try {
      const owed = jobs.owedBy(read.event);
      if (owed.length === 0) counts.oweNothing += 1;
      else matched.push({ event: read.event, message, owed });
    } catch (error) {
      throw new Error(`the trigger of a job type failed for the event ${read.event.eventId} (sequence ${message.seq}): ${messageOf(error)}`, { cause: error });
    }
  }
  return matched;
}

interface Judged extends MatchedEvent {
  readonly job: OwedJob;
  readonly verdict: ReplayVerdict;
}

/** Deal with matched events. @returns the queues that got jobs, and how many. */
export async function replayEvents(tx: Sql, replay: ReplayRow, events: readonly MatchedEvent[], context: BatchContext, counts: ReplayCounts): Promise<{ queues: Set<string>; enqueued: number }> {
  if (events.length === 0) return { queues: new Set(), enqueued: 0 };
  const eventIds = events.map(({ event }) => event.eventId);
  if (replay.dryRun) counts.inInbox += (await inInbox(tx, eventIds)).size;
  else {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [REPLAY_LOCK]);
    // Into the inbox first: routing that has the event in hand right now either committed its jobs, which are seen below, or finds the row.
    const fresh = await enterInbox(tx, events.map(({ event, message, owed }) => ({ eventId: event.eventId, eventType: event.eventType, seq: message.seq, owed: owed.length })));
    counts.inInbox += eventIds.length - fresh.size;
  }
  const fates = await fatesOf(tx, events.flatMap(({ owed }) => owed.map(({ id }) => id)));
  const seen = new Set<string>();
  const judged: Judged[] = [];
  for (const matched of events) {
    for (const job of matched.owed) {
      // The same event twice in the stream owes its jobs once.
      if (seen.has(job.id)) continue;
      seen.add(job.id);
      const verdict = replayVerdict(fates.get(job.id) ?? 'missing', job.definition.replaySafety, replay.mode, replay.unsafeConfirmed);
      const ofType = (counts.jobs[job.definition.type] ??= {});
      ofType[verdict] = (ofType[verdict] ?? 0) + 1;
      judged.push({ ...matched, job, verdict });
    }
  }
  if (replay.dryRun) {
    const found = Object.values(counts.jobs).flatMap((verdicts) => Object.values(verdicts)).reduce((sum, n) => sum + n, 0);
    await recordReplayJobs(tx, replay.replayId, judged.slice(0, Math.max(0, EXAMPLES - (found - judged.length))).map((each) => replayJob(each, each.job.id)));
    return { queues: new Set(), enqueued: 0 };
  }
  const acting = judged.filter(({ verdict }) => ACTING_VERDICTS.includes(verdict));
  const enqueued = acting.map((each) => ({ each, ...newJob(idOf(replay, each), each.job.definition, payloadOf(replay, each), context.source) }));
  await context.queue.enqueue(tx, enqueued.map(({ job }) => job));
  await writeRecords(tx, { ledger: enqueued.map(({ entry }) => entry), outbox: enqueued.map(({ event }) => event) });
  await recordReplayJobs(tx, replay.replayId, enqueued.map(({ each, job }) => replayJob(each, job.id)));
  return { queues: new Set(enqueued.map(({ job }) => job.queue)), enqueued: enqueued.length };
}

function idOf(replay: ReplayRow, { job, event, verdict }: Judged): string {
  return verdict === 'enqueue' ? job.id : replayJobId(replay.replayId, job.definition.type, event.eventId);
}

function payloadOf(replay: ReplayRow, each: Judged): JobPayload {
  const { event, job, verdict } = each;
  const now = Date.now();
  return {
    jobType: job.definition.type,
    triggeringEventId: event.eventId,
    correlationId: event.correlationId,
    ...(event.traceContext ? { traceContext: event.traceContext } : {}),
    input: job.input,
    // A guarded job keeps the key of the first one: what is on record, here or on the other side, is not repeated.
    idempotencyKey: verdict === 'run-again' ? idOf(replay, each) : job.id,
    // Its promise counts from the decision, not from the day on which the event was published.
    publishedMs: now,
    enqueuedMs: now,
    replay: { id: replay.replayId, restrained: verdict === 'run-again' && !replay.unsafeConfirmed },
  };
}

function replayJob({ event, message, job, verdict }: Judged, jobId: string): ReplayJob {
  return { jobId, jobType: job.definition.type, verdict, seq: message.seq, eventId: event.eventId, eventType: event.eventType, correlationId: event.correlationId };
}
