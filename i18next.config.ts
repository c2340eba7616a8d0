/** `i18next-cli lint` finds words on screen that no translation can reach. The catalogues themselves are checked by renderer/i18n/translations.test.ts. */
import { defineConfig } from 'i18next-cli';

export default defineConfig({
  locales: ['en', 'de'],
  extract: { input: ['renderer/**/*.tsx'], output: 'out/i18n/{{language}}.json', functions: ['t', 'message'] },
  lint: {
    // Names and examples that are the same in every language are constants.
    acceptedTags: 'all',
    ignoredTags: ['code', 'kbd', 'pre'],
    acceptedAttributes: ['aria-label', 'alt', 'answer', 'description', 'empty', 'label', 'nothingFound', 'placeholder', 'suffix', 'title', 'what'],
    checkConcatenation: 'error',
  },
});
