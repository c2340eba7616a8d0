/**
 * Words in the reader's language. The English message is the key: code stays readable, and a message without a translation shows in English.
 * Messages are ICU: `t('{n, plural, one {# job waits} other {# jobs wait}}', { n })`. Pure: who hosts it brings the catalogues and the choice.
 */
import i18next from 'i18next';
import ICU from 'i18next-icu';
import { z } from 'zod';

/** The languages that are complete: `translations.test.ts` fails when one lacks a message. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

/** What a message's placeholders stand for. */
export type MessageValues = Readonly<Record<string, string | number>>;

/** English message → message in that language. */
export type Catalogue = Readonly<Record<string, string>>;

export const translator = i18next.createInstance();

void translator.use(ICU).init({
  lng: 'en',
  fallbackLng: false,
  supportedLngs: [...LANGUAGES],
  resources: { en: { translation: {} }, de: { translation: {} } },
  // A message may hold a dot or a colon.
  keySeparator: false,
  nsSeparator: false,
  initAsync: false,
  returnEmptyString: false,
});

/** Adds translations, before the first paint. */
export function addCatalogue(language: Language, catalogue: Catalogue): void {
  translator.addResourceBundle(language, 'translation', catalogue, true, false);
}

/** The language that `t` speaks now. */
export const language = (): Language => LANGUAGES.find((known) => known === translator.language) ?? 'en';

/** Speaks another language from now on. Whatever is on screen must be drawn again. */
export function speak(chosen: Language): void {
  void translator.changeLanguage(chosen);
}

/** The first language of a list of BCP 47 tags that is complete; English if none is. */
export function bestLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    const found = LANGUAGES.find((known) => tag.toLowerCase().split('-')[0] === known);
    if (found) return found;
  }
  return 'en';
}

/**
 * A message in the reader's language.
 * @param message ICU message in English, written out where it is used: the check for completeness reads the source
 */
export function t(message: string, values?: MessageValues): string {
  return translator.t(message, values ?? {});
}

/** Says a text that may be a message (what the catalogue says of a type) or somebody's own words (what a plugin says of its type): those stay as they are. */
export const sayText = (text: string): string => (translator.exists(text) ? translator.t(text) : text);

/** Marks a message that is translated later, where it is shown: `{ title: message('Waiting') }`, then `t(title)`. */
export const message = <const M extends string>(english: M): M => english;

/** A sentence whose values are plain. */
export const Phrase = z.object({ message: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])), text: z.string() });
export type Phrase = z.infer<typeof Phrase>;

/** A sentence that the services made: the console says it in the reader's language, a script reads `text`. A value may be a sentence itself. */
export interface Words {
  message: string;
  values: Record<string, string | number | Words>;
  text: string;
}
const Value: z.ZodType<string | number | Words> = z.union([z.string(), z.number(), z.lazy(() => Words)]);
export const Words = Phrase.extend({ values: z.record(z.string(), Value) });

/** Makes such a sentence. Messages are ICU, as in {@link t}; `text` is always English. */
export function words(english: string, values?: MessageValues): Phrase;
export function words(english: string, values: Readonly<Record<string, string | number | Words>>): Words;
export function words(english: string, values: Readonly<Record<string, string | number | Words>> = {}): Words {
  const plain = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? value.text : value]));
  return { message: english, values: { ...values }, text: translator.t(english, { ...plain, lng: 'en' }) };
}

/** A text that is nobody's message (of another system, of a plugin), where a sentence is asked for. */
export const verbatim = (text: string): Phrase => ({ message: '{text}', values: { text }, text });

/** Says a sentence of the services in the reader's language. */
export function say({ message: english, values }: Words): string {
  const said = Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? say(value) : value] as const);
  return t(english, Object.fromEntries(said));
}
