/** Offers for the word that is being written in the search for traces: the whole line with that word completed. Pure. */
import { TRACE_QUERY_KEYS, TRACE_STATES } from '../../shared/trace-query.ts';

/** @param known names that there are on this site. */
export function suggestTraceQueries(text: string, known: { types: readonly string[]; sources: readonly string[]; jobTypes: readonly string[] }): string[] {
  const cut = text.lastIndexOf(' ') + 1;
  const [before, word] = [text.slice(0, cut), text.slice(cut)];
  if (word === '' || word.startsWith('"')) return [];
  const lower = word.toLowerCase();
  const offers = [
    ...TRACE_QUERY_KEYS.map(([key]) => key),
    ...TRACE_STATES.map((state) => `state:${state}`),
    'took:>1s', 'took:>10s', 'since:15min', 'since:1h', 'since:24h',
    ...known.types.map((type) => `type:${type}`),
    ...known.jobTypes.map((type) => `job:${type}`),
    ...known.sources.map((source) => `source:${source}`),
  ];
  return [...new Set(offers.filter((offer) => offer !== word && offer.toLowerCase().includes(lower)))].slice(0, 12).map((offer) => before + offer);
}
