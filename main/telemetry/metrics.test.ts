import { expect, test } from 'vitest';
import { RetryableError } from '../../shared/errors.ts';
import { JobCatalogue, type JobPayload } from '../../shared/job-catalogue/index.ts';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import type { AttemptOutcome } from '../workers/attempt-outcome.ts';
import { Metrics } from './metrics.ts';

const definition = new JobCatalogue().get('PlaceCallJob');
if (!definition) throw new Error('no PlaceCallJob');
const payload = { publishedMs: 1_000 } as JobPayload;
const status = {
  measuredMs: 20_000, components: [{ id: 'nats', health: 'ok' }, { id: 'postgres', health: 'down' }], streams: [{ name: 'platform-events', messages: 7, bytes: 900, lag: null }, { name: 'audit-log', messages: 6, bytes: 800, lag: 1 }],
  deadLetters: { waiting: 2 }, setAside: { total: 3 }, outbox: { backlog: 4, oldestMs: 1_500 }, projection: { behind: 5 },
} as unknown as SiteStatus;

test('attempts, latencies, dead letters, depth, the relay and lost spans are told as Prometheus reads them', async () => {
  const metrics = new Metrics();
  const base = { job: { id: 'j', queue: 'realtime', attempt: 1, payload: null }, definition, payload, startedMs: 1_080, finishedMs: 1_090 };
  metrics.attemptEnded({ ...base, outcome: 'completed' } as AttemptOutcome, 'realtime');
  metrics.attemptEnded({ ...base, job: { ...base.job, attempt: 2 }, startedMs: 9_000, finishedMs: 9_001, outcome: 'failed', error: new RetryableError('x'), verdict: { next: 'retry', delayMs: 1 }, events: [] } as AttemptOutcome, 'realtime');
  metrics.attemptEnded({ ...base, startedMs: 3_000, finishedMs: 3_001, outcome: 'failed', error: new Error('x'), verdict: { next: 'dead', reason: 'retries-exhausted' }, events: [] } as AttemptOutcome, 'realtime');
  metrics.relayed({ timestamp: new Date(Date.now() - 40).toISOString() });
  let withSpans = false;
  metrics.measure({
    status: async () => status, slots: () => [{ queue: 'realtime', concurrency: 32, running: 3 }],
    jobCounts: async () => [{ queue: 'realtime', tier: 'realtime', state: 'waiting', count: 12, oldestMs: 18_000 }, { queue: 'realtime', tier: 'realtime', state: 'completed', count: 100, oldestMs: null }],
    spans: () => (withSpans ? { endpoint: 'x', sent: 9, failed: 1, dropped: 4, queued: 2, capacity: 10 } : null),
  });
  const text = await metrics.text();
  const value = (line: string): string | undefined => text.split('\n').find((each) => each.startsWith(`${line} `))?.slice(line.length + 1);
  // 80 ms and 2 s after their event: a retry is not counted among the starts.
  expect(value('spine_handler_start_latency_seconds_bucket{le="0.1",tier="realtime"}')).toBe('1');
  expect(value('spine_handler_start_latency_seconds_count{tier="realtime"}')).toBe('2');
  expect(value('spine_attempts_total{job_type="PlaceCallJob",outcome="failed"}')).toBe('1');
  expect(value('spine_attempts_total{job_type="PlaceCallJob",outcome="dead"}')).toBe('1');
  expect(value('spine_dead_letters_total{job_type="PlaceCallJob"}')).toBe('1');
  expect(value('spine_jobs{queue="realtime",tier="realtime",state="waiting"}')).toBe('12');
  expect(value('spine_oldest_waiting_job_seconds{queue="realtime",tier="realtime"}')).toBe('2');
  expect(value('spine_worker_slots_busy{queue="realtime"}')).toBe('3');
  expect(value('spine_relay_lag_seconds_count')).toBe('1');
  expect([value('spine_outbox_events'), value('spine_outbox_oldest_seconds'), value('spine_dead_letters_waiting'), value('spine_set_aside_messages'), value('spine_projection_behind_events')]).toEqual(['4', '1.5', '2', '3', '5']);
  expect([value('spine_component_up{component="nats"}'), value('spine_component_up{component="postgres"}')]).toEqual(['1', '0']);
  expect(value('spine_stream_lag_events{stream="audit-log"}')).toBe('1');
  expect(text).not.toContain('spine_otel_spans{');
  withSpans = true;
  expect(await metrics.text()).toContain('spine_otel_spans{result="dropped"} 4');
});
