/** What the site is connected with: connectors that bring records, channels that carry messages out, plugins that add job types. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Words } from '../i18n/translate.ts';

export const ConnectorStatus = z.object({
  id: z.string(),
  kind: z.enum(['folder', 'http-json', 'feed', 'icalendar']),
  /** Folder or URL, without credentials. */
  target: z.string(),
  schedule: z.string().nullable(),
  /** The id of its schedule, and whether that is paused; null without one. */
  scheduled: z.object({ id: z.string(), paused: z.boolean() }).nullable(),
  /** When it syncs next by its schedule, epoch ms; null if it has none, or that is paused. */
  nextSyncMs: z.number().nullable(),
  /** Its folder is watched: it syncs when a file changes. */
  watched: z.boolean(),
  lastSyncMs: z.number().nullable(),
  lastOutcome: z.enum(['completed', 'failed', 'never']),
  lastError: z.string().nullable(),
  records: z.int(),
});
export type ConnectorStatus = z.infer<typeof ConnectorStatus>;

export const ConnectorTest = z.object({
  tookMs: z.number(),
  /** Records that were read, and what a sync would make of them. */
  read: z.int(),
  fresh: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  /** False if the source has more than were read. */
  complete: z.boolean(),
  problemCount: z.int(),
  problems: z.array(z.string()),
  /** The first ones, with the entities that the mapping makes of them. */
  samples: z.array(
    z.object({
      recordId: z.string(),
      receivedFrom: z.string(),
      verdict: z.enum(['new', 'changed', 'unchanged']),
      record: z.record(z.string(), z.unknown()),
      entities: z.array(z.object({ entityType: z.string(), entityId: z.string(), attributes: z.record(z.string(), z.unknown()) })),
      /** Why the mapping makes nothing of it. */
      problem: z.string().nullable(),
    }),
  ),
});
export type ConnectorTest = z.infer<typeof ConnectorTest>;

export const ChannelKind = z.enum(['webhook', 'smtp', 'telephony', 'fax', 'llm']);
export type ChannelKind = z.infer<typeof ChannelKind>;

export const ChannelRow = z.object({
  /** As it stands in the configuration: `channels.ops`, `gateways.fax`, `llm`. */
  setting: z.string(),
  kind: ChannelKind,
  configured: z.boolean(),
  /** What is missing or can't be read; null if it can be used. */
  missing: Words.nullable(),
  /** Server or URL, without credentials. */
  target: z.string().nullable(),
  /** Where its secrets come from, and whether they are there. Never what they are. */
  secrets: z.array(z.object({ setting: z.string(), from: z.string(), present: z.boolean() })),
  /** The job type that uses it. */
  jobType: z.string(),
});
export type ChannelRow = z.infer<typeof ChannelRow>;

export const ChannelTest = z.object({ ok: z.boolean(), tookMs: z.number(), /** What the other side said, if anything. */ answer: z.string().nullable(), problem: z.string().nullable() });
export type ChannelTest = z.infer<typeof ChannelTest>;

export const PluginRow = z.object({
  name: z.string(),
  version: z.string().nullable(),
  file: z.string(),
  jobTypes: z.array(z.string()),
  eventTypes: z.array(z.string()),
  /** Built-in job types that it handles in the place of the built-in handler. */
  replaces: z.array(z.string()),
});
export type PluginRow = z.infer<typeof PluginRow>;

export const connectorsContract = {
  list: oc.route({ method: 'GET', path: '/connectors', summary: 'Configured connectors' }).output(z.array(ConnectorStatus)),
  /** Reads the source from its beginning, up to some hundred records. Nothing is stored and nothing is published. */
  test: oc.route({ method: 'POST', path: '/connectors/{connectorId}/test', summary: 'What a connector would bring, without storing anything' }).input(z.object({ connectorId: z.string().min(1) })).output(ConnectorTest),
};

export const channelsContract = {
  list: oc.route({ method: 'GET', path: '/channels', summary: 'Channels, gateways and the model: configured or not' }).output(z.object({ channels: z.array(ChannelRow) })),
  /** Sends a real message, once, without retries. Its audit event is published first. */
  test: oc
    .route({ method: 'POST', path: '/channels/test', summary: 'Send one real test message' })
    .input(z.object({ setting: z.string().min(1), /** Address, number or name; not needed for the model. */ to: z.string().trim().max(500).default(''), text: z.string().trim().min(1).max(2_000) }))
    .output(ChannelTest),
};

export const pluginsContract = {
  list: oc
    .route({ method: 'GET', path: '/plugins', summary: 'Loaded plugins' })
    .output(
      z.object({
        /** null: the site has no folder of plugins. */
        folder: z.string().nullable(),
        plugins: z.array(PluginRow),
        /** Saved plugins are loaded again while the site runs. */
        reloads: z.boolean(),
        /** Why they could not be loaded again the last time; null if they could. */
        problem: z.object({ text: z.string(), atMs: z.number() }).nullable(),
      }),
    ),
};
