/** Rules and their versions in Postgres. Every function is part of the caller's transaction. */
import type { RuleVersion } from '../../shared/operator-api/index.ts';
import { ConflictError, NotFoundError } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import { RuleDefinition } from '../../shared/rule-definition.ts';
import type { Sql } from '../database/database.ts';

export interface StoredRule {
  readonly definition: RuleDefinition;
  readonly origin: 'config' | 'operator';
  readonly version: number;
  readonly updatedBy: string;
  readonly updatedMs: number;
  readonly switched: { readonly on: boolean; readonly operator: string; readonly reason: string; readonly sinceMs: number } | null;
}

interface Row extends Record<string, unknown> {
  definition: unknown;
  origin: 'config' | 'operator';
  version: number;
  updatedBy: string;
  updatedMs: number;
  switched: boolean | null;
  switchedBy: string | null;
  switchReason: string | null;
  switchedMs: number | null;
}

const MS = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)::float8`;
const COLUMNS = `definition, origin, version, updated_by AS "updatedBy", ${MS('updated_at')} AS "updatedMs", switched, switched_by AS "switchedBy", switch_reason AS "switchReason", ${MS('switched_at')} AS "switchedMs"`;

/** A definition of another version of this program that can't be read is left out, as the engine leaves it out. */
function ruleOf({ definition, switched, switchedBy, switchReason, switchedMs, ...row }: Row): StoredRule[] {
  const parsed = RuleDefinition.safeParse(definition);
  if (!parsed.success) return [];
  return [{ origin: row.origin, version: row.version, updatedBy: row.updatedBy, updatedMs: row.updatedMs, definition: parsed.data, switched: switched === null ? null : { on: switched, operator: switchedBy ?? '', reason: switchReason ?? '', sinceMs: switchedMs ?? 0 } }];
}

export async function storedRules(sql: Sql): Promise<StoredRule[]> {
  return (await sql.query<Row>(`SELECT ${COLUMNS} FROM spine.rule ORDER BY id`)).rows.flatMap(ruleOf);
}

/** @throws NotFoundError. */
export async function lockRule(tx: Sql, id: string): Promise<StoredRule> {
  const { rows: [row] } = await tx.query<Row>(`SELECT ${COLUMNS} FROM spine.rule WHERE id = $1 FOR UPDATE`, [id]);
  const [rule] = row ? ruleOf(row) : [];
  if (!rule) throw new NotFoundError('rule', id);
  return rule;
}

/** @throws ConflictError if the id is taken. @returns the version. */
export async function insertRule(tx: Sql, definition: RuleDefinition, operator: string, reason: string): Promise<number> {
  const version = await addVersion(tx, definition.id, definition, operator, reason);
  const { rowCount } = await tx.query(
    `INSERT INTO spine.rule (id, definition, origin, version, updated_by) VALUES ($1, $2::text::jsonb, 'operator', $3, $4) ON CONFLICT (id) DO NOTHING`,
    [definition.id, JSON.stringify(definition), version, operator],
  );
  if (rowCount === 0) throw new ConflictError(words('id: there is a rule named {rule} already. Choose another id, or change that one.', { rule: definition.id }));
  return version;
}

/** A switch by hand ends: the new definition says whether it is on. @returns the version. */
export async function updateRule(tx: Sql, definition: RuleDefinition, operator: string, reason: string): Promise<number> {
  const version = await addVersion(tx, definition.id, definition, operator, reason);
  await tx.query(
    `UPDATE spine.rule SET definition = $2::text::jsonb, version = $3, updated_by = $4, updated_at = now(), switched = NULL, switched_by = NULL, switch_reason = NULL, switched_at = NULL WHERE id = $1`,
    [definition.id, JSON.stringify(definition), version, operator],
  );
  return version;
}

export async function deleteRule(tx: Sql, id: string, operator: string, reason: string): Promise<number> {
  await tx.query('DELETE FROM spine.rule WHERE id = $1', [id]);
  return addVersion(tx, id, null, operator, reason);
}

/** @param on null: as its definition says. */
export async function switchRule(tx: Sql, id: string, on: boolean | null, operator: string, reason: string): Promise<void> {
  await tx.query(
    `UPDATE spine.rule SET switched = $2, switched_by = CASE WHEN $2::boolean IS NULL THEN NULL ELSE $3 END, switch_reason = CASE WHEN $2::boolean IS NULL THEN NULL ELSE $4 END,
       switched_at = CASE WHEN $2::boolean IS NULL THEN NULL ELSE now() END WHERE id = $1`,
    [id, on, operator, reason],
  );
}

async function addVersion(tx: Sql, id: string, definition: RuleDefinition | null, operator: string, reason: string): Promise<number> {
  const { rows: [row] } = await tx.query<{ version: number }>(
    `INSERT INTO spine.rule_version (rule_id, version, definition, operator, reason)
     SELECT $1, 1 + coalesce((SELECT max(version) FROM spine.rule_version WHERE rule_id = $1), 0), $2::text::jsonb, $3, $4 RETURNING version`,
    [id, definition === null ? null : JSON.stringify(definition), operator, reason],
  );
  return row?.version ?? 1;
}

/** What the configuration file says now, where that is not what the newest version says. */
export async function noteConfigured(tx: Sql): Promise<void> {
  await tx.query(
    `WITH newest AS (SELECT DISTINCT ON (rule_id) rule_id, version, definition FROM spine.rule_version ORDER BY rule_id, version DESC),
     added AS (
       INSERT INTO spine.rule_version (rule_id, version, definition, operator, reason)
       SELECT r.id, 1 + coalesce(n.version, 0), r.definition, 'configuration', '' FROM spine.rule r LEFT JOIN newest n ON n.rule_id = r.id
       WHERE r.origin = 'config' AND n.definition IS DISTINCT FROM r.definition
       RETURNING rule_id, version)
     UPDATE spine.rule r SET version = added.version, updated_by = 'configuration' FROM added WHERE added.rule_id = r.id`,
  );
}

export async function versionsOf(sql: Sql, id: string): Promise<RuleVersion[]> {
  const { rows } = await sql.query<{ version: number; definition: unknown; operator: string; reason: string; atMs: number }>(
    `SELECT version, definition, operator, reason, ${MS('written_at')} AS "atMs" FROM spine.rule_version WHERE rule_id = $1 ORDER BY version DESC LIMIT 200`,
    [id],
  );
  return rows.map((row) => ({ ...row, definition: RuleDefinition.nullable().catch(null).parse(row.definition) }));
}
