/**
 * An attempt's life, from top to bottom:
 *
 *   read payload → find definition and handler → give up a job whose workers keep vanishing → stop if done before
 *   → check input → run the handler under its timeout, inside its span → end it (finisher)
 */
import type pg from 'pg';
import { type EventCatalogue, describeIssues } from '../../shared/event-catalogue/index.ts';
import { deriveEvent, domainOf, type Envelope, EventType } from '../../shared/envelope.ts';
import { CancelledError, JobError, NotRetryableError, RetryableError } from '../../shared/errors.ts';
import { type Phrase, verbatim } from '../../shared/i18n/translate.ts';
import { handedOnJobId, type JobCatalogue, type JobDefinition, JobPayload } from '../../shared/job-catalogue/index.ts';
import { allowedByReplay } from '../../shared/replay-mark.ts';
import type { TraceContext } from '../../shared/trace-context.ts';
import { faultPoint } from '../fault-points.ts';
import { cancellationOf, cancelledWords } from '../job-queue/cancelled-jobs.ts';
import type { ClaimedJob } from '../job-queue/job-queue.ts';
import { newJob } from '../job-queue/new-job.ts';
import type { SpanRecorder } from '../telemetry/spans.ts';
import { type AttemptOutcome, type CollectedEffects, judgeFailure } from './attempt-outcome.ts';
import { isFinished, recordedOnce } from './effects.ts';
import type { AttemptContext, Handler } from './handler.ts';

export interface AttemptServices {
  readonly pool: pg.Pool;
  readonly events: EventCatalogue;
  readonly jobs: JobCatalogue;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly spans: SpanRecorder;
  readonly domains: ReadonlySet<string>;
  /** Bytes of the largest event that the bus takes. */
  readonly maxPayload: number;
  readonly source: string;
  readonly onStarted: (job: ClaimedJob, startedMs: number) => void;
  readonly onProgress: (jobId: string, share: number, note: Phrase | null) => void;
}

/** Run one attempt. Never throws: whatever happens becomes an outcome. `abort` is the attempt's own: the caller may abort it at shutdown. */
export async function runAttempt(job: ClaimedJob, services: AttemptServices, abort: AbortController): Promise<AttemptOutcome> {
  const startedMs = Date.now();
  const parsed = JobPayload.safeParse(job.payload);
  const payload = parsed.success ? parsed.data : null;
  const definition = payload ? (services.jobs.get(payload.jobType) ?? null) : null;
  const effects: CollectedEffects = { events: [], handedOn: [], eventsIfFailed: [], writes: [] };
  const fail = (error: unknown, verdict: (AttemptOutcome & { outcome: 'failed' })['verdict']): AttemptOutcome => ({
    outcome: 'failed', job, startedMs, finishedMs: Date.now(), definition, payload, error, verdict, events: effects.eventsIfFailed,
  });
  if (!parsed.success) return fail(new NotRetryableError(`The job's payload can't be read: ${describeIssues(parsed.error)}`), { next: 'dead', reason: 'not-retryable' });
  const handler = payload && services.handlers.get(payload.jobType);
  if (!payload || !definition || !handler) {
    return fail(new NotRetryableError(`No handler is known for the job type ${parsed.data.jobType}. Add the plugin that brings it, restart, then redrive this job.`), { next: 'dead', reason: 'not-retryable' });
  }
  if (job.attempt > definition.retry.maxAttempts) {
    return fail(new RetryableError(`${job.attempt - 1} workers vanished while they ran this job.`), { next: 'dead', reason: 'worker-lost' });
  }
  services.onStarted(job, startedMs);
  const completed = (alreadyDone: boolean): AttemptOutcome => ({ outcome: 'completed', job, startedMs, finishedMs: Date.now(), definition, payload, effects, returned: { events: effects.events.length, handedOn: effects.handedOn.length }, alreadyDone });
  try {
    // Only a job that ran before, or is run again on purpose, can be done already: the first attempt need not ask.
    if (job.attempt > 1) await stopIfCancelled(services.pool, job.id);
    if ((job.attempt > 1 || payload.redriveOf || payload.replay) && (await isFinished(services.pool, payload.idempotencyKey))) return completed(true);
    const input = definition.schema.safeParse(payload.input);
    if (!input.success) throw new NotRetryableError(`The job's input is not valid: ${describeIssues(input.error, 'input')}`);
    faultPoint('before-effect');
    await services.spans.attempt(job, payload, (traceContext) =>
      withTimeout(definition, abort, (signal) => handler(contextFor(job, payload, input.data, { services, effects, signal, traceContext, lastAttempt: job.attempt >= definition.retry.maxAttempts }))),
    );
    faultPoint('after-effect');
    return completed(false);
  } catch (error) {
    return fail(error, judgeFailure(error, definition, job.attempt));
  }
}

/** An operator cancelled it, and the worker that was told died before it had stopped. */
async function stopIfCancelled(pool: pg.Pool, jobId: string): Promise<void> {
  const cancellation = await cancellationOf(pool, jobId);
  if (cancellation) throw new CancelledError(cancelledWords(cancellation));
}

async function withTimeout(definition: JobDefinition, abort: AbortController, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { signal } = abort;
  const timer = setTimeout(() => abort.abort(new RetryableError(`The handler ran longer than its ${definition.timeoutMs} ms.`)), definition.timeoutMs);
  try {
    // A handler that does not listen to its signal is left behind; what it still does is not recorded.
    await Promise.race([work(signal), aborted(signal)]);
  } catch (error) {
    // An abort error of fetch and the like is the timeout in another coat.
    throw signal.aborted && !(error instanceof JobError) ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects with the signal's reason once it is aborted. The signal lives no longer than its attempt, so its listener needs no removal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function contextFor(
  job: ClaimedJob,
  payload: JobPayload,
  input: unknown,
  { services, effects, signal, traceContext, lastAttempt }: { services: AttemptServices; effects: CollectedEffects; signal: AbortSignal; traceContext: TraceContext | undefined; lastAttempt: boolean },
): AttemptContext {
  const cause = { eventId: payload.triggeringEventId, correlationId: payload.correlationId, traceContext };
  const eventOf = (eventType: string, data: Record<string, unknown>, options: { source?: string } | undefined): Envelope => {
    const type = EventType.safeParse(eventType);
    if (!type.success || !services.domains.has(domainOf(eventType))) {
      throw new NotRetryableError(`${payload.jobType} emits "${eventType}", which is no event type of a domain of this site (${[...services.domains].join(', ')}).`);
    }
    const event = deriveEvent(cause, { eventType, data, source: options?.source ?? services.source, jobId: job.id, ...(payload.replay?.restrained ? { replay: payload.replay } : {}) });
    const check = services.events.check(event);
    if (check.verdict === 'invalid') throw new NotRetryableError(`${payload.jobType} emits ${eventType} with a payload that breaks its schema: ${check.problem}`);
    const bytes = Buffer.byteLength(JSON.stringify(event));
    // Headers need some room as well.
    if (bytes > services.maxPayload - 4_096) throw new NotRetryableError(`${payload.jobType} emits ${eventType} of ${bytes} bytes; the bus takes at most ${services.maxPayload}.`);
    return event;
  };
  return {
    job: { id: job.id, type: payload.jobType, attempt: job.attempt, lastAttempt, correlationId: payload.correlationId, triggeringEventId: payload.triggeringEventId },
    input,
    idempotencyKey: payload.idempotencyKey,
    signal,
    sql: services.pool,
    emit: (eventType, data, options) => void effects.events.push(eventOf(eventType, data, options)),
    emitIfFailed: (eventType, data, options) => void effects.eventsIfFailed.push(eventOf(eventType, data, options)),
    handOn(jobType, handedInput, key) {
      const definition = services.jobs.get(jobType);
      if (!definition) throw new NotRetryableError(`${payload.jobType} hands work on to ${jobType}, which is not in the catalogue.`);
      // What runs again without the explicit yes brings about nothing that could happen twice outside.
      if (!allowedByReplay(payload.replay, definition)) return;
      const id = handedOnJobId(payload.idempotencyKey, jobType, key);
      const now = Date.now();
      const handed: JobPayload = {
        jobType,
        triggeringEventId: payload.triggeringEventId,
        correlationId: payload.correlationId,
        traceContext,
        input: handedInput,
        idempotencyKey: id,
        parentJobId: job.id,
        ...(payload.replay?.restrained ? { replay: payload.replay } : {}),
        publishedMs: now,
        enqueuedMs: now,
      };
      if (!effects.handedOn.some((other) => other.job.id === id)) effects.handedOn.push(newJob(id, definition, handed, services.source));
    },
    once: (key, effect) => recordedOnce(services.pool, payload.idempotencyKey, key, effect),
    atFinish(write) {
      if (signal.aborted) throw new CancelledError('The attempt has ended; it can write no more.');
      effects.writes.push(write);
    },
    progress: (share, note) => services.onProgress(job.id, Math.min(1, Math.max(0, share)), typeof note === 'string' ? verbatim(note) : (note ?? null)),
  };
}
