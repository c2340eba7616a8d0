/** Filters and scopes of dead letters as SQL conditions on `spine.dead_letter d`. */
import type { DeadLetterFilter, DeadLetterScope } from '../../shared/operator-api/index.ts';

/** Collects the values of a statement; `$n` stands for the value given. */
export class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}

/** The idempotency key of a dead letter, also where an old row has not been sorted yet; null if the payload can't be read. */
export const KEY_OF_LETTER = `CASE WHEN d.family IS NOT NULL THEN d.idempotency_key
  WHEN d.payload->>'idempotencyKey' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN (d.payload->>'idempotencyKey')::uuid END`;

/** Conditions of a filter, to be joined by AND; empty if it takes all. */
export function filterConditions(filter: DeadLetterFilter, values: Values): string[] {
  const conditions: string[] = [];
  if (filter.family !== undefined) conditions.push(`d.family = ${values.add(filter.family)}`);
  if (filter.jobType !== undefined) conditions.push(`d.job_type = ${values.add(filter.jobType)}`);
  if (filter.text !== undefined) {
    const pattern = values.add(`%${filter.text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`);
    conditions.push(`(d.error_message ILIKE ${pattern} OR d.error_name ILIKE ${pattern})`);
  }
  if (filter.diedFromMs !== undefined) conditions.push(`d.died_at >= to_timestamp(${values.add(filter.diedFromMs)}::float8 / 1000)`);
  if (filter.diedToMs !== undefined) conditions.push(`d.died_at < to_timestamp(${values.add(filter.diedToMs)}::float8 / 1000)`);
  return conditions;
}

/** What an action on a scope reaches: only what waits, and only what had died by `asOfMs`. One condition. */
export function scopeCondition(scope: DeadLetterScope, asOfMs: number | undefined, values: Values): string {
  const conditions = [`d.status = 'waiting'`];
  if (scope.kind === 'selection') conditions.push(`d.id = ANY(${values.add(scope.deadLetterIds)}::uuid[])`);
  else conditions.push(...filterConditions(scope.kind === 'family' ? { family: scope.family } : scope.filter, values));
  if (asOfMs !== undefined) conditions.push(`d.died_at <= to_timestamp(${values.add(asOfMs)}::float8 / 1000)`);
  return conditions.join(' AND ');
}
