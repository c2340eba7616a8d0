/** What the doctor says of one thing that it looked at. */
import { ConfigError, messageOf, UnavailableError } from '../../shared/errors.ts';

export interface Finding {
  /** Names the check: stable, for scripts. */
  readonly id: string;
  readonly verdict: 'ok' | 'warning' | 'fault';
  /** What was found, on one line. */
  readonly words: string;
  /** What to do about it; null where nothing is to be done. */
  readonly cure: string | null;
}

export const fine = (id: string, words: string): Finding => ({ id, verdict: 'ok', words, cure: null });
export const warning = (id: string, words: string, cure: string): Finding => ({ id, verdict: 'warning', words, cure });
export const fault = (id: string, words: string, cure: string): Finding => ({ id, verdict: 'fault', words, cure });

/** Look at something whose failure is an error that says what to do; `cure` is for what it leaves open. */
export async function examine(id: string, look: () => Promise<string> | string, cure = 'See the message above.'): Promise<Finding> {
  try {
    return fine(id, await look());
  } catch (error) {
    if (error instanceof UnavailableError) return fault(id, error.message.slice(0, error.message.length - error.remedy.length).trim(), error.remedy);
    if (error instanceof ConfigError) return fault(id, error.message.replace(/ Expected .*$/s, ''), `Expected: ${error.expected}.`);
    return fault(id, messageOf(error), cure);
  }
}
