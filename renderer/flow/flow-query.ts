/** The query box of Flow: `type:rule.* source:crm data.customer.id=42 "on the line" since:15min` to a filter and back. */
import { DOMAINS } from '../../shared/event-catalogue/index.ts';
import { t } from '../../shared/i18n/translate.ts';
import type { EventFilter } from '../../shared/operator-api/index.ts';
import { payloadPath, quotedIfNeeded, queryWords, quotesAreClosed } from '../../shared/query-words.ts';
import { momentOf } from '../../shared/trace-query.ts';

/** The filter as the URL holds it. */
export interface FlowQuery {
  domain?: string | undefined;
  type?: string | undefined;
  source?: string | undefined;
  correlation?: string | undefined;
  /** Conditions on payloads, as they are written: `data.customer.id:42 "on the line"`. */
  where?: string | undefined;
  /** ISO 8601: a link that is sent to somebody means the same tomorrow. */
  since?: string | undefined;
  until?: string | undefined;
}

const FIELDS = ['domain', 'type', 'source', 'correlation', 'since', 'until'] as const;
const NAMES = 'type, source, domain, correlation, since, until, data.…';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Read the query box. `problem` says which word was not understood.
 * @param now epoch ms, from which ages count @param domains those of the site: a bare word that names one is a domain
 */
export function parseFlowQuery(text: string, now: number, domains: readonly string[] = DOMAINS): { query: FlowQuery; problem: string | null } {
  const query: FlowQuery = {};
  const where: string[] = [];
  const refuse = (problem: string): { query: FlowQuery; problem: string } => ({ query, problem });
  if (!quotesAreClosed(text)) return refuse(t('A quotation mark is not closed.'));
  for (const { whole, key, value, quoted } of queryWords(text)) {
    if (key === null) {
      // A bare word says by its shape what it is; any other stands in a payload.
      if (!quoted && whole.endsWith(':')) return refuse(t('“{word}” needs a value.', { word: whole }));
      if (!quoted && UUID.test(value)) query.correlation = value;
      else if (!quoted && domains.includes(value)) query.domain = value;
      else if (!quoted && /^[a-z][a-z0-9-]*\.([A-Z]\w*|\w*\*)$/.test(value)) query.type = value;
      else if (value !== '') where.push(quotedIfNeeded(value));
      continue;
    }
    if (value === '') return refuse(t('“{word}” needs a value.', { word: whole }));
    if (payloadPath(key)) {
      where.push(`${key}:${quotedIfNeeded(value)}`);
      continue;
    }
    if (key === 'text') {
      where.push(quotedIfNeeded(value));
      continue;
    }
    const field = FIELDS.find((name) => name === key);
    if (!field) return refuse(t('There is no filter “{name}”. There are {names}.', { name: key, names: NAMES }));
    if (field === 'since' || field === 'until') {
      const moment = momentOf(value, now);
      if (moment === null) return refuse(t('“{word}” is no time: expected an age such as 15min, or a date such as 2026-11-24T12:00.', { word: whole }));
      query[field] = new Date(moment).toISOString();
      continue;
    }
    const star = value.indexOf('*');
    if (star >= 0 && field !== 'type') return refuse(t('“{word}”: a * may only stand in a type.', { word: whole }));
    if (star >= 0 && star !== value.length - 1) return refuse(t('“{word}”: a * may only stand at the end.', { word: value }));
    query[field] = value;
  }
  if (where.length > 0) query.where = where.join(' ');
  return { query, problem: null };
}

/** Write a filter as the query box shows it. */
export function writeFlowQuery(query: FlowQuery): string {
  const named = FIELDS.flatMap((field) => {
    const value = query[field];
    return value === undefined ? [] : [`${field}:${/\s/.test(value) ? quotedIfNeeded(value) : value}`];
  });
  return [...named, ...(query.where === undefined ? [] : [query.where])].join(' ');
}

/** The filter as the operator API takes it. */
export function toEventFilter(query: FlowQuery): EventFilter {
  const words = queryWords(query.where ?? '');
  const fields = words.flatMap(({ key, value }) => {
    const path = key === null ? null : payloadPath(key);
    return path ? [{ path, value }] : [];
  });
  const text = words.filter(({ key }) => key === null).map(({ value }) => value);
  const at = (iso: string | undefined): number | undefined => (iso === undefined || Number.isNaN(Date.parse(iso)) ? undefined : Date.parse(iso));
  const [sinceMs, untilMs] = [at(query.since), at(query.until)];
  return {
    ...(query.domain === undefined ? {} : { domain: query.domain }),
    ...(query.type === undefined ? {} : { type: query.type }),
    ...(query.source === undefined ? {} : { source: query.source }),
    ...(query.correlation === undefined ? {} : { correlationId: query.correlation }),
    ...(text.length === 0 ? {} : { text }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
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
    'since:15min', 'since:24h', 'data.',
  ];
  const lower = word.toLowerCase();
  return [...new Set(offers)]
    .filter((offer) => offer !== word && offer.toLowerCase().includes(lower))
    .slice(0, 12)
    .map((offer) => before + offer);
}
