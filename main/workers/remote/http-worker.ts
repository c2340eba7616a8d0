/** A handler that lives in another process: asks it over HTTP, and turns its answer into what the attempt brings about. */
import { context, propagation } from '@opentelemetry/api';
import * as z from 'zod';
import { ConfigError, NotRetryableError, RateLimitedError, RetryableError } from '../../../shared/errors.ts';
import { describeIssues } from '../../../shared/event-catalogue/index.ts';
import { defineJob, type JobCatalogue, type JobDefinition } from '../../../shared/job-catalogue/index.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import type { RemoteWorkerConfig, SiteConfig } from '../../config/site-config.ts';
import type { Handler } from '../handler.ts';
import { secretOf } from '../handlers/configured-secrets.ts';
import { postJson } from '../handlers/outbound-http.ts';
import { SIGNATURE_HEADER, signatureOf, TIMESTAMP_HEADER, WorkerAnswer, type WorkerRequest } from './http-worker-protocol.ts';

/**
 * The job types that the configuration defines with their workers.
 * @throws ConfigError if one is not in the catalogue and has no tier.
 */
export function remoteJobs(config: Pick<SiteConfig, 'workers'>, catalogue: JobCatalogue): JobDefinition[] {
  return config.workers.remote.flatMap((remote) => {
    const { jobType: type, description, tier, triggers, replaySafety, maxAttempts, timeout } = remote;
    if (catalogue.get(type)) return [];
    if (tier === undefined) throw new ConfigError(`workers.remote.${type}.tier`, 'is missing, and the catalogue has no such job type', 'realtime, interactive or background');
    return [defineJob({
      type, description, tier, replaySafety,
      schema: z.looseObject({}),
      triggers: triggers.map((event) => ({ event })),
      ...(maxAttempts === undefined ? {} : { retry: { maxAttempts } }),
      ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    })];
  });
}

/** The handler. Settings are read when it runs, so that a rotated secret counts at once. */
export function httpWorker(remote: RemoteWorkerConfig, { secret, jobs }: { secret: LoadedConfig['secret']; jobs: Pick<JobCatalogue, 'get'> }): Handler {
  const setting = `workers.remote.${remote.jobType}`;
  return async (attempt) => {
    const key = secretOf(secret, remote.secret, `${setting}.secret`);
    const { id, type, attempt: number, correlationId, triggeringEventId } = attempt.job;
    const carried: Record<string, string> = {};
    propagation.inject(context.active(), carried);
    const body: WorkerRequest = {
      protocol: '1', jobId: id, jobType: type, attempt: number, idempotencyKey: attempt.idempotencyKey, correlationId, triggeringEventId, input: attempt.input,
      ...(carried.traceparent === undefined ? {} : { traceContext: { traceparent: carried.traceparent, ...(carried.tracestate === undefined ? {} : { tracestate: carried.tracestate }) } }),
      deadline: new Date(Date.now() + (jobs.get(type)?.timeoutMs ?? 60_000)).toISOString(),
    };
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const answer = await postJson({
      url: remote.url, setting: `${setting}.url`, idempotencyKey: attempt.idempotencyKey, signal: attempt.signal, body, secrets: [key],
      headers: { [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: signatureOf(key, timestamp, JSON.stringify(body)) },
    });
    const read = WorkerAnswer.safeParse(answer.body);
    // A worker that is being mended may answer right the next time.
    if (!read.success) throw new RetryableError(`${setting}.url answered what is not in the protocol: ${describeIssues(read.error, 'answer')}`);
    const told = read.data;
    if (told.outcome === 'retry') throw new RetryableError(`${type}: ${told.error}`);
    if (told.outcome === 'rate-limited') throw new RateLimitedError(`${type}: ${told.error}`, told.retryAfterMs);
    if (told.outcome === 'failed') throw new NotRetryableError(`${type}: ${told.error}`);
    for (const { eventType, data } of told.events) attempt.emit(eventType, data);
    for (const { jobType, input, key: name } of told.handOn) attempt.handOn(jobType, input, name);
  };
}
