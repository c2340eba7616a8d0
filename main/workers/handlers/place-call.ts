/** PlaceCallJob: asks the telephony gateway to place a call. */
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import type { Handler } from '../handler.ts';
import { askGateway } from './ask-gateway.ts';
import type { HandlerSettings } from './handler-settings.ts';

export function placeCall(settings: HandlerSettings): Handler<InputOf<'PlaceCallJob'>> {
  return async (attempt) => {
    const { to, from, announcement } = attempt.input;
    const gatewayCallId = await askGateway(attempt, settings, 'telephony', { to, from, announcement });
    attempt.emit('communication.CallPlaced', { to, idempotencyKey: attempt.idempotencyKey, ...(gatewayCallId === undefined ? {} : { gatewayCallId }) });
  };
}
