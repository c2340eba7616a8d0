/**
 * The site's configuration: one YAML (or JSON) file, validated as a whole. Unknown keys are refused, so a typo is found.
 * Secrets are never written into it: they are references to an environment variable or a file.
 */
import type { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import { DOMAINS } from '../../shared/event-catalogue/index.ts';
import { RuleDefinition } from '../../shared/rule-definition.ts';
import { MissedPolicy, OverlapPolicy } from '../../shared/schedule-rule.ts';
import * as z from 'zod';
import { Tier } from '../../shared/tiers.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes, at most 63');
const url = z.url({ protocol: /^https?$/, error: 'an http(s) URL' });

/** Where a secret is found: `{ env: NAME }` or `{ file: path }` (path relative to the configuration file). */
export const SecretRef = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
  error: '{ env: NAME } or { file: path }; secrets are not written into the configuration',
});
export type SecretRef = z.infer<typeof SecretRef>;

const UNIT_MS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** A length of time such as "30d", "15min", "500ms"; becomes ms. */
export const Duration = z
  .string()
  .regex(/^\d+(ms|s|min|h|d)$/, 'a duration such as "30d", "12h", "15min", "30s"')
  .transform((words) => {
    const [, amount = '0', unit = 'ms'] = /^(\d+)(\D+)$/.exec(words) ?? [];
    return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  });

const timeZone = z.string().refine((zone) => {
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, 'an IANA time zone such as Europe/Berlin');

const Cron = z.strictObject({ cron: z.string().min(1), timeZone: timeZone.default('UTC') });

const connectorBase = {
  id: name,
  /** JSONata: raw record → entity or array of entities { entityType, entityId, attributes }. */
  mapping: z.string().min(1),
  /** Field of the record that names it; default: a hash of the record. */
  idField: z.string().min(1).optional(),
  schedule: Cron.optional(),
};
export const ConnectorConfig = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('folder'), ...connectorBase, path: z.string().min(1), watch: z.boolean().default(true) }),
  z.strictObject({
    kind: z.literal('http-json'),
    ...connectorBase,
    url,
    /** JSONata that finds the array of records in the answer; default: the answer itself. */
    records: z.string().min(1).default('$'),
    headers: z.record(z.string(), z.union([z.string(), SecretRef])).default({}),
  }),
  z.strictObject({ kind: z.literal('feed'), ...connectorBase, url }),
  z.strictObject({ kind: z.literal('icalendar'), ...connectorBase, url }),
]);
export type ConnectorConfig = z.infer<typeof ConnectorConfig>;

export const ChannelConfig = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), url, headers: z.record(z.string(), z.union([z.string(), SecretRef])).default({}) }),
  z.strictObject({
    kind: z.literal('smtp'),
    host: z.string().min(1),
    port: z.int().min(1).max(65535).default(587),
    /** TLS from the first byte (usually port 465). */
    secure: z.boolean().default(false),
    from: z.string().min(3),
    user: z.string().optional(),
    password: SecretRef.optional(),
  }),
]);
export type ChannelConfig = z.infer<typeof ChannelConfig>;

const Gateway = z.strictObject({ url, token: SecretRef.optional() });
export type GatewayConfig = z.infer<typeof Gateway>;

/** The same rules can be made in the console. */
export const RuleConfig = RuleDefinition;
export type RuleConfig = z.infer<typeof RuleConfig>;

export const ScheduleConfig = z.strictObject({
  id: name, ...Cron.shape, jobType: z.string().min(1), input: z.record(z.string(), z.unknown()).default({}),
  overlap: OverlapPolicy.default('skip'), missed: MissedPolicy.default('once'),
});
export type ScheduleConfig = z.infer<typeof ScheduleConfig>;

/** A handler that is asked over HTTP. A job type that the catalogue lacks is defined here: then `tier` is needed. */
export const RemoteWorkerConfig = z.strictObject({
  jobType: z.string().regex(/^[A-Z][A-Za-z0-9]*$/, 'a name such as CountWordsJob'),
  url,
  /** Signs the requests. */
  secret: SecretRef,
  description: z.string().default('Done by a worker in another process.'),
  tier: Tier.optional(),
  /** Event types, or `domain.*`. */
  triggers: z.array(z.string().min(3)).default([]),
  replaySafety: z.enum(['idempotent', 'guarded', 'unsafe']).default('guarded'),
  maxAttempts: z.int().min(1).max(100).optional(),
  timeout: Duration.optional(),
});
export type RemoteWorkerConfig = z.infer<typeof RemoteWorkerConfig>;

export const BackupConfig = z.strictObject({
  /** Where backups are put, one folder each. Absent: `backups` in the data folder; who reads the file fills it in, for only they know that folder. */
  folder: z.string().min(1).default(''),
  /** When to make one by itself; absent: only when asked. */
  schedule: Cron.optional(),
  /** So many are kept; older ones are deleted after a new one has been verified. */
  keep: z.int().min(1).max(1_000).default(7),
  /** Encrypts the secrets in it; without, a backup holds none. */
  passphrase: SecretRef.optional(),
});
export type BackupConfig = z.infer<typeof BackupConfig>;

const concurrency = z.int().min(1).max(256);
/** What may wait in a tier before routing stops pulling from the bus. */
const backpressure = (waiting: number, oldestMinutes: number) =>
  z.strictObject({ waiting: z.int().min(1).default(waiting), oldestMinutes: z.number().positive().default(oldestMinutes) }).prefault({});
const DAY_MINUTES = 1_440;

export const SiteConfig = z
  .strictObject({
    site: z.string().min(1).max(63).default('local'),
    /** Event domains beside the seven that every site has. */
    domains: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/, 'a lower-case word')).default([]),
    http: z
      .strictObject({
        port: z.int().min(0).max(65535).default(0),
        /** Address of the headless host. Anything but loopback needs `tls` and an access token. */
        host: z.string().min(1).default('127.0.0.1'),
        tls: z.strictObject({ certificate: z.string().min(1), key: z.string().min(1) }).optional(),
        /** Names by which browsers call it beside 127.0.0.1 and localhost. */
        names: z.array(z.string().regex(/^[A-Za-z0-9.-]+$/, 'a host name without port')).default([]),
      })
      .prefault({}),
    access: z
      .strictObject({
        /** Payload fields that viewers do not see: the end of a path, such as `phone` or `customer.email`. */
        maskedFields: z.array(z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, 'a path such as customer.email')).default([]),
      })
      .prefault({}),
    backup: BackupConfig.optional(),
    nats: z
      .strictObject({
        url: z.string().min(1).optional(),
        /** An nkey seed or what a .creds file holds, for an outside server. */
        credentials: SecretRef.optional(),
        /** Fixed port of the embedded server; default: a free one, then kept. */
        port: z.int().min(1).max(65535).optional(),
        maxStoreBytes: z.int().min(1_048_576).optional(),
      })
      .prefault({}),
    database: z
      .strictObject({ url: z.string().min(1).optional(), password: SecretRef.optional(), port: z.int().min(1).max(65535).optional() })
      .prefault({}),
    streams: z
      .strictObject({
        platformEvents: Duration.prefault('30d'),
        connectorData: Duration.prefault('7d'),
        auditLog: Duration.prefault('365d'),
        /** Ids of published events are remembered this long, so that a repeated publish is dropped. */
        duplicateWindow: Duration.prefault('20min'),
      })
      .prefault({}),
    workers: z
      .strictObject({
        /** false makes an observer: it watches and steers but runs no job. */
        enabled: z.boolean().default(true),
        realtime: concurrency.default(32),
        interactive: concurrency.default(16),
        background: concurrency.default(8),
        /** Handlers in other processes, in any language: docs/http-worker.md. */
        remote: z.array(RemoteWorkerConfig).default([]),
      })
      .prefault({}),
    backpressure: z
      .strictObject({
        realtime: backpressure(100_000, DAY_MINUTES),
        interactive: backpressure(1_000_000, DAY_MINUTES),
        background: backpressure(5_000_000, 7 * DAY_MINUTES),
      })
      .prefault({}),
    connectors: z.array(ConnectorConfig).default([]),
    channels: z.record(name, ChannelConfig).default({}),
    gateways: z.strictObject({ telephony: Gateway.optional(), fax: Gateway.optional() }).prefault({}),
    llm: z
      .strictObject({ url, model: z.string().min(1), apiKey: SecretRef.optional() })
      .optional(),
    rules: z.array(RuleConfig).default([]),
    schedules: z.array(ScheduleConfig).default([]),
    plugins: z.strictObject({ folder: z.string().min(1) }).optional(),
    telemetry: z
      .strictObject({
        /** Where a trace is found in the site's tracing tool: an http(s) address with {traceId} or {correlationId} in it. */
        traceUrl: z.string().regex(/^https?:\/\/\S*\{(traceId|correlationId)\}/, 'an http(s) address with {traceId} or {correlationId} in it').optional(),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    for (const [list, of] of [[config.connectors, 'connectors'], [config.rules, 'rules'], [config.schedules, 'schedules'], [config.workers.remote.map(({ jobType }) => ({ id: jobType })), 'workers.remote']] as const) {
      const seen = new Set<string>();
      list.forEach((item, index) => {
        if (seen.has(item.id)) context.addIssue({ code: 'custom', path: [of, index, 'id'], message: `"${item.id}" is used twice; ids are unique` });
        seen.add(item.id);
      });
    }
    for (const [key, limit] of Object.entries(config.streams)) {
      if (key !== 'duplicateWindow' && limit < config.streams.duplicateWindow) {
        context.addIssue({ code: 'custom', path: ['streams', key], message: 'a retention of at least streams.duplicateWindow' });
      }
    }
  });
export type SiteConfig = z.infer<typeof SiteConfig>;

/** All event domains of a site, the seven first. */
export function domainsOf(config: Pick<SiteConfig, 'domains'>): string[] {
  return [...new Set<string>([...DOMAINS, ...config.domains])];
}

/** Job types that a site's rules and schedules name but its catalogue lacks: each is a mistake in the file. */
export function unknownJobTypes(config: SiteConfig, catalogue: JobCatalogue): { setting: string; jobType: string }[] {
  const named = [
    ...config.rules.flatMap((rule) => rule.actions.map(({ jobType }) => ({ setting: `rules.${rule.id}.actions.jobType`, jobType }))),
    ...config.schedules.map(({ id, jobType }) => ({ setting: `schedules.${id}.jobType`, jobType })),
  ];
  return named.filter(({ jobType }) => !catalogue.get(jobType));
}

/** The limits of a configuration, in ms. */
export function backpressureLimits({ backpressure: limits }: SiteConfig): Record<'realtime' | 'interactive' | 'background', { waiting: number; oldestMs: number }> {
  const inMs = ({ waiting, oldestMinutes }: { waiting: number; oldestMinutes: number }) => ({ waiting, oldestMs: oldestMinutes * 60_000 });
  return { realtime: inMs(limits.realtime), interactive: inMs(limits.interactive), background: inMs(limits.background) };
}
