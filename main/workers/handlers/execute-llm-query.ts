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

export function executeLlmQuery(settings: HandlerSettings): Handler<InputOf<'ExecuteLLMQueryJob'>> {
  return async (attempt) => {
    const { llm } = settings.config;
    if (!llm) throw new MissingSettingError('llm', attempt.job.type);
    const { prompt, system, maxTokens } = attempt.input;
    const model = attempt.input.model ?? llm.model;
    // An answer costs money or minutes: it is kept, should the rest of the attempt fail.
    const answer = await attempt.once('ask', async () => {
      const startedMs = Date.now();
      const apiKey = llm.apiKey ? secretOf(settings.secret, llm.apiKey, 'llm.apiKey') : null;
      const { body } = await postJson({
        url: `${llm.url.replace(/\/+$/, '')}/chat/completions`,
        setting: 'llm.url',
        idempotencyKey: attempt.idempotencyKey,
        signal: attempt.signal,
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
    });
    attempt.emit('ai.ResponseGenerated', answer);
  };
}
