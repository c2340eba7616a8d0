/** One real message by a channel, at once and without retries, so that a person sees what becomes of it. */
import { v4 as uuidv4 } from 'uuid';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { ConfigError, messageOf } from '../../shared/errors.ts';
import type { ChannelKind, ChannelTest } from '../../shared/operator-api/index.ts';
import type { RequestContext } from '../operator-api/services.ts';
import { postToGateway } from '../workers/handlers/ask-gateway.ts';
import { askModel } from '../workers/handlers/execute-llm-query.ts';
import { idOf } from '../workers/handlers/outbound-http.ts';
import { deliver } from '../workers/handlers/send-outgoing-message.ts';
import { listChannels } from './channel-answers.ts';

const LONGEST_MS = 30_000;
/** A model on a small machine takes its time. */
const LONGEST_ANSWER_MS = 120_000;
const SUBJECT = 'Spine Console: test';

/**
 * The audit event is published before anything is sent. What the other side answers is not thrown: it is the result.
 * @throws ConfigError naming the setting that is missing, or `to`.
 */
export async function sendTestMessage({ services, operator }: RequestContext, { setting, to, text }: { setting: string; to: string; text: string }, signal: AbortSignal): Promise<ChannelTest> {
  const channel = listChannels(services).channels.find((each) => each.setting === setting && each.configured);
  if (!channel) throw new ConfigError(setting, 'is not configured', 'a channel of the list');
  if (channel.missing) throw new ConfigError(setting, channel.missing.text.replace(/\.$/, ''), 'a channel that can be used');
  if (channel.kind !== 'llm' && to === '') throw new ConfigError('to', 'is empty', 'the address, number or name that the test goes to');
  const tested = createTyped({ eventType: 'system.ChannelTested', source: services.source, data: { channel: setting, kind: channel.kind, ...(to === '' ? {} : { to }), operator } });
  await services.publish(tested as Envelope);
  const from = performance.now();
  const ends = { ok: true, answer: null as string | null, problem: null as string | null };
  try {
    ends.answer = await send(services, channel.kind, { setting, to, text, correlationId: tested.correlationId, idempotencyKey: uuidv4(), signal: AbortSignal.any([signal, AbortSignal.timeout(channel.kind === 'llm' ? LONGEST_ANSWER_MS : LONGEST_MS)]) });
  } catch (error) {
    ends.ok = false;
    ends.problem = messageOf(error);
  }
  return { ...ends, tookMs: performance.now() - from };
}

interface Sending {
  readonly setting: string;
  readonly to: string;
  readonly text: string;
  readonly correlationId: string;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

async function send({ config, secret }: RequestContext['services'], kind: ChannelKind, { setting, to, text, correlationId, idempotencyKey, signal }: Sending): Promise<string | null> {
  const settings = { config, secret };
  if (kind === 'llm') return (await askModel(settings, { prompt: text, maxTokens: 200 }, { idempotencyKey, signal })).response;
  if (kind === 'telephony' || kind === 'fax') {
    const { body } = await postToGateway(settings, kind, kind === 'telephony' ? { to, announcement: text, correlationId } : { to, text, correlationId }, { idempotencyKey, signal });
    return idOf(body, ['id', 'callId', 'faxId', 'externalId']) ?? null;
  }
  const name = setting.slice('channels.'.length);
  return (await deliver(settings, name, { to, subject: SUBJECT, body: text, correlationId, idempotencyKey }, signal)).externalId;
}
