/** Alerts and their rules in Postgres: they survive a restart, and several watchers raise one alert once. */
import { type AlertKind, AlertRule, USUAL_RULES } from '../../shared/alert-rule.ts';
import { Words } from '../../shared/i18n/translate.ts';
import type { Alert } from '../../shared/operator-api/index.ts';
import type { Sql } from '../database/database.ts';
import type { Trouble } from './judge-alerts.ts';

interface AlertRecord {
  id: string;
  kind: AlertKind;
  subject: string;
  severity: Alert['severity'];
  words: unknown;
  link: string;
  raised_at: Date;
  cleared_at: Date | null;
  acknowledged_by: string | null;
}
const COLUMNS = 'id, kind, subject, severity, words, link, raised_at, cleared_at, acknowledged_by';
/** Cleared alerts are kept this long. */
const KEPT = '180 days';

function alertOf({ id, kind, subject, severity, words, link, raised_at, cleared_at, acknowledged_by }: AlertRecord): Alert {
  return { id: Number(id), kind, subject, severity, words: Words.parse(words), link, raisedMs: raised_at.getTime(), clearedMs: cleared_at?.getTime() ?? null, acknowledgedBy: acknowledged_by };
}

/** All rules, those that nobody has changed included. */
export async function alertRules(sql: Sql): Promise<(AlertRule & { changedBy: string | null })[]> {
  const { rows } = await sql.query<{ kind: string; enabled: boolean; threshold: number | null; hold_ms: string; channel: string | null; recipient: string | null; changed_by: string }>('SELECT * FROM spine.alert_rule');
  return USUAL_RULES.map((usual) => {
    const row = rows.find(({ kind }) => kind === usual.kind);
    if (!row) return { ...usual, changedBy: null };
    const { enabled, threshold, channel, recipient } = row;
    return { ...AlertRule.parse({ kind: usual.kind, enabled, threshold, holdMs: Number(row.hold_ms), channel, recipient }), changedBy: row.changed_by };
  });
}

/** Part of the transaction that says so in the audit. */
export async function saveRule(tx: Sql, { kind, enabled, threshold, holdMs, channel, recipient }: AlertRule, operator: string): Promise<void> {
  await tx.query(
    `INSERT INTO spine.alert_rule (kind, enabled, threshold, hold_ms, channel, recipient, changed_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (kind) DO UPDATE SET enabled = excluded.enabled, threshold = excluded.threshold, hold_ms = excluded.hold_ms, channel = excluded.channel,
       recipient = excluded.recipient, changed_by = excluded.changed_by, changed_at = now()`,
    [kind, enabled, threshold, holdMs, channel, recipient, operator],
  );
}

/** @returns null if it is raised already. */
export async function raiseAlert(tx: Sql, { kind, subject, severity, words, link }: Trouble): Promise<Alert | null> {
  const { rows } = await tx.query<AlertRecord>(
    `INSERT INTO spine.alert (kind, subject, severity, words, link) VALUES ($1, $2, $3, $4::text::jsonb, $5)
     ON CONFLICT (kind, subject) WHERE cleared_at IS NULL DO NOTHING RETURNING ${COLUMNS}`,
    [kind, subject, severity, JSON.stringify(words), link],
  );
  return rows[0] ? alertOf(rows[0]) : null;
}

/** @returns null if it was cleared already. */
export async function clearAlert(tx: Sql, id: number): Promise<Alert | null> {
  const { rows } = await tx.query<AlertRecord>(`UPDATE spine.alert SET cleared_at = now() WHERE id = $1 AND cleared_at IS NULL RETURNING ${COLUMNS}`, [id]);
  return rows[0] ? alertOf(rows[0]) : null;
}

/** @returns null if there is no such alert. */
export async function acknowledgeAlert(tx: Sql, id: number, operator: string): Promise<Alert | null> {
  const { rows } = await tx.query<AlertRecord>(`UPDATE spine.alert SET acknowledged_by = $2, acknowledged_at = now() WHERE id = $1 RETURNING ${COLUMNS}`, [id, operator]);
  return rows[0] ? alertOf(rows[0]) : null;
}

/** Those that last, oldest first. */
export async function openAlerts(sql: Sql): Promise<Alert[]> {
  const { rows } = await sql.query<AlertRecord>(`SELECT ${COLUMNS} FROM spine.alert WHERE cleared_at IS NULL ORDER BY raised_at, id`);
  return rows.map(alertOf);
}

/** Newest first. */
export async function listAlerts(sql: Sql, { beforeId, limit }: { beforeId?: number | undefined; limit: number }): Promise<{ alerts: Alert[]; more: boolean }> {
  const { rows } = await sql.query<AlertRecord>(`SELECT ${COLUMNS} FROM spine.alert WHERE id < $1 ORDER BY id DESC LIMIT $2`, [beforeId ?? Number.MAX_SAFE_INTEGER, limit + 1]);
  return { alerts: rows.slice(0, limit).map(alertOf), more: rows.length > limit };
}

export async function forgetOldAlerts(sql: Sql): Promise<void> {
  await sql.query(`DELETE FROM spine.alert WHERE cleared_at < now() - interval '${KEPT}'`);
}
