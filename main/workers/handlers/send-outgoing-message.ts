/** SendOutgoingMessageJob: sends by a configured channel, HTTP webhook or SMTP. */
import { MissingSettingError } from '../../../shared/errors.ts';
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import type { Handler } from '../handler.ts';
import { headersOf, secretOf } from './configured-secrets.ts';
import type { HandlerSettings } from './handler-settings.ts';
import { idOf, postJson } from './outbound-http.ts';
import { sendMail } from './send-mail.ts';

export function sendOutgoingMessage(settings: HandlerSettings): Handler<InputOf<'SendOutgoingMessageJob'>> {
  return async (attempt) => {
    const { channel: name, to, subject, body } = attempt.input;
    const setting = `channels.${name}`;
    const channel = Object.hasOwn(settings.config.channels, name) ? settings.config.channels[name] : undefined;
    if (!channel) throw new MissingSettingError(setting, attempt.job.type);
    const { idempotencyKey, signal } = attempt;
    const { correlationId } = attempt.job;

    const { externalId } = await attempt.once('send', async () => {
      if (channel.kind === 'smtp') {
        const password = channel.password ? secretOf(settings.secret, channel.password, `${setting}.password`) : null;
        return { externalId: await sendMail(channel, password, { to, subject: subject ?? '', body, correlationId, idempotencyKey }, `${setting}.host`, signal) };
      }
      const { headers, secrets } = headersOf(settings.secret, channel.headers, `${setting}.headers`);
      const answer = await postJson({ url: channel.url, setting: `${setting}.url`, idempotencyKey, signal, headers, secrets, body: { to, subject, body, correlationId } });
      return { externalId: idOf(answer.body, ['id', 'messageId', 'externalId']) ?? null };
    });
    attempt.emit('communication.MessageSent', { channel: name, to, idempotencyKey, ...(externalId === null ? {} : { externalId }) });
  };
}
