/** What operators do to rules. Each action writes its audit event into the outbox in the transaction that acts. */
import { createTyped, type DataOf } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { ConfigError, ConflictError } from '../../shared/errors.ts';
import { type Words, words } from '../../shared/i18n/translate.ts';
import { inTransaction, type Sql } from '../database/database.ts';
import type { RequestContext } from '../operator-api/services.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { checkDefinition } from './check-definition.ts';
import { deleteRule, insertRule, lockRule, type StoredRule, switchRule, updateRule } from './rule-records.ts';

type Done = { id: string; version: number };

/** @throws ConfigError naming the field, ConflictError if the id is taken. */
export async function createRule(context: RequestContext, { definition, reason }: { definition?: unknown; reason: string }): Promise<Done> {
  const rule = checkDefinition(definition, context.services.jobs);
  return act(context, async (tx) => {
    const version = await insertRule(tx, rule, context.operator, reason);
    return { id: rule.id, version, event: audit(context, 'system.RuleCreated', { rule: rule.id, version, definition: { ...rule }, reason }) };
  });
}

/** @throws ConfigError naming the field, ConflictError if it comes from the file or was changed meanwhile. */
export async function changeRule(context: RequestContext, { id, definition, version: seen, reason }: { id: string; definition?: unknown; version: number; reason: string }): Promise<Done> {
  const rule = checkDefinition(definition, context.services.jobs);
  if (rule.id !== id) throw new ConfigError('id', `is "${rule.id}"`, `"${id}": a rule keeps its id; make a new one instead`);
  return act(context, async (tx) => {
    const before = await lockRule(tx, id);
    madeByOperator(before, words('The rule {rule} comes from the site’s configuration file. Change it there and restart.', { rule: id }));
    if (before.version !== seen) throw new ConflictError(words('The rule {rule} has been changed by {operator} meanwhile (version {version}, yours was {seen}); nothing was done. Look at it again.', { rule: id, operator: before.updatedBy, version: before.version, seen }));
    const version = await updateRule(tx, rule, context.operator, reason);
    return { id, version, event: audit(context, 'system.RuleChanged', { rule: id, version, definition: { ...rule }, before: { ...before.definition }, reason }) };
  });
}

export async function removeRule(context: RequestContext, { id, reason }: { id: string; reason: string }): Promise<Done> {
  return act(context, async (tx) => {
    const before = await lockRule(tx, id);
    madeByOperator(before, words('The rule {rule} comes from the site’s configuration file. Take it out there and restart, or switch it off.', { rule: id }));
    const version = await deleteRule(tx, id, context.operator, reason);
    return { id, version, event: audit(context, 'system.RuleRemoved', { rule: id, version, before: { ...before.definition }, reason }) };
  });
}

/** Also of a rule that comes from the file: its definition stays as it is. */
export async function setRuleOn(context: RequestContext, { id, on, reason }: { id: string; on: boolean; reason: string }): Promise<Done> {
  return act(context, async (tx) => {
    const { definition, switched, version } = await lockRule(tx, id);
    if ((switched?.on ?? definition.enabled) === on) throw new ConflictError(on ? words('The rule {rule} is on already; nothing was done.', { rule: id }) : words('The rule {rule} is off already; nothing was done.', { rule: id }));
    await switchRule(tx, id, definition.enabled === on ? null : on, context.operator, reason);
    return { id, version, event: audit(context, 'system.RuleSwitched', { rule: id, on, reason }) };
  });
}

async function act({ services }: RequestContext, work: (tx: Sql) => Promise<Done & { event: Envelope }>): Promise<Done> {
  const done = await inTransaction(services.database.intake, async (tx) => {
    const { event, ...result } = await work(tx);
    await putIntoOutbox(tx, [event]);
    return result;
  });
  services.rules.changed();
  services.committed([]);
  return done;
}

type Audited = 'system.RuleCreated' | 'system.RuleChanged' | 'system.RuleRemoved' | 'system.RuleSwitched';

function audit<Type extends Audited>({ services, operator }: RequestContext, eventType: Type, data: Omit<DataOf<Type>, 'operator'>): Envelope {
  return createTyped({ eventType, source: services.source, data: { ...data, operator } as unknown as DataOf<Type> }) as Envelope;
}

function madeByOperator({ origin }: StoredRule, otherwise: Words): void {
  if (origin === 'config') throw new ConflictError(otherwise);
}
