/** What an error says, in the reader's language if it has such words. */
import { messageOf } from '../../shared/errors.ts';
import { say, Words } from '../../shared/i18n/translate.ts';

/** @param error of an API call, or anything thrown */
export function sayError(error: unknown): string {
  const data: unknown = typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined;
  const said = typeof data === 'object' && data !== null && 'words' in data ? Words.safeParse(data.words) : undefined;
  return said?.success ? say(said.data) : messageOf(error);
}
