/** Calls and faxes: both ask a gateway over HTTP in the same way. */
import { MissingSettingError } from '../../../shared/errors.ts';
import type { AttemptContext } from '../handler.ts';
import { secretOf } from './configured-secrets.ts';
import type { HandlerSettings } from './handler-settings.ts';
import { idOf, type OutboundAnswer, postJson } from './outbound-http.ts';

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
  const { id } = await attempt.once('send', async () => {
    const answer = await postToGateway(settings, kind, { ...request, correlationId: attempt.job.correlationId }, attempt, attempt.job.type);
    return { id: idOf(answer.body, ['id', 'callId', 'faxId', 'externalId']) ?? null };
  });
  return id ?? undefined;
}

/** Ask the gateway, whoever asks. @throws MissingSettingError if it is not configured; the errors of `postJson`. */
export async function postToGateway(
  settings: Pick<HandlerSettings, 'config' | 'secret'>,
  kind: 'telephony' | 'fax',
  body: Record<string, unknown>,
  { idempotencyKey, signal }: { readonly idempotencyKey: string; readonly signal: AbortSignal },
  neededBy = 'The test',
): Promise<OutboundAnswer> {
  const setting = `gateways.${kind}`;
  const gateway = settings.config.gateways[kind];
  if (!gateway) throw new MissingSettingError(setting, neededBy);
  const token = gateway.token ? secretOf(settings.secret, gateway.token, `${setting}.token`) : null;
  return postJson({ url: gateway.url, setting: `${setting}.url`, idempotencyKey, signal, body, ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` }, secrets: [token] }) });
}
