/** The query box of Flow: `type:rule.* source:crm correlation:7f3a…` to a filter and back. */
import { t } from '../../shared/i18n/translate.ts';
import type { EventFilter } from '../../shared/operator-api/index.ts';

/** The filter as the URL holds it. */
export interface FlowQuery {
  domain?: string | undefined;
  type?: string | undefined;
  source?: string | undefined;
  correlation?: string | undefined;
}

const FIELDS = ['domain', 'type', 'source', 'correlation'] as const;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DOMAIN = /^[a-z][a-z0-9-]*$/;

/** Read the query box. `problem` says which word was not understood. */
export function parseFlowQuery(text: string): { query: FlowQuery; problem: string | null } {
  const query: FlowQuery = {};
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const colon = word.indexOf(':');
    if (colon < 0) {
      // A bare word says by its shape what it is.
      if (UUID.test(word)) query.correlation = word;
      else if (word.includes('.')) query.type = word;
      else if (DOMAIN.test(word)) query.domain = word;
      else return { query, problem: t('“{word}” is no domain, type or id. Write type:, source:, domain: or correlation: before it.', { word }) };
      continue;
    }
    const field = FIELDS.find((name) => name === word.slice(0, colon));
    const value = word.slice(colon + 1);
    if (!field) return { query, problem: t('There is no filter “{name}”. There are type, source, domain and correlation.', { name: word.slice(0, colon) }) };
    if (value === '') return { query, problem: t('“{filter}:” needs a value.', { filter: field }) };
    const star = value.indexOf('*');
    if (star >= 0 && field !== 'type') return { query, problem: t('“{word}”: a * may only stand in a type.', { word }) };
    if (star >= 0 && star !== value.length - 1) return { query, problem: t('“{word}”: a * may only stand at the end.', { word: value }) };
    query[field] = value;
  }
  return { query, problem: null };
}

/** Write a filter as the query box shows it. */
export function writeFlowQuery(query: FlowQuery): string {
  return FIELDS.flatMap((field) => {
    const value = query[field];
    return value === undefined ? [] : [`${field}:${value}`];
  }).join(' ');
}

/** The filter as the operator API takes it. */
export function toEventFilter(query: FlowQuery): EventFilter {
  return {
    ...(query.domain === undefined ? {} : { domain: query.domain }),
    ...(query.type === undefined ? {} : { type: query.type }),
    ...(query.source === undefined ? {} : { source: query.source }),
    ...(query.correlation === undefined ? {} : { correlationId: query.correlation }),
  };
}

/** Offers for the word that is being written: the whole query with that word completed. */
export function suggestQueries(text: string, known: { types: readonly string[]; sources: readonly string[]; domains: readonly string[] }): string[] {
  const cut = text.lastIndexOf(' ') + 1;
  const before = text.slice(0, cut);
  const word = text.slice(cut);
  const offers = [
    ...known.domains.map((domain) => `type:${domain}.*`),
    ...known.types.map((type) => `type:${type}`),
    ...known.sources.map((source) => `source:${source}`),
  ];
  const lower = word.toLowerCase();
  return [...new Set(offers)]
    .filter((offer) => offer !== word && offer.toLowerCase().includes(lower))
    .slice(0, 12)
    .map((offer) => before + offer);
}
