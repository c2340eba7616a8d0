import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEvent, type Envelope } from '../envelope.ts';
import { EventCatalogue } from '../event-catalogue/index.ts';
import { backoffMs, JobCatalogue, redriveJobId } from './index.ts';

const jobs = new JobCatalogue();
const examples = new EventCatalogue().all().map(({ type, example }) => createEvent({ eventType: type, source: 'test', data: example as Record<string, unknown> }));
const owedIds = (events: readonly Envelope[]): string[] => [...new Set(events.flatMap((event) => jobs.owedBy(event).map(({ id }) => id)))].sort();

describe('routing decides by the event alone', () => {
  test('any order and any repetition of events owe the same jobs', () => {
    const once = owedIds(examples);
    fc.assert(
      fc.property(fc.shuffledSubarray([...examples, ...examples, ...examples], { minLength: examples.length * 3 }), (shuffled) => {
        expect(owedIds(shuffled)).toEqual(once);
      }),
    );
  });

  test('the ids of what an event owes depend on the event’s id and type alone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...examples), fc.uuid({ version: 4 }), fc.uuid({ version: 4 }), fc.string({ minLength: 1 }), (example, eventId, otherId, source) => {
        const ids = (event: Envelope): string[] => jobs.owedBy(event).map(({ id }) => id);
        const event = { ...example, eventId };
        expect(ids({ ...event, source, timestamp: new Date(0).toISOString(), correlationId: otherId, traceContext: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } })).toEqual(ids(event));
        fc.pre(eventId !== otherId);
        for (const id of ids({ ...event, eventId: otherId })) expect(ids(event)).not.toContain(id);
      }),
    );
  });

  test.each([
    ['connector.DataReceived', ['ProcessIncomingDataJob']],
    ['data.EntityCreated', ['IndexDocumentJob']],
    ['data.EntityUpdated', ['IndexDocumentJob']],
    ['communication.CallStarted', ['RunRuleEngineJob']],
    ['communication.MessageSent', ['RunRuleEngineJob']],
    ['connector.LocationUpdated', ['RunRuleEngineJob']],
    ['rule.ActionTriggered', ['SendOutgoingMessageJob']],
    ['ai.QueryReceived', ['ExecuteLLMQueryJob']],
    ['system.ScheduleFired', ['SyncConnectorDataJob']],
    ['system.JobRequested', ['SyncConnectorDataJob']],
    ['job.Completed', []],
  ])('%s owes %j', (type, owed) => {
    const event = examples.find(({ eventType }) => eventType === type);
    expect(event && jobs.owedBy(event).map(({ definition }) => definition.type)).toEqual(owed);
  });

  test('what an event owes is valid input for its job', () => {
    for (const event of examples) for (const { definition, input } of jobs.owedBy(event)) expect(definition.schema.safeParse(input).success, `${event.eventType} → ${definition.type}`).toBe(true);
  });

  test('all built-in job types are there', () => {
    expect(jobs.all().map(({ type }) => type).sort()).toEqual(['BackupSiteJob', 'ExecuteLLMQueryJob', 'IndexDocumentJob', 'PlaceCallJob', 'ProcessIncomingDataJob', 'RunRuleEngineJob', 'SendFaxJob', 'SendOutgoingMessageJob', 'SyncConnectorDataJob', 'WriteEntityJob']);
  });

  test('a dead letter has one redrive id, unlike its own', () => {
    const id = owedIds(examples)[0] ?? '';
    expect(redriveJobId(id)).toBe(redriveJobId(id));
    expect(redriveJobId(id)).not.toBe(id);
  });
});

describe('backoff', () => {
  const policy = fc.record({ maxAttempts: fc.integer({ min: 1, max: 50 }), baseMs: fc.integer({ min: 1, max: 60_000 }), capMs: fc.integer({ min: 1, max: 3_600_000 }) });

  test('lies between half and all of the exponential wait, and under the cap', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (retry, failed, random) => {
        const full = Math.min(retry.capMs, retry.baseMs * 2 ** Math.min(30, failed - 1));
        const wait = backoffMs(retry, failed, random);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(full / 2));
        expect(wait).toBeLessThanOrEqual(Math.ceil(full));
        expect(wait).toBeLessThanOrEqual(retry.capMs);
      }),
    );
  });

  test('never shrinks with more failures, for the same luck', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (retry, failed, random) => {
        expect(backoffMs(retry, failed + 1, random)).toBeGreaterThanOrEqual(backoffMs(retry, failed, random));
      }),
    );
  });
});
