/** The job types that every site has: nine of the platform, and one for the site itself. */
import * as z from 'zod';
import type { Envelope } from '../envelope.ts';
import { message } from '../i18n/translate.ts';
import { defineJob, type Trigger } from './define-job.ts';

const text = z.string().min(1);
const jsonObject = z.record(z.string(), z.unknown());

/** A rule's action asks for this job. */
const ruleAction = (jobType: string): Trigger => ({
  event: 'rule.ActionTriggered',
  when: (event) => event.data.jobType === jobType,
  input: (event) => event.data.input,
});

/** What the rule engine looks at: the whole event but its trace context. */
const eventFacts = (event: Envelope): unknown => ({
  event: { eventId: event.eventId, eventType: event.eventType, source: event.source, timestamp: event.timestamp, data: event.data },
});

export const ProcessIncomingDataJob = defineJob({
  type: 'ProcessIncomingDataJob',
  description: message('Maps a raw record to entities with the connector’s JSONata mapping and hands each to WriteEntityJob.'),
  tier: 'background',
  replaySafety: 'idempotent',
  emits: [],
  schema: z.looseObject({ connectorId: text, recordId: text, record: jsonObject }),
  triggers: [{ event: 'connector.DataReceived' }],
});
export const SyncConnectorDataJob = defineJob({
  type: 'SyncConnectorDataJob',
  description: message('Pulls from a configured connector and publishes one connector.DataReceived per new record.'),
  tier: 'background',
  replaySafety: 'idempotent',
  emits: ['connector.SyncStarted', 'connector.DataReceived', 'connector.SyncCompleted'],
  schema: z.looseObject({ connectorId: text }),
  // Ahead of the records of an earlier sync, so that a long one does not hold up the other connectors.
  priority: 5,
  timeoutMs: 600_000,
  retry: { maxAttempts: 4, baseMs: 10_000 },
});
export const IndexDocumentJob = defineJob({
  type: 'IndexDocumentJob',
  description: message('Writes an entity to the full-text index that the console searches.'),
  tier: 'background',
  replaySafety: 'idempotent',
  emits: [],
  schema: z.looseObject({ entityType: text, entityId: text, version: z.int().min(1), attributes: jsonObject }),
  triggers: [{ event: 'data.EntityCreated' }, { event: 'data.EntityUpdated' }],
});
export const RunRuleEngineJob = defineJob({
  type: 'RunRuleEngineJob',
  description: message('Evaluates the stored rules against an event.'),
  tier: 'realtime',
  replaySafety: 'idempotent',
  emits: ['rule.ConditionMatched', 'rule.ActionTriggered'],
  schema: z.looseObject({
    event: z.looseObject({ eventId: z.uuid(), eventType: text, source: text, timestamp: text, data: jsonObject }),
  }),
  triggers: [
    { event: 'communication.*', input: eventFacts },
    { event: 'connector.LocationUpdated', input: eventFacts },
  ],
});
export const SendOutgoingMessageJob = defineJob({
  type: 'SendOutgoingMessageJob',
  description: message('Sends a message by a configured channel: SMTP or HTTP webhook.'),
  tier: 'interactive',
  replaySafety: 'guarded',
  emits: ['communication.MessageSent'],
  schema: z.looseObject({ channel: text, to: text, subject: z.string().optional(), body: z.string() }),
  triggers: [ruleAction('SendOutgoingMessageJob')],
});
export const PlaceCallJob = defineJob({
  type: 'PlaceCallJob',
  description: message('Asks the configured telephony gateway to place a call.'),
  tier: 'realtime',
  replaySafety: 'unsafe',
  emits: ['communication.CallPlaced'],
  timeoutMs: 10_000,
  schema: z.looseObject({ to: text, from: z.string().optional(), announcement: z.string().optional() }),
  triggers: [ruleAction('PlaceCallJob')],
});
export const SendFaxJob = defineJob({
  type: 'SendFaxJob',
  description: message('Asks the configured fax gateway to send a fax.'),
  tier: 'interactive',
  replaySafety: 'unsafe',
  emits: ['communication.FaxSent'],
  schema: z.looseObject({ to: text, documentUrl: z.string().optional(), text: z.string().optional() }),
  triggers: [ruleAction('SendFaxJob')],
});
export const ExecuteLLMQueryJob = defineJob({
  type: 'ExecuteLLMQueryJob',
  description: message('Asks the configured OpenAI-compatible endpoint.'),
  tier: 'interactive',
  replaySafety: 'idempotent',
  emits: ['ai.ResponseGenerated'],
  timeoutMs: 120_000,
  schema: z.looseObject({
    prompt: text, system: z.string().optional(), model: z.string().optional(), maxTokens: z.int().min(1).optional(),
  }),
  triggers: [{ event: 'ai.QueryReceived' }, ruleAction('ExecuteLLMQueryJob')],
});
export const WriteEntityJob = defineJob({
  type: 'WriteEntityJob',
  description: message('Upserts an entity with a new version, if anything changed.'),
  tier: 'background',
  priority: 10,
  replaySafety: 'idempotent',
  emits: ['data.EntityCreated', 'data.EntityUpdated'],
  schema: z.looseObject({ entityType: text, entityId: text, attributes: jsonObject, connectorId: z.string().optional() }),
});
export const BackupSiteJob = defineJob({
  type: 'BackupSiteJob',
  description: message('Makes a backup of the site, verifies it, and deletes the oldest beyond those that are kept.'),
  tier: 'background',
  // A backup that waits for an hour of other background work may come too late.
  priority: 100,
  replaySafety: 'idempotent',
  emits: ['system.BackupCompleted'],
  timeoutMs: 6 * 3_600_000,
  retry: { maxAttempts: 3, baseMs: 60_000 },
  schema: z.looseObject({
    /** Default: backup.folder of the configuration, else `backups` in the data folder. */
    folder: text.optional(),
    /** A file that holds the passphrase for the secrets; default: backup.passphrase of the configuration. */
    passphraseFile: text.optional(),
    keep: z.int().min(1).optional(),
  }),
});

export const BUILT_IN_JOBS = [
  ProcessIncomingDataJob, SyncConnectorDataJob, IndexDocumentJob, RunRuleEngineJob, SendOutgoingMessageJob,
  PlaceCallJob, SendFaxJob, ExecuteLLMQueryJob, WriteEntityJob, BackupSiteJob,
] as const;
