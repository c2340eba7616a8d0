/** The settings of a site that are edited in the console: where each stands in the configuration file, and what it may be. Pure. */
import * as z from 'zod';
import { message } from './i18n/translate.ts';

export const SETTING_GROUPS = ['connection', 'retention', 'workers', 'backup', 'telemetry', 'access'] as const;
export const SettingGroup = z.enum(SETTING_GROUPS);
export type SettingGroup = z.infer<typeof SettingGroup>;

export interface SettingDefinition {
  /** Path in the configuration file: `streams.platformEvents`. */
  readonly path: string;
  readonly group: SettingGroup;
  readonly title: string;
  /** What it means, and what an empty field means. */
  readonly about: string;
  readonly kind: 'text' | 'number' | 'duration' | 'switch' | 'list';
  /** The environment variable that overrides the file. */
  readonly variable?: string;
}

const setting = (group: SettingGroup, kind: SettingDefinition['kind'], path: string, title: string, about: string, variable?: string): SettingDefinition => ({ group, kind, path, title, about, ...(variable === undefined ? {} : { variable }) });

/** In the order in which they are shown. The schema of the configuration has the last word on what is valid. */
export const SITE_SETTINGS: readonly SettingDefinition[] = [
  setting('connection', 'text', 'site', message('Name of the site'), message('Shown everywhere, and part of the source of the site’s own events')),
  setting('connection', 'text', 'nats.url', message('NATS server'), message('Address of an outside server, such as nats://bus.example:4222; empty: the embedded one'), 'SPINE_NATS_URL'),
  setting('connection', 'text', 'database.url', message('PostgreSQL'), message('Address of an outside server, without password; empty: the embedded one'), 'SPINE_DATABASE_URL'),
  setting('connection', 'number', 'http.port', message('Port of the console'), message('Of the headless host; 0: any free one'), 'SPINE_HTTP_PORT'),
  setting('connection', 'list', 'http.names', message('Names of the host'), message('By which browsers call it beside 127.0.0.1 and localhost')),
  setting('retention', 'duration', 'streams.platformEvents', message('Events'), message('How long platform-events keeps, such as 30d; an operator’s choice on the page Streams goes before it')),
  setting('retention', 'duration', 'streams.connectorData', message('Connector data'), message('How long the copy connector-data keeps')),
  setting('retention', 'duration', 'streams.auditLog', message('Audit log'), message('How long the audit log keeps')),
  setting('retention', 'duration', 'streams.duplicateWindow', message('Window for duplicates'), message('An event that is published again within it is dropped')),
  setting('workers', 'switch', 'workers.enabled', message('Run jobs'), message('Off: an observer, which watches and steers but runs no job'), 'SPINE_WORKERS'),
  setting('workers', 'number', 'workers.realtime', message('Realtime jobs at once'), message('Of each queue of the tier; changed live on the page Tiers')),
  setting('workers', 'number', 'workers.interactive', message('Interactive jobs at once'), message('Of each queue of the tier; changed live on the page Tiers')),
  setting('workers', 'number', 'workers.background', message('Background jobs at once'), message('Of each queue of the tier; changed live on the page Tiers')),
  setting('workers', 'number', 'backpressure.realtime.waiting', message('Most realtime jobs that wait'), message('Above it, routing takes no more events; they wait in the stream')),
  setting('workers', 'number', 'backpressure.interactive.waiting', message('Most interactive jobs that wait'), message('Above it, routing takes no more events; they wait in the stream')),
  setting('workers', 'number', 'backpressure.background.waiting', message('Most background jobs that wait'), message('Above it, routing takes no more events; they wait in the stream')),
  setting('backup', 'text', 'backup.folder', message('Folder of backups'), message('Best on another disk; empty: in the data folder')),
  setting('backup', 'number', 'backup.keep', message('Backups kept'), message('Older ones are deleted once a new one has been verified')),
  setting('backup', 'text', 'backup.schedule.cron', message('When'), message('A cron rule such as 30 2 * * *; empty: only when asked')),
  setting('backup', 'text', 'backup.schedule.timeZone', message('Time zone'), message('Of the cron rule, such as Europe/Berlin')),
  setting('telemetry', 'text', 'telemetry.traceUrl', message('Address of a trace'), message('In the site’s tracing tool, with traceId or correlationId in curly brackets in it')),
  setting('access', 'list', 'access.maskedFields', message('Masked fields'), message('Payload fields that viewers do not see, such as phone or customer.email')),
];

/** A value as the file would hold it. Null: not there, a default rules. */
export const SettingValue = z.union([z.string().max(2_000), z.number(), z.boolean(), z.array(z.string().max(200)).max(100)]).nullable();
export type SettingValue = z.infer<typeof SettingValue>;
