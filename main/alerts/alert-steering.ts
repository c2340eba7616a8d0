/** What an operator does to alerts. Each writes its audit event in the transaction that acts. */
import { ALERT_WORDS, type AlertRule } from '../../shared/alert-rule.ts';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { ConfigError, NotFoundError } from '../../shared/errors.ts';
import type { Alert } from '../../shared/operator-api/index.ts';
import { inTransaction } from '../database/database.ts';
import type { RequestContext } from '../operator-api/services.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { acknowledgeAlert, alertRules, saveRule } from './alert-store.ts';
import { messageRequest } from './alert-watcher.ts';

export async function rulesAndChannels({ database, config }: RequestContext['services']): Promise<{ rules: (AlertRule & { changedBy: string | null })[]; channels: string[] }> {
  return { rules: await alertRules(database.intake), channels: Object.keys(config.channels) };
}

/** @throws ConfigError that names the field. */
export async function changeRule({ services, operator }: RequestContext, { reason, ...rule }: AlertRule & { reason?: string | undefined }): Promise<AlertRule> {
  if (ALERT_WORDS[rule.kind].unit !== null && rule.threshold === null) throw new ConfigError('threshold', 'is missing', `a number: ${ALERT_WORDS[rule.kind].unit}`);
  if (rule.channel !== null) knownChannel(services, rule.channel, rule.recipient);
  await inTransaction(services.database.intake, async (tx) => {
    await saveRule(tx, rule, operator);
    await putIntoOutbox(tx, [createTyped({ eventType: 'system.AlertRuleChanged', source: services.source, data: { ...rule, operator, ...(reason ? { reason } : {}) } }) as Envelope]);
  });
  services.committed([]);
  services.alerts.look();
  return rule;
}

/** @throws NotFoundError */
export async function acknowledge({ services, operator }: RequestContext, id: number): Promise<Alert> {
  const alert = await inTransaction(services.database.intake, async (tx) => {
    const found = await acknowledgeAlert(tx, id, operator);
    if (!found) throw new NotFoundError('alert', String(id));
    await putIntoOutbox(tx, [createTyped({ eventType: 'system.AlertAcknowledged', source: services.source, data: { alertId: id, kind: found.kind, subject: found.subject, operator } }) as Envelope]);
    return found;
  });
  services.committed([]);
  services.alerts.look();
  return alert;
}

/** Ask for a test message. @throws ConfigError if there is no such channel. */
export async function testChannel({ services, operator }: RequestContext, { channel, recipient }: { channel: string; recipient: string }): Promise<{ eventId: string; correlationId: string }> {
  knownChannel(services, channel, recipient);
  const { site } = services.config;
  const event = messageRequest(services.source, { channel, recipient, subject: `Test message of ${site}`, body: `${operator} tests how ${site} tells its alerts.`, why: `test by ${operator}` });
  await services.publish(event);
  return { eventId: event.eventId, correlationId: event.correlationId };
}

function knownChannel({ config }: RequestContext['services'], name: string, recipient: string | null): void {
  const channel = Object.hasOwn(config.channels, name) ? config.channels[name] : undefined;
  if (!channel) throw new ConfigError('channel', `"${name}" is not configured`, `one of channels: ${Object.keys(config.channels).join(', ') || 'there is none yet; add one to the configuration'}`);
  if (channel.kind === 'smtp' && !/^\S+@\S+$/.test(recipient ?? '')) throw new ConfigError('recipient', 'is no mail address', 'whom to write to, such as ops@example.org');
}
