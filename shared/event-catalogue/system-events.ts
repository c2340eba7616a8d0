import * as z from 'zod';
import { message } from '../i18n/translate.ts';
import { defineEvent, instant, jsonObject, text } from './define-event.ts';

/** Who acted, and why: part of every audit event. */
const audit = { operator: text, reason: z.string().optional() };

export const ServiceStarted = defineEvent({
  type: 'system.ServiceStarted',
  description: message('The services of a site are up.'),
  schema: z.looseObject({ service: text, version: text, mode: z.enum(['embedded', 'connected', 'mixed']), startMs: z.number() }),
  example: { service: 'spine', version: '0.1.0', mode: 'embedded', startMs: 1430 },
});
export const ServiceStopped = defineEvent({
  type: 'system.ServiceStopped',
  description: message('The services of a site are about to stop in order.'),
  schema: z.looseObject({ service: text, uptimeMs: z.number() }),
  example: { service: 'spine', uptimeMs: 86_400_000 },
});
export const PluginLoaded = defineEvent({
  type: 'system.PluginLoaded',
  description: message('A plugin brought job types, events or handlers of its own.'),
  schema: z.looseObject({ plugin: text, file: text, jobTypes: z.array(z.string()), eventTypes: z.array(z.string()) }),
  example: { plugin: 'greeter', file: 'greeter.ts', jobTypes: ['GreetJob'], eventTypes: ['system.Greeted'] },
});
export const HealthCheckFailed = defineEvent({
  type: 'system.HealthCheckFailed',
  description: message('A part of the site stopped being healthy.'),
  schema: z.looseObject({ component: text, problem: text }),
  example: { component: 'postgres', problem: 'connection refused' },
});
export const HealthCheckRecovered = defineEvent({
  type: 'system.HealthCheckRecovered',
  description: message('A part of the site is healthy again.'),
  schema: z.looseObject({ component: text, downMs: z.number() }),
  example: { component: 'postgres', downMs: 1_840 },
});
export const ScheduleFired = defineEvent({
  type: 'system.ScheduleFired',
  description: message('A schedule reached one of its times, or was run by hand. Reaching a time starts a correlation of its own.'),
  schema: z.looseObject({ schedule: text, jobType: text, input: jsonObject, dueAt: instant.optional(), because: z.enum(['time', 'missed', 'manual']).optional() }),
  example: { schedule: 'crm-export-hourly', jobType: 'SyncConnectorDataJob', input: { connectorId: 'crm-export' } },
});
export const JobRequested = defineEvent({
  type: 'system.JobRequested',
  description: message('A person or a script asks for a job to be run.'),
  schema: z.looseObject({ jobType: text, input: jsonObject, ...audit }),
  example: { jobType: 'SyncConnectorDataJob', input: { connectorId: 'crm-export' }, operator: 'local' },
});
export const DeadLetterRedriven = defineEvent({
  type: 'system.DeadLetterRedriven',
  description: message('Audit: an operator runs dead letters again.'),
  schema: z.looseObject({ deadLetterId: z.uuid(), jobType: text, ...audit }),
  example: { deadLetterId: '6f1b8a52-3c0e-5f6e-9a55-0d1f3f1c2b11', jobType: 'SendOutgoingMessageJob', operator: 'local', reason: 'gateway is back' },
});
export const DeadLetterDiscarded = defineEvent({
  type: 'system.DeadLetterDiscarded',
  description: message('Audit: an operator decides that a dead letter will not run again.'),
  schema: z.looseObject({ deadLetterId: z.uuid(), jobType: text, ...audit }),
  example: { deadLetterId: '6f1b8a52-3c0e-5f6e-9a55-0d1f3f1c2b11', jobType: 'SendOutgoingMessageJob', operator: 'local', reason: 'sent by hand' },
});
const scope = z.looseObject({ kind: z.enum(['selection', 'family', 'filter']) });
const exampleScope = { kind: 'family' as const, family: 'ba79f29f-a866-51f8-9a68-8b38fa970ab6' };
export const RedriveRequested = defineEvent({
  type: 'system.RedriveRequested',
  description: message('Audit: an operator runs a selection, a family or a filter of dead letters again. Published before the first is put on its queue.'),
  schema: z.looseObject({
    redriveId: z.uuid(), scope, jobs: z.int(), ratePerSecond: z.number().nullable(), canary: z.int(), stopRatio: z.number().nullable(), edited: z.boolean(), repeatUnsafe: z.boolean(), ...audit,
  }),
  example: { redriveId: '0c9b3c1e-8f0e-4f0f-9f0f-3d0a1a6e4b11', scope: exampleScope, jobs: 42, ratePerSecond: 50, canary: 10, stopRatio: 0.2, edited: false, repeatUnsafe: false, operator: 'local', reason: 'gateway is back' },
});
export const RedriveCancelled = defineEvent({
  type: 'system.RedriveCancelled',
  description: message('Audit: an operator stops a redrive from putting more jobs on their queues.'),
  schema: z.looseObject({ redriveId: z.uuid(), ...audit }),
  example: { redriveId: '0c9b3c1e-8f0e-4f0f-9f0f-3d0a1a6e4b11', operator: 'local', reason: 'wrong family' },
});
export const RedriveFinished = defineEvent({
  type: 'system.RedriveFinished',
  description: message('A redrive has put its last job on a queue and all of them have ended, or it stopped by itself.'),
  schema: z.looseObject({ redriveId: z.uuid(), state: z.enum(['done', 'cancelled', 'stopped']), reason: z.string().optional(), total: z.int(), skipped: z.int(), redriven: z.int(), succeeded: z.int(), failed: z.int() }),
  example: { redriveId: '0c9b3c1e-8f0e-4f0f-9f0f-3d0a1a6e4b11', state: 'done', total: 42, skipped: 2, redriven: 40, succeeded: 40, failed: 0 },
});
export const DeadLettersDiscarded = defineEvent({
  type: 'system.DeadLettersDiscarded',
  description: message('Audit: an operator decides that a selection, a family or a filter of dead letters will not run again. Published before it is done.'),
  schema: z.looseObject({ discardId: z.uuid(), scope, ...audit }),
  example: { discardId: '5a1f9b0e-1b7e-4d2f-8a38-6e1a2f3f9c11', scope: exampleScope, operator: 'local', reason: 'test calls' },
});
export const DiscardUndone = defineEvent({
  type: 'system.DiscardUndone',
  description: message('Audit: an operator undoes a discard; its dead letters wait again.'),
  schema: z.looseObject({ discardId: z.uuid().optional(), deadLetterId: z.uuid().optional(), ...audit }),
  example: { discardId: '5a1f9b0e-1b7e-4d2f-8a38-6e1a2f3f9c11', operator: 'local' },
});
export const FamilyMarked = defineEvent({
  type: 'system.FamilyMarked',
  description: message('Audit: an operator says that a failure family is fixed by a version, or is to be ignored until a time, or takes that back.'),
  schema: z.looseObject({ family: z.uuid(), mark: z.looseObject({ kind: z.enum(['fixed', 'ignored', 'none']) }), ...audit }),
  example: { family: 'ba79f29f-a866-51f8-9a68-8b38fa970ab6', mark: { kind: 'fixed', version: '0.2.0' }, operator: 'local' },
});
export const QueuePaused = defineEvent({
  type: 'system.QueuePaused',
  description: message('Audit: an operator stops workers from taking jobs of a queue.'),
  schema: z.looseObject({ queue: text, ...audit }),
  example: { queue: 'interactive', operator: 'local', reason: 'gateway maintenance' },
});
export const QueueResumed = defineEvent({
  type: 'system.QueueResumed',
  description: message('Audit: an operator lets workers take jobs of a queue again.'),
  schema: z.looseObject({ queue: text, ...audit }),
  example: { queue: 'interactive', operator: 'local' },
});
const oneJob = { jobId: z.uuid(), jobType: text, queue: text };
const exampleJob = { jobId: '6f1b8a52-3c0e-5f6e-9a55-0d1f3f1c2b11', jobType: 'SendOutgoingMessageJob', queue: 'interactive', operator: 'local' };
export const JobCancelled = defineEvent({
  type: 'system.JobCancelled',
  description: message('Audit: an operator cancels a job. It becomes a dead letter, at once or when its attempt has stopped.'),
  schema: z.looseObject({ ...oneJob, wasRunning: z.boolean(), ...audit }),
  example: { ...exampleJob, wasRunning: false, reason: 'sent by hand' },
});
export const JobHastened = defineEvent({
  type: 'system.JobHastened',
  description: message('Audit: an operator makes the next attempt of a retrying job due.'),
  schema: z.looseObject({ ...oneJob, ...audit }),
  example: exampleJob,
});
export const JobMovedToFront = defineEvent({
  type: 'system.JobMovedToFront',
  description: message('Audit: an operator gives a waiting job a priority above all that wait in its queue.'),
  schema: z.looseObject({ ...oneJob, priority: z.int(), ...audit }),
  example: { ...exampleJob, priority: 1 },
});
export const QueueConcurrencyChanged = defineEvent({
  type: 'system.QueueConcurrencyChanged',
  description: message('Audit: an operator changes how many jobs of a queue run at once; `configured` says that it is what the configuration says.'),
  schema: z.looseObject({ queue: text, from: z.int(), to: z.int(), configured: z.boolean(), ...audit }),
  example: { queue: 'interactive', from: 16, to: 4, configured: false, operator: 'local', reason: 'the gateway is slow today' },
});
const alertOf = { alertId: z.int(), kind: text, subject: z.string() };
const exampleAlert = { alertId: 7, kind: 'promise-broken', subject: 'realtime' };
export const AlertRaised = defineEvent({
  type: 'system.AlertRaised',
  description: message('Something that an alert rule watches for has held long enough.'),
  schema: z.looseObject({ ...alertOf, severity: z.enum(['warning', 'error']), text, link: z.string() }),
  example: { ...exampleAlert, severity: 'error', text: 'The promise of realtime is broken: 12 of 200 jobs started late in 15 min.', link: '/tiers' },
});
export const AlertCleared = defineEvent({
  type: 'system.AlertCleared',
  description: message('What an alert told of is over.'),
  schema: z.looseObject({ ...alertOf, lastedMs: z.number() }),
  example: { ...exampleAlert, lastedMs: 340_000 },
});
export const AlertAcknowledged = defineEvent({
  type: 'system.AlertAcknowledged',
  description: message('Audit: an operator says that they look after an alert.'),
  schema: z.looseObject({ ...alertOf, ...audit }),
  example: { ...exampleAlert, operator: 'local' },
});
export const AlertRuleChanged = defineEvent({
  type: 'system.AlertRuleChanged',
  description: message('Audit: an operator changes what alerts are raised for, and how they are told.'),
  schema: z.looseObject({ kind: text, enabled: z.boolean(), threshold: z.number().nullable(), holdMs: z.int(), channel: z.string().nullable(), ...audit }),
  example: { kind: 'dead-letters', enabled: true, threshold: 50, holdMs: 0, channel: 'ops', operator: 'local' },
});
export const SettingsChanged = defineEvent({
  type: 'system.SettingsChanged',
  description: message('Audit: an operator changes settings in the configuration file; they rule from the next start.'),
  schema: z.looseObject({ changes: z.array(z.looseObject({ path: text, from: z.unknown(), to: z.unknown() })), ...audit }),
  example: { changes: [{ path: 'streams.platformEvents', from: '30d', to: '90d' }], operator: 'local', reason: 'the auditors want a quarter' },
});
export const DemoStarted = defineEvent({
  type: 'system.DemoStarted',
  description: message('Demo traffic begins; its events carry a source of demo.*.'),
  schema: z.looseObject({ ...audit }),
  example: { operator: 'local' },
});
export const DemoStopped = defineEvent({
  type: 'system.DemoStopped',
  description: message('Demo traffic ends.'),
  schema: z.looseObject({ events: z.int(), ...audit }),
  example: { events: 412, operator: 'local' },
});

export const BackupCompleted = defineEvent({
  type: 'system.BackupCompleted',
  description: message('A backup of the site was written and verified.'),
  schema: z.looseObject({ backup: text, folder: text, bytes: z.number(), tookMs: z.number(), seq: z.int(), secrets: z.boolean(), deleted: z.array(z.string()) }),
  example: { backup: 'local-20261124T230000Z', folder: '/var/backups/spine', bytes: 48_211_004, tookMs: 5_120, seq: 182_441, secrets: true, deleted: [] },
});
export const BackupFailed = defineEvent({
  type: 'system.BackupFailed',
  description: message('A backup of the site could not be made; what had been written is deleted.'),
  schema: z.looseObject({ problem: text }),
  example: { problem: 'backup.folder: /mnt/backup can not be written to' },
});

const limits = z.looseObject({ maxAgeMs: z.number().nullable(), maxBytes: z.number().nullable() });
export const StreamRetentionChanged = defineEvent({
  type: 'system.StreamRetentionChanged',
  description: message('Audit: an operator sets how long a stream keeps its messages. Published before the server is told; with `problem` if it refused, and what was before holds again.'),
  schema: z.looseObject({ stream: text, before: limits, after: limits, problem: z.string().optional(), ...audit }),
  example: { stream: 'platform-events', before: { maxAgeMs: 2_592_000_000, maxBytes: null }, after: { maxAgeMs: 864_000_000, maxBytes: null }, operator: 'local', reason: 'the disk is small' },
});

export const ChannelTested = defineEvent({
  type: 'system.ChannelTested',
  description: message('Audit: an operator sends a test message by a channel, a gateway or to the model. Published before it is sent.'),
  schema: z.looseObject({ channel: text, kind: z.enum(['webhook', 'smtp', 'telephony', 'fax', 'llm']), to: z.string().optional(), ...audit }),
  example: { channel: 'channels.ops', kind: 'webhook', to: 'ops', operator: 'local' },
});

export const systemEvents = [
  ServiceStarted, ServiceStopped, PluginLoaded, HealthCheckFailed, HealthCheckRecovered, ScheduleFired, JobRequested,
  DeadLetterRedriven, DeadLetterDiscarded, RedriveRequested, RedriveCancelled, RedriveFinished, DeadLettersDiscarded, DiscardUndone, FamilyMarked, QueuePaused, QueueResumed, DemoStarted, DemoStopped,
  JobCancelled, JobHastened, JobMovedToFront, QueueConcurrencyChanged, AlertRaised, AlertCleared, AlertAcknowledged, AlertRuleChanged, SettingsChanged,
  BackupCompleted, BackupFailed, StreamRetentionChanged, ChannelTested,
] as const;
