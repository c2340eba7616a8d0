/**
 * The search for traces as a line of text: `type:rule.* error:RetryableError took:>2s since:1h data.customer.tier:vip "on the line"`.
 * Pure. All conditions must hold of one trace; a bare word says by its shape what it is.
 */
import { EVENT_TYPE } from './event-type.ts';
import { t } from './i18n/translate.ts';
import { payloadPath, queryWords, quotesAreClosed } from './query-words.ts';

export const TRACE_STATES = ['open', 'dead', 'failed', 'done'] as const;
export type TraceState = (typeof TRACE_STATES)[number];

export interface TraceQuery {
  /** An id of a correlation, an event or a job, or its beginning (8 characters or more). */
  readonly id?: string;
  /** An event type in the trace; `*` at the end. */
  readonly type?: string;
  /** A job type in the trace; `*` at the end. */
  readonly job?: string;
  readonly source?: string;
  /** Name of an error of an attempt, or words of its message. */
  readonly error?: string;
  readonly state?: TraceState;
  /** Id of a replay that put a job on its queue. */
  readonly replay?: string;
  /** How long the whole took, ms. */
  readonly minMs?: number;
  readonly maxMs?: number;
  /** Last active after, first event before: epoch ms. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Words that stand in a payload. */
  readonly text?: readonly string[];
  /** Fields of a payload, with the text of their value. */
  readonly fields?: readonly { readonly path: readonly string[]; readonly value: string }[];
}

export type ParsedTraceQuery = { readonly query: TraceQuery; readonly problem: null } | { readonly query: null; readonly problem: string };

/** What may stand before a colon, and what it looks for: for suggestions. */
export const TRACE_QUERY_KEYS: readonly (readonly [key: string, about: string])[] = [
  ['type:', 'an event type, such as rule.*'],
  ['job:', 'a job type, such as SendOutgoingMessageJob'],
  ['source:', 'who published'],
  ['error:', 'name or words of an error'],
  ['state:', 'open, dead, failed or done'],
  ['took:', 'how long it took: >2s, <100ms, >1h'],
  ['since:', 'last active since: 15min, 6h, 2026-11-24'],
  ['until:', 'began before: 2026-11-24T12:00'],
  ['data.', 'a field of a payload: data.customer.tier:vip'],
  ['id:', 'an id, or its first 8 characters'],
  ['replay:', 'the id of a replay'],
];

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const ID = /^[0-9a-f-]{8,36}$/i;

/** @param now epoch ms, from which ages count. */
export function parseTraceQuery(text: string, now: number): ParsedTraceQuery {
  const query: { -readonly [Key in keyof TraceQuery]: TraceQuery[Key] } = {};
  const words: string[] = [];
  const fields: { path: string[]; value: string }[] = [];
  const refuse = (problem: string): ParsedTraceQuery => ({ query: null, problem });
  if (!quotesAreClosed(text)) return refuse(t('A quotation mark is not closed.'));
  for (const { whole, key, value, quoted } of queryWords(text)) {
    if (key === null) {
      if (!quoted && whole.endsWith(':')) return refuse(t('“{word}” needs a value.', { word: whole }));
      if (value === '') continue;
      if (!quoted && ID.test(value) && /\d/.test(value) && query.id === undefined) query.id = value.toLowerCase();
      else if (!quoted && query.type === undefined && (EVENT_TYPE.test(value) || /^[a-z][a-z0-9-]*\.[A-Za-z0-9]*\*$/.test(value))) query.type = value;
      else if (!quoted && query.job === undefined && /^[A-Z]\w*Job$/.test(value)) query.job = value;
      else words.push(value);
      continue;
    }
    if (value === '') return refuse(t('“{filter}:” needs a value.', { filter: key }));
    const path = payloadPath(key);
    if (path) {
      fields.push({ path, value });
      continue;
    }
    switch (key) {
      case 'id': case 'correlation': case 'event':
        if (!ID.test(value)) return refuse(t('“{word}” is no id: expected eight or more of 0-9, a-f and dashes.', { word: value }));
        query.id = value.toLowerCase();
        break;
      case 'type': case 'job': {
        const star = value.indexOf('*');
        if (star >= 0 && star !== value.length - 1) return refuse(t('“{word}”: a * may only stand at the end.', { word: value }));
        query[key] = value;
        break;
      }
      case 'source': case 'error': case 'replay':
        query[key] = value;
        break;
      case 'state': {
        const state = TRACE_STATES.find((each) => each === value);
        if (!state) return refuse(t('There is no state “{word}”. There are {states}.', { word: value, states: TRACE_STATES.join(', ') }));
        query.state = state;
        break;
      }
      case 'took': {
        const found = /^([<>])?=?(\d+(?:\.\d+)?)(ms|s|min|m|h|d)$/.exec(value);
        if (!found) return refuse(t('“took:{word}” is not understood: expected such as took:>2s or took:<100ms.', { word: value }));
        const length = Number(found[2]) * (UNIT_MS[found[3] ?? 'ms'] ?? 1);
        if (found[1] === '<') query.maxMs = length;
        else query.minMs = length;
        break;
      }
      case 'since': case 'until': {
        const moment = momentOf(value, now);
        if (moment === null) return refuse(t('“{filter}:{word}” is no time: expected an age such as 15min or 6h, or a date such as 2026-11-24T12:00.', { filter: key, word: value }));
        if (key === 'since') query.sinceMs = moment;
        else query.untilMs = moment;
        break;
      }
      case 'text':
        words.push(value);
        break;
      default:
        return refuse(t('There is no filter “{filter}:”. There are {filters}; put quotation marks around a text with a colon in it.', { filter: key, filters: TRACE_QUERY_KEYS.map(([name]) => name).join(' ') }));
    }
  }
  if (words.length > 0) query.text = words;
  if (fields.length > 0) query.fields = fields;
  return { query, problem: null };
}

/** A moment as a query names it: an age such as 15min, or a date. @returns epoch ms; null if it is neither. */
export function momentOf(value: string, now: number): number | null {
  const age = /^(\d+(?:\.\d+)?)(s|min|m|h|d)$/.exec(value);
  if (age) return now - Number(age[1]) * (UNIT_MS[age[2] ?? 's'] ?? 1);
  if (!/^\d{4}-\d{2}-\d{2}/.test(value)) return null;
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? null : moment;
}

/** Is there nothing in it but the order and the time? */
export function isEmptyQuery(query: TraceQuery): boolean {
  return Object.keys(query).length === 0;
}
