/** Why a redrive is as it is: kept in its row as a sentence that can be said in another language. Rows of versions before this one hold plain text. */
import { verbatim, Words } from '../../shared/i18n/translate.ts';

/** What the column `state_reason` holds. */
export const storedReason = (reason: Words): string => JSON.stringify(reason);

/** @param stored the column; null where there is no reason */
export function readReason(stored: string | null): Words | null {
  if (stored === null) return null;
  try {
    const read = Words.safeParse(JSON.parse(stored));
    if (read.success) return read.data;
  } catch {
    // Plain text.
  }
  return verbatim(stored);
}
