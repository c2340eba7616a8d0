/** SendOutgoingMessageJob: sends by a configured channel, HTTP webhook or SMTP. */
import { MissingSettingError } from '../../../shared/errors.ts';
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import type { Handler } from '../handler.ts';
import { headersOf, secretOf } from './configured-secrets.ts';
import type { HandlerSettings } from './handler-settings.ts';
import { idOf, postJson } from './outbound-http.ts';
import { sendMail } from './send-mail.ts';

export interface OutgoingMessage {
  readonly to: string;
  readonly subject: string | undefined;
  readonly body: string;
  readonly correlationId: string;
  readonly idempotencyKey: string;
}

/**
 * Send by a configured channel, once.
 * @returns the id that the other side gave, if any.
 * @throws MissingSettingError if there is no such channel; the errors of `postJson` and `sendMail`.
 */
export async function deliver(settings: Pick<HandlerSettings, 'config' | 'secret'>, name: string, message: OutgoingMessage, signal: AbortSignal, neededBy = 'The test'): Promise<{ externalId: string | null }> {
  const setting = `channels.${name}`;
  const channel = Object.hasOwn(settings.config.channels, name) ? settings.config.channels[name] : undefined;
  if (!channel) throw new MissingSettingError(setting, neededBy);
  const { to, subject, body, correlationId, idempotencyKey } = message;
  if (channel.kind === 'smtp') {
    const password = channel.password ? secretOf(settings.secret, channel.password, `${setting}.password`) : null;
    return { externalId: await sendMail(channel, password, { to, subject: subject ?? '', body, correlationId, idempotencyKey }, `${setting}.host`, signal) };
  }
  const { headers, secrets } = headersOf(settings.secret, channel.headers, `${setting}.headers`);
  const answer = await postJson({ url: channel.url, setting: `${setting}.url`, idempotencyKey, signal, headers, secrets, body: { to, subject, body, correlationId } });
  return { externalId: idOf(answer.body, ['id', 'messageId', 'externalId']) ?? null };
}

export function sendOutgoingMessage(settings: HandlerSettings): Handler<InputOf<'SendOutgoingMessageJob'>> {
  return async (attempt) => {
    const { channel: name, to, subject, body } = attempt.input;
    const { idempotencyKey, signal } = attempt;
    const { externalId } = await attempt.once('send', () => deliver(settings, name, { to, subject, body, correlationId: attempt.job.correlationId, idempotencyKey }, signal, attempt.job.type));
    attempt.emit('communication.MessageSent', { channel: name, to, idempotencyKey, ...(externalId === null ? {} : { externalId }) });
  };
}
