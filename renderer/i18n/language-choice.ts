/** Which language the console speaks: one that was chosen, or the system's; remembered like the colour scheme. */
import { create } from 'zustand';
import { addCatalogue, bestLanguage, type Catalogue, type Language, LANGUAGES, speak } from '../../shared/i18n/translate.ts';
import siteWords from '../../shared/i18n/words.de.json' with { type: 'json' };

/** A language, or the first of the system's that is complete. */
export type LanguageChoice = Language | 'auto';

const STORED = 'spine-language';

/** Each page's folder holds its own German: newcomers find a translation beside the words. What other hosts show too lies in `shared`. */
addCatalogue('de', siteWords);
for (const catalogue of Object.values(import.meta.glob<Catalogue>('../*/words.de.json', { eager: true, import: 'default' }))) addCatalogue('de', catalogue);

function stored(): LanguageChoice {
  try {
    const value = localStorage.getItem(STORED);
    return LANGUAGES.find((known) => known === value) ?? 'auto';
  } catch {
    // Storage can be refused; the system's language is right then.
    return 'auto';
  }
}

const resolve = (choice: LanguageChoice): Language => (choice === 'auto' ? bestLanguage(navigator.languages) : choice);

function apply(choice: LanguageChoice): Language {
  const language = resolve(choice);
  speak(language);
  document.documentElement.lang = language;
  return language;
}

interface LanguageState {
  readonly choice: LanguageChoice;
  readonly language: Language;
  readonly choose: (choice: LanguageChoice) => void;
}

export const useLanguage = create<LanguageState>((set) => {
  const choice = stored();
  return {
    choice,
    language: apply(choice),
    choose: (next) => {
      try {
        if (next === 'auto') localStorage.removeItem(STORED);
        else localStorage.setItem(STORED, next);
      } catch {
        // Not remembered, but spoken until the window is closed.
      }
      set({ choice: next, language: apply(next) });
    },
  };
});
