/** What it means to run a job again, in a word. */
import { message, t } from '../../shared/i18n/translate.ts';

const WORDS: Readonly<Record<string, string>> = { idempotent: message('idempotent'), guarded: message('guarded'), unsafe: message('unsafe') };

/** @param safety as the job catalogue has it */
export function safetyWord(safety: string): string {
  const word = WORDS[safety];
  return word === undefined ? safety : t(word);
}
