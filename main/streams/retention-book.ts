/**
 * How long each stream is to keep: what the configuration says, and what an operator has said instead. An operator's word is
 * kept in Postgres, where a backup finds it; the configuration file is never written to.
 */
import type { Retention, RetentionOrigin, StreamName } from '../../shared/operator-api/index.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Sql } from '../database/database.ts';

export interface RetentionOverride extends Retention {
  readonly operator: string;
  readonly reason: string;
  readonly setMs: number;
}

/** The setting of each stream. */
const SETTINGS: Readonly<Record<StreamName, 'platformEvents' | 'connectorData' | 'auditLog'>> = { 'platform-events': 'platformEvents', 'connector-data': 'connectorData', 'audit-log': 'auditLog' };

export class RetentionBook {
  readonly #loaded: Pick<LoadedConfig, 'config' | 'written'>;
  readonly #overrides = new Map<string, RetentionOverride>();

  constructor(loaded: Pick<LoadedConfig, 'config' | 'written'>) {
    this.#loaded = loaded;
  }

  /** Read what operators have said. */
  async load(sql: Sql): Promise<void> {
    this.#overrides.clear();
    const { rows } = await sql.query<{ stream: string; maxAgeMs: string | null; maxBytes: string | null; operator: string; reason: string; setMs: number }>(
      `SELECT stream, max_age_ms AS "maxAgeMs", max_bytes AS "maxBytes", operator, reason, round(extract(epoch FROM set_at) * 1000)::float8 AS "setMs" FROM spine.stream_retention`,
    );
    for (const { stream, maxAgeMs, maxBytes, ...said } of rows) this.#overrides.set(stream, { ...said, maxAgeMs: maxAgeMs === null ? null : Number(maxAgeMs), maxBytes: maxBytes === null ? null : Number(maxBytes) });
  }

  /** What is asked of the bus at the start. An override never goes below the duplicate window: the server would not take it, and the site not start. */
  wanted(): { platformEvents: number; connectorData: number; auditLog: number; duplicateWindow: number; overrides: ReadonlyMap<string, Retention> } {
    const { streams } = this.#loaded.config;
    const atLeast = ({ maxAgeMs, maxBytes }: Retention): Retention => ({ maxAgeMs: maxAgeMs === null ? null : Math.max(maxAgeMs, streams.duplicateWindow), maxBytes });
    return { ...streams, overrides: new Map([...this.#overrides].map(([stream, override]) => [stream, atLeast(override)])) };
  }

  configured(stream: StreamName): Retention {
    return { maxAgeMs: this.#loaded.config.streams[SETTINGS[stream]], maxBytes: null };
  }
  override(stream: StreamName): RetentionOverride | null {
    return this.#overrides.get(stream) ?? null;
  }
  /** The age that holds, ms; null is without a limit. */
  maxAgeMs(stream: StreamName): number | null {
    const override = this.wanted().overrides.get(stream);
    return override ? override.maxAgeMs : this.configured(stream).maxAgeMs;
  }

  /** @param maxBytes as the server has it. */
  origins(stream: StreamName, maxBytes: number | null): { maxAge: RetentionOrigin; maxBytes: RetentionOrigin } {
    if (this.#overrides.has(stream)) return { maxAge: 'operator', maxBytes: 'operator' };
    return { maxAge: this.#loaded.written(`streams.${SETTINGS[stream]}`) ? 'config' : 'default', maxBytes: maxBytes === null ? 'default' : 'server' };
  }

  /** Write what an operator says, or forget it (null). Part of the caller's transaction; `note` it once that is committed. */
  async write(tx: Sql, stream: StreamName, override: RetentionOverride | null): Promise<void> {
    if (override === null) {
      await tx.query('DELETE FROM spine.stream_retention WHERE stream = $1', [stream]);
      return;
    }
    await tx.query(
      `INSERT INTO spine.stream_retention (stream, max_age_ms, max_bytes, operator, reason, set_at) VALUES ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000))
       ON CONFLICT (stream) DO UPDATE SET max_age_ms = EXCLUDED.max_age_ms, max_bytes = EXCLUDED.max_bytes, operator = EXCLUDED.operator, reason = EXCLUDED.reason, set_at = EXCLUDED.set_at`,
      [stream, override.maxAgeMs, override.maxBytes, override.operator, override.reason, override.setMs],
    );
  }
  note(stream: StreamName, override: RetentionOverride | null): void {
    if (override) this.#overrides.set(stream, override);
    else this.#overrides.delete(stream);
  }
}
