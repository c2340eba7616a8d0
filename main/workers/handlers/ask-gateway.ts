/** Calls and faxes: both ask a gateway over HTTP in the same way. */
import { MissingSettingError } from '../../../shared/errors.ts';
import type { AttemptContext } from '../handler.ts';
import { secretOf } from './configured-secrets.ts';
import type { HandlerSettings } from './handler-settings.ts';
import { idOf, postJson } from './outbound-http.ts';

/**
 * Ask the gateway once. Returns the id that it gave, if any.
 * @throws MissingSettingError if the gateway is not configured; the errors of `postJson`.
 */
export async function askGateway(
  attempt: AttemptContext,
  settings: HandlerSettings,
  kind: 'telephony' | 'fax',
  request: Record<string, unknown>,
): Promise<string | undefined> {
  const setting = `gateways.${kind}`;
  const gateway = settings.config.gateways[kind];
  if (!gateway) throw new MissingSettingError(setting, attempt.job.type);
  const { id } = await attempt.once('send', async () => {
    const token = gateway.token ? secretOf(settings.secret, gateway.token, `${setting}.token`) : null;
    const answer = await postJson({
      url: gateway.url,
      setting: `${setting}.url`,
      idempotencyKey: attempt.idempotencyKey,
      signal: attempt.signal,
      body: { ...request, correlationId: attempt.job.correlationId },
      ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` }, secrets: [token] }),
    });
    return { id: idOf(answer.body, ['id', 'callId', 'faxId', 'externalId']) ?? null };
  });
  return id ?? undefined;
}
