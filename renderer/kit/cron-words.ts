/** A cron expression as a person says it. */
import { toString as cronInWords } from 'cronstrue';
import 'cronstrue/locales/de';
import { language } from '../../shared/i18n/translate.ts';

/** "At 02:30, Monday through Friday", in the reader's language. What is no cron expression stays as it is. */
export function cronWords(cron: string): string {
  return cronInWords(cron, { locale: language(), use24HourTimeFormat: true, verbose: false, throwExceptionOnParseError: false });
}
