/** ExecuteLLMQueryJob: asks an OpenAI-compatible endpoint. */
import * as z from 'zod';
import { describeIssues } from '../../../shared/event-catalogue/index.ts';
import { MissingSettingError, RetryableError } from '../../../shared/errors.ts';
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import type { Handler } from '../handler.ts';
import { secretOf } from './configured-secrets.ts';
import type { HandlerSettings } from './handler-settings.ts';
import { postJson } from './outbound-http.ts';

const Completion = z.looseObject({
  model: z.string().min(1).optional(),
  choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string() }) })).min(1),
  usage: z.looseObject({ prompt_tokens: z.int().optional(), completion_tokens: z.int().optional() }).optional(),
});

export interface ModelAnswer extends Record<string, unknown> {
  readonly response: string;
  readonly model: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly durationMs: number;
}

/** Ask the configured endpoint. @throws MissingSettingError if there is none; RetryableError if it answers with something else; the errors of `postJson`. */
export async function askModel(
  settings: Pick<HandlerSettings, 'config' | 'secret'>,
  { prompt, system, maxTokens, model: wanted }: { readonly prompt: string; readonly system?: string | undefined; readonly maxTokens?: number | undefined; readonly model?: string | undefined },
  { idempotencyKey, signal }: { readonly idempotencyKey: string; readonly signal: AbortSignal },
  neededBy = 'The test',
): Promise<ModelAnswer> {
  const { llm } = settings.config;
  if (!llm) throw new MissingSettingError('llm', neededBy);
  const model = wanted ?? llm.model;
  const startedMs = Date.now();
  const apiKey = llm.apiKey ? secretOf(settings.secret, llm.apiKey, 'llm.apiKey') : null;
  const { body } = await postJson({
    url: `${llm.url.replace(/\/+$/, '')}/chat/completions`,
    setting: 'llm.url',
    idempotencyKey,
    signal,
    body: {
      model,
      stream: false,
      messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), { role: 'user', content: prompt }],
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    },
    ...(apiKey === null ? {} : { headers: { authorization: `Bearer ${apiKey}` }, secrets: [apiKey] }),
  });
  const completion = Completion.safeParse(body);
  if (!completion.success) throw new RetryableError(`llm.url answered with something else than a chat completion: ${describeIssues(completion.error)}.`);
  const { choices, usage } = completion.data;
  return {
    response: (choices[0]?.message.content ?? '').replaceAll('\u0000', ''),
    model: completion.data.model ?? model,
    ...(usage?.prompt_tokens === undefined ? {} : { promptTokens: usage.prompt_tokens }),
    ...(usage?.completion_tokens === undefined ? {} : { completionTokens: usage.completion_tokens }),
    durationMs: Date.now() - startedMs,
  };
}

export function executeLlmQuery(settings: HandlerSettings): Handler<InputOf<'ExecuteLLMQueryJob'>> {
  return async (attempt) => {
    if (!settings.config.llm) throw new MissingSettingError('llm', attempt.job.type);
    // An answer costs money or minutes: it is kept, should the rest of the attempt fail.
    attempt.emit('ai.ResponseGenerated', await attempt.once('ask', () => askModel(settings, attempt.input, attempt, attempt.job.type)));
  };
}
