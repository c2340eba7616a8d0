/**
 * Reads everything that a site has put on the bus and into its ledger, and says what does not hang together: an event
 * that was not routed or routed without having been published, a cause or a job that is not there, a job whose
 * beginning or end was told twice or not at all. Reads on from where it was: a site can be audited after every run.
 */
import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import * as z from 'zod';
import { Envelope } from '../../shared/envelope.ts';
import { JobCatalogue } from '../../shared/job-catalogue/index.ts';

const STREAM = 'platform-events';
const ROUTING_CONSUMER = 'job-service';

/** An event of the stream, by its id; the same event may be stored more than once. */
export interface AuditedEvent {
  readonly eventId: string;
  /** Where it stands first in the stream. */
  readonly seq: number;
  readonly eventType: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly jobId: string | null;
  /** Ids of the jobs that it owes, by the job catalogue alone. */
  readonly owed: readonly string[];
  copies: number;
}
/** A job of the ledger. */
export interface AuditedJob {
  readonly jobId: string;
  readonly jobType: string;
  readonly correlationId: string;
  readonly triggeringEventId: string;
  /** The job that handed this one on; null if an event owes it. */
  readonly parentJobId: string | null;
  completed: number;
  dead: number;
  failed: number;
}

/** The catalogue of a site without plugins. */
const catalogue = new JobCatalogue();
const Enqueued = z.looseObject({ jobType: z.string(), correlationId: z.string(), triggeringEventId: z.string(), parentJobId: z.string().nullable() });

export class LineageAudit {
  readonly events = new Map<string, AuditedEvent>();
  readonly jobs = new Map<string, AuditedJob>();
  #lastSeq = 0;
  #lastLedgerId = 0;
  /** Events up to this sequence of the stream may miss their inbox row if they owe nothing. */
  #notesLostUntil = 0;
  #notesWereLost = false;

  /**
   * Postgres was killed. Inbox rows of events that owe nothing are written without waiting for the disk, since no work hangs on
   * them: the last of them may be gone with the server. Those of events that owe a job may never be.
   */
  postgresWasKilled(): void {
    this.#notesWereLost = true;
  }

  /**
   * Read what has come since the last time.
   * @param untilSeq sequence up to which the site has done everything (`seqAtRest`).
   * @returns what is wrong, in words; empty if nothing is.
   */
  async read(nats: NatsConnection, sql: pg.Client, untilSeq: number): Promise<string[]> {
    const wrong: string[] = [];
    if (this.#notesWereLost) this.#notesLostUntil = untilSeq;
    this.#notesWereLost = false;
    const newJobs = await this.#readLedger(sql);
    const newEvents = await this.#readStream(nats, untilSeq, wrong);
    for (const event of newEvents) this.#checkEvent(event, wrong);
    for (const job of newJobs) {
      const trigger = this.events.get(job.triggeringEventId);
      if (!trigger) wrong.push(`${job.jobType} ${job.jobId} was triggered by ${job.triggeringEventId}, which is not in the stream`);
      else if (job.parentJobId === null && !trigger.owed.includes(job.jobId)) wrong.push(`${job.jobType} ${job.jobId} is not owed by its ${trigger.eventType}`);
      else if (trigger.correlationId !== job.correlationId) wrong.push(`${job.jobType} ${job.jobId} has left the correlation of its event`);
    }
    this.#checkTellings(newEvents, newJobs, wrong);
    await this.#checkInbox(sql, untilSeq, wrong);
    return wrong;
  }

  async #readStream(nats: NatsConnection, untilSeq: number, wrong: string[]): Promise<AuditedEvent[]> {
    if (untilSeq <= this.#lastSeq) return [];
    const found: AuditedEvent[] = [];
    const consumer = await jetstream(nats).consumers.get(STREAM, { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.#lastSeq + 1 });
    const messages = await consumer.consume({ max_messages: 2_000 });
    for await (const message of messages) {
      const parsed = Envelope.safeParse(message.json());
      if (parsed.success) {
        const { eventId, eventType, correlationId, causationId = null, jobId = null } = parsed.data;
        const known = this.events.get(eventId);
        if (known) {
          known.copies += 1;
          if (known.eventType !== eventType || known.causationId !== causationId) wrong.push(`two different events have the id ${eventId}`);
        } else {
          const event = { eventId, seq: message.seq, eventType, correlationId, causationId, jobId, owed: catalogue.owedBy(parsed.data).map(({ id }) => id), copies: 1 };
          this.events.set(eventId, event);
          found.push(event);
        }
      } else wrong.push(`message ${message.seq} of the stream is no valid event`);
      this.#lastSeq = message.seq;
      if (message.seq >= untilSeq) break;
    }
    return found;
  }

  async #readLedger(sql: pg.Client): Promise<AuditedJob[]> {
    const { rows } = await sql.query<{ id: string; kind: string; job_id: string; detail: unknown }>(
      `SELECT id, kind, job_id, detail FROM spine.job_ledger WHERE id > $1 AND kind IN ('enqueued', 'completed', 'dead', 'failed') ORDER BY id`, [this.#lastLedgerId],
    );
    const found: AuditedJob[] = [];
    for (const { id, kind, job_id: jobId, detail } of rows) {
      this.#lastLedgerId = Number(id);
      if (kind === 'enqueued') {
        const job = { jobId, ...Enqueued.parse(detail), completed: 0, dead: 0, failed: 0 };
        this.jobs.set(jobId, job);
        found.push(job);
      } else {
        const job = this.jobs.get(jobId);
        if (job) job[kind as 'completed' | 'dead' | 'failed'] += 1;
      }
    }
    return found;
  }

  #checkEvent({ eventId, eventType, correlationId, causationId, jobId, owed }: AuditedEvent, wrong: string[]): void {
    for (const id of owed) if (!this.jobs.has(id)) wrong.push(`${eventType} ${eventId} owes the job ${id}, which is not in the ledger`);
    const cause = causationId === null ? null : this.events.get(causationId);
    if (cause === undefined) wrong.push(`${eventType} ${eventId} names a cause that is not in the stream: ${causationId}`);
    else if (cause && cause.correlationId !== correlationId) wrong.push(`${eventType} ${eventId} has left the correlation of its cause`);
    if (jobId === null) return;
    const job = this.jobs.get(jobId);
    if (!job) wrong.push(`${eventType} ${eventId} was emitted by the job ${jobId}, which is not in the ledger`);
    else if (job.triggeringEventId !== causationId) wrong.push(`${eventType} ${eventId} names another cause than its job has`);
  }

  /** Each job is told of once when it is enqueued, once when it ends, and once for each failed attempt in between. */
  #checkTellings(newEvents: readonly AuditedEvent[], newJobs: readonly AuditedJob[], wrong: string[]): void {
    const told = Map.groupBy(newEvents.filter(({ eventType }) => eventType.startsWith('job.')), ({ jobId }) => jobId);
    for (const { jobId, jobType, completed, dead, failed } of newJobs) {
      const count = (type: string): number => (told.get(jobId) ?? []).filter(({ eventType }) => eventType === type).length;
      const [tellings, ledger] = [
        { enqueued: count('job.Enqueued'), completed: count('job.Completed'), dead: count('job.DeadLettered'), failed: count('job.Failed') },
        { enqueued: 1, completed, dead, failed },
      ].map((counts) => JSON.stringify(counts));
      if (tellings !== ledger) wrong.push(`${jobType} ${jobId}: the bus tells ${tellings}, the ledger ${ledger}`);
      if (completed + dead !== 1) wrong.push(`${jobType} ${jobId} has ended ${completed + dead} times`);
    }
  }

  /** Published = routed: the inbox holds what the stream holds but for job.*, each event once, and nothing else. */
  async #checkInbox(sql: pg.Client, untilSeq: number, wrong: string[]): Promise<void> {
    const { rows } = await sql.query<{ event_id: string }>('SELECT event_id FROM spine.inbox WHERE stream_seq <= $1', [untilSeq]);
    const routed = new Set(rows.map(({ event_id }) => event_id));
    if (routed.size !== rows.length) wrong.push(`the inbox holds ${rows.length} rows of ${routed.size} events`);
    for (const { eventId, eventType, seq, owed } of this.events.values()) {
      // job.* events are not routed: no job type is triggered by one.
      if (eventType.startsWith('job.')) continue;
      if (routed.has(eventId) || (owed.length === 0 && seq <= this.#notesLostUntil)) continue;
      wrong.push(`${eventType} ${eventId} is on the bus and was not routed`);
    }
    for (const id of routed) if (!this.events.has(id)) wrong.push(`the inbox holds ${id}, which is not in the stream`);
  }
}

/**
 * Is everything done that the stream owes? Only then: every message is acknowledged (its jobs are committed), and after
 * that look no job and no outbox row is left, and after that look the stream has not grown.
 * @returns the last sequence of the stream at rest. @throws Error that says what is still under way.
 */
export async function seqAtRest(nats: NatsConnection, sql: pg.Client): Promise<number> {
  const manager = await jetstreamManager(nats);
  const lastSeq = async (): Promise<number> => (await manager.streams.info(STREAM)).state.last_seq;
  const before = await lastSeq();
  const { num_pending: pending, num_ack_pending: unacknowledged } = await manager.consumers.info(STREAM, ROUTING_CONSUMER);
  if (pending + unacknowledged > 0) throw new Error(`${pending} messages to deliver, ${unacknowledged} to acknowledge`);
  const { rows } = await sql.query<{ jobs: string; outbox: string }>(
    `SELECT (SELECT count(*) FROM pgboss.job WHERE name IN (SELECT DISTINCT detail->>'queue' FROM spine.job_ledger WHERE kind = 'enqueued')) AS jobs, (SELECT count(*) FROM spine.outbox) AS outbox`,
  );
  const [left] = rows;
  if (Number(left?.jobs) + Number(left?.outbox) > 0) throw new Error(`${left?.jobs} jobs on their queues, ${left?.outbox} events in the outbox`);
  const after = await lastSeq();
  if (after !== before) throw new Error(`the stream grew from ${before} to ${after}`);
  return after;
}
