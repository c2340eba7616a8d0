/**
 * The three streams: created at start or brought up to date, never weakened silently.
 *
 *   platform-events   every <domain>.*, domains listed one by one (JetStream refuses *.* and overlapping subjects)
 *   connector-data    a filtered mirror: keeps the origin's sequences and times
 *   audit-log         a full mirror; delete and purge denied, kept when the origin is purged
 */
import { DiscardPolicy, JetStreamApiError, type JetStreamManager, PersistMode, RetentionPolicy, StorageType, type StreamConfig } from './nats-api.ts';
import { ConfigError } from '../../../../shared/errors.ts';
import { STORED_PREFIX } from './stored-message.ts';

export const PLATFORM_EVENTS = 'platform-events';
export const CONNECTOR_DATA = 'connector-data';
export const AUDIT_LOG = 'audit-log';

/** Retentions in ms. */
export interface StreamRetention {
  readonly platformEvents: number;
  readonly connectorData: number;
  readonly auditLog: number;
  readonly duplicateWindow: number;
  /** What an operator has set instead, by stream: ms and bytes, null is without a limit. Never of the audit log. */
  readonly overrides?: ReadonlyMap<string, { readonly maxAgeMs: number | null; readonly maxBytes: number | null }>;
}

const STREAM_NOT_FOUND = 10059;
const nanos = (ms: number): number => ms * 1_000_000;

function wanted(domains: readonly string[], retention: StreamRetention): (Partial<StreamConfig> & { name: string })[] {
  const base = { storage: StorageType.File, retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old, allow_direct: true } as const;
  const streams: (Partial<StreamConfig> & { name: string })[] = [
    {
      ...base,
      name: PLATFORM_EVENTS,
      subjects: domains.map((domain) => `${domain}.*`),
      max_age: nanos(retention.platformEvents),
      duplicate_window: nanos(retention.duplicateWindow),
      // For routing's faster lane.
      republish: { src: '>', dest: `${STORED_PREFIX}>` },
    },
    {
      ...base,
      name: CONNECTOR_DATA,
      mirror: { name: PLATFORM_EVENTS, filter_subject: 'connector.*' },
      max_age: nanos(retention.connectorData),
      // A view that can be rebuilt: it need not be synced to disk message by message.
      persist_mode: PersistMode.Async,
    },
    {
      ...base,
      name: AUDIT_LOG,
      mirror: { name: PLATFORM_EVENTS },
      max_age: nanos(retention.auditLog),
      deny_delete: true,
      deny_purge: true,
    },
  ];
  return streams.map((stream) => {
    const override = stream.name === AUDIT_LOG ? undefined : retention.overrides?.get(stream.name);
    // Without one, a limit in bytes that somebody has set on the server stays.
    return override ? { ...stream, max_age: nanos(override.maxAgeMs ?? 0), max_bytes: override.maxBytes ?? -1 } : stream;
  });
}

export interface StreamChange {
  readonly stream: string;
  readonly change: string;
}

/**
 * Create or update the streams.
 * A shorter retention of the audit log, or a domain that disappears while it still has events, is refused.
 * @returns what was changed, in words.
 * @throws ConfigError when the configuration would weaken what is there.
 */
export async function ensureStreams(manager: JetStreamManager, domains: readonly string[], retention: StreamRetention): Promise<StreamChange[]> {
  const changes: StreamChange[] = [];
  for (const config of wanted(domains, retention)) {
    const existing = await manager.streams.info(config.name).catch((error: unknown) => {
      if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return null;
      throw error;
    });
    if (!existing) {
      await manager.streams.add(config);
      changes.push({ stream: config.name, change: 'created' });
      continue;
    }
    const { config: current } = existing;
    if (config.name === AUDIT_LOG && Number(config.max_age) < Number(current.max_age)) {
      throw new ConfigError(
        'streams.auditLog',
        `would shorten the audit log from ${days(Number(current.max_age))} to ${days(Number(config.max_age))}`,
        'a retention that is not shorter; an audit log is never weakened by a setting',
      );
    }
    const gone = (current.subjects ?? []).filter((subject) => config.subjects && !config.subjects.includes(subject));
    if (gone.length > 0) {
      throw new ConfigError('domains', `leaves out ${gone.join(', ')}, which the stream ${config.name} takes`, 'every domain that has been in use; add it again');
    }
    const differs =
      Number(current.max_age) !== Number(config.max_age) ||
      (config.max_bytes !== undefined && current.max_bytes !== config.max_bytes) ||
      (config.duplicate_window !== undefined && Number(current.duplicate_window) !== config.duplicate_window) ||
      (config.subjects?.length ?? 0) !== (config.subjects ? (current.subjects?.length ?? 0) : 0);
    const lane = config.republish && current.republish?.dest !== config.republish.dest ? { republish: config.republish } : {};
    if (differs || 'republish' in lane) {
      const update = { ...current, max_age: config.max_age ?? 0, ...(config.max_bytes === undefined ? {} : { max_bytes: config.max_bytes }), ...(config.subjects ? { subjects: config.subjects } : {}), ...(config.duplicate_window === undefined ? {} : { duplicate_window: config.duplicate_window }), ...lane };
      await manager.streams.update(config.name, update);
      if (!differs) changes.push({ stream: config.name, change: `sends what it stores once more, to ${STORED_PREFIX}>` });
      else changes.push({ stream: config.name, change: `retention ${days(Number(current.max_age))} → ${days(Number(config.max_age))}, ${update.subjects?.length ?? 0} subjects` });
    }
  }
  return changes;
}

const days = (ns: number): string => (ns === 0 ? 'for ever' : `${Math.round(ns / 8.64e13)} d`);
