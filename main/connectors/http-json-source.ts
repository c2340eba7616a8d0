/** HTTP JSON: one GET, records found in the answer by a JSONata expression. */
import { messageOf, RetryableError } from '../../shared/errors.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { ConnectorConfig } from '../config/site-config.ts';
import { headersOf } from '../workers/handlers/configured-secrets.ts';
import { answerItems, fetchSource, shownUrl } from './fetch-source.ts';
import { evaluateExpression } from './mapping.ts';
import { fingerprintOf, idIn, isRecord } from './record-identity.ts';
import type { Source, SourceItem } from './source.ts';

type HttpJsonConfig = Extract<ConnectorConfig, { kind: 'http-json' }>;

/** A record is named by its id field; without one by its content, so that a changed record counts as a new one. */
export function httpJsonSource(config: HttpJsonConfig, secret: LoadedConfig['secret']): Source {
  const setting = `connectors.${config.id}.url`;
  const reading = fingerprintOf([config.url, config.records, config.idField ?? null]);
  return async function* read(position, signal) {
    const { headers, secrets } = headersOf(secret, config.headers, `connectors.${config.id}.headers`);
    const fetched = await fetchSource({ url: config.url, setting, signal, accept: 'application/json', headers, secrets }, position, reading);
    yield* answerItems(fetched, reading, position, (text) => jsonRecords(text, config, setting));
  };
}

/**
 * Records of an answer's text.
 * @throws RetryableError if the answer is no JSON (an error page, say). NotRetryableError if `records` fails.
 */
export async function* jsonRecords(text: string, config: Pick<HttpJsonConfig, 'id' | 'url' | 'idField' | 'records'>, setting: string): AsyncGenerator<SourceItem, void, void> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new RetryableError(`${setting} did not answer with JSON (${messageOf(cause)}).`, { cause });
  }
  const found = config.records === '$' ? answer : await evaluateExpression(config.records, answer, `connectors.${config.id}.records`);
  const at = shownUrl(config.url);
  const items = Array.isArray(found) ? found : found === undefined || found === null ? [] : [found];
  for (const [index, record] of items.entries()) {
    const where = `${at} record ${index + 1}`;
    if (!isRecord(record)) {
      yield { kind: 'problem', at: where, problem: 'is not a JSON object' };
      continue;
    }
    const id = config.idField === undefined ? fingerprintOf(record) : idIn(record, config.idField);
    if (id === null) yield { kind: 'problem', at: where, problem: `has no value in the id field "${config.idField ?? ''}"` };
    else yield { kind: 'record', recordId: id, record, receivedFrom: at };
  }
}
