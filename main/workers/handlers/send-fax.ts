/** SendFaxJob: asks the fax gateway to send a document or a text. */
import { NotRetryableError } from '../../../shared/errors.ts';
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import type { Handler } from '../handler.ts';
import { askGateway } from './ask-gateway.ts';
import type { HandlerSettings } from './handler-settings.ts';

export function sendFax(settings: HandlerSettings): Handler<InputOf<'SendFaxJob'>> {
  return async (attempt) => {
    const { to, documentUrl, text } = attempt.input;
    if (documentUrl === undefined && text === undefined) throw new NotRetryableError('A fax needs a document or a text: input.documentUrl and input.text are both missing.');
    const gatewayFaxId = await askGateway(attempt, settings, 'fax', { to, documentUrl, text });
    attempt.emit('communication.FaxSent', { to, idempotencyKey: attempt.idempotencyKey, ...(gatewayFaxId === undefined ? {} : { gatewayFaxId }) });
  };
}
