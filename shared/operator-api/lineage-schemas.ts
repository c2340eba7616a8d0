/** Rows of the lineage as the operator API gives them. Times are epoch ms unless a name says otherwise. */
import * as z from 'zod';
import { Tier } from '../tiers.ts';

/** How a payload stands to its catalogue entry. */
export const CatalogueVerdict = z.enum(['valid', 'uncatalogued']);

export const EventRow = z.object({
  /** Sequence in `platform-events`: the order of truth. */
  seq: z.int(),
  eventId: z.string(),
  eventType: z.string(),
  eventVersion: z.string(),
  domain: z.string(),
  source: z.string(),
  /** What the publisher said, epoch ms. */
  timestampMs: z.number(),
  /** When the bus stored it, epoch ms. */
  storedMs: z.number(),
  correlationId: z.string(),
  causationId: z.string().nullable(),
  jobId: z.string().nullable(),
  verdict: CatalogueVerdict,
  /** The payload on one line, cut to some 160 characters. */
  summary: z.string(),
});
export type EventRow = z.infer<typeof EventRow>;

export const JobState = z.enum(['waiting', 'running', 'retrying', 'completed', 'dead', 'cancelled', 'discarded', 'redriven']);
export type JobState = z.infer<typeof JobState>;

export const JobRow = z.object({
  jobId: z.string(),
  jobType: z.string(),
  queue: z.string(),
  tier: Tier,
  state: JobState,
  priority: z.int(),
  correlationId: z.string(),
  triggeringEventId: z.string(),
  parentJobId: z.string().nullable(),
  /** The job (a dead letter) that this one runs again. */
  redriveOf: z.string().nullable(),
  /** The replay that put it on its queue. */
  replayOf: z.string().nullable(),
  /** Ledger id of its enqueueing: the order of truth among jobs. */
  ledgerId: z.int(),
  publishedMs: z.number(),
  enqueuedMs: z.number(),
  startedMs: z.number().nullable(),
  finishedMs: z.number().nullable(),
  /** Next attempt's time while retrying. */
  retryAtMs: z.number().nullable(),
  attempts: z.int(),
  lastError: z.string().nullable(),
});
export type JobRow = z.infer<typeof JobRow>;

export const AttemptRow = z.object({
  jobId: z.string(),
  attempt: z.int(),
  outcome: z.enum(['running', 'completed', 'failed', 'dead', 'cancelled', 'lost']),
  startedMs: z.number(),
  finishedMs: z.number().nullable(),
  worker: z.string().nullable(),
  errorName: z.string().nullable(),
  errorMessage: z.string().nullable(),
  errorStack: z.string().nullable(),
});
export type AttemptRow = z.infer<typeof AttemptRow>;

export const JobWithAttempts = JobRow.extend({ attemptList: z.array(AttemptRow) });
export type JobWithAttempts = z.infer<typeof JobWithAttempts>;

export const TraceSummary = z.object({
  correlationId: z.string(),
  /** Type of the first event we hold. */
  rootType: z.string(),
  source: z.string(),
  startedMs: z.number(),
  /** Last thing that happened in it. */
  lastMs: z.number(),
  events: z.int(),
  jobs: z.int(),
  /** Jobs that wait, run or retry. */
  open: z.int(),
  dead: z.int(),
  /** Attempts that failed or were lost, also where a later one went well. */
  failures: z.int(),
});
export type TraceSummary = z.infer<typeof TraceSummary>;

/** A message of the correlation that was set aside: it is no event, or its trigger threw, so it owes nothing until a person acts. */
export const SetAsideInTrace = z.object({
  /** Sequence in `platform-events`. */
  seq: z.int(),
  storedMs: z.number(),
  subject: z.string(),
  reason: z.string(),
  problem: z.string(),
  /** What its body says of itself, as far as it could be read. */
  eventId: z.string().nullable(),
  causationId: z.string().nullable(),
  jobId: z.string().nullable(),
});
export type SetAsideInTrace = z.infer<typeof SetAsideInTrace>;

/** What routing recorded of an event without jobs: how many jobs it owed then; null while it has not been routed. */
export const RoutedAs = z.object({ eventId: z.string(), owed: z.int().nullable() });
export type RoutedAs = z.infer<typeof RoutedAs>;
