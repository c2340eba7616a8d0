/** The box that searches in the input of jobs: `customer.id=42 "on the line"`. Pure. */
import { t } from '../../shared/i18n/translate.ts';
import type { PayloadQuery } from '../../shared/payload-query.ts';
import { payloadPath, queryWords, quotesAreClosed } from '../../shared/query-words.ts';

/** Read the box. A key names a field of the input, with or without `data.` before it; a bare word stands anywhere. */
export function parseInputQuery(text: string): { query: PayloadQuery; problem: string | null } {
  const fields: { path: string[]; value: string }[] = [];
  const words: string[] = [];
  if (!quotesAreClosed(text)) return { query: {}, problem: t('A quotation mark is not closed.') };
  // A field without `data.` may be written with an equals sign, too.
  for (const { whole, key, value, quoted } of queryWords(text.replaceAll(/(^|\s)([A-Za-z_][\w.$-]*)=/g, '$1$2:'))) {
    if (key !== null && value === '') return { query: {}, problem: t('“{word}” needs a value.', { word: whole }) };
    if (key !== null) fields.push({ path: payloadPath(key) ?? key.split('.').filter(Boolean), value });
    else if (!quoted && whole.endsWith(':')) return { query: {}, problem: t('“{word}” needs a value.', { word: whole }) };
    else if (value !== '') words.push(value);
  }
  return { query: { ...(words.length > 0 ? { text: words } : {}), ...(fields.length > 0 ? { fields } : {}) }, problem: null };
}
