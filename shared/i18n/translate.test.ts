import { afterEach, describe, expect, it } from 'vitest';
import { addCatalogue, bestLanguage, language, say, speak, t, Words, words } from './translate.ts';

const PLURAL = '{n, plural, one {# job waits} other {# jobs wait}}';

describe('translate', () => {
  afterEach(() => speak('en'));

  it('is English without a catalogue, with plurals, dots, colons and apostrophes', () => {
    expect(t(PLURAL, { n: 1 })).toBe('1 job waits');
    expect(t(PLURAL, { n: 1204 })).toBe('1,204 jobs wait');
    expect(t('Nothing waits. Note: it can\'t be undone.')).toBe('Nothing waits. Note: it can\'t be undone.');
    expect(t('{who} paused {queue}', { who: '<b>ann</b>', queue: 'a.b:c' })).toBe('<b>ann</b> paused a.b:c');
  });

  it('speaks German once told, and English where German lacks a message', () => {
    addCatalogue('de', { [PLURAL]: '{n, plural, one {# Job wartet} other {# Jobs warten}}' });
    speak('de');
    expect(language()).toBe('de');
    expect(t(PLURAL, { n: 1204 })).toBe('1.204 Jobs warten');
    expect(t('Not in the catalogue: {n}', { n: 3 })).toBe('Not in the catalogue: 3');
  });

  it('says a sentence of the services in the reader\'s language, whose text stays English', () => {
    addCatalogue('de', { [PLURAL]: '{n, plural, one {# Job wartet} other {# Jobs warten}}' });
    speak('de');
    const sentence = words(PLURAL, { n: 2 });
    expect(sentence.text).toBe('2 jobs wait');
    expect(say(sentence)).toBe('2 Jobs warten');
  });

  it('says sentences within a sentence, also after a way over the wire', () => {
    addCatalogue('de', { [PLURAL]: '{n, plural, one {# Job wartet} other {# Jobs warten}}', 'It holds: {why}': 'Es hält: {why}', '{part} is ill. {detail}.': '{part} ist krank. {detail}.' });
    speak('de');
    const sentence = words('{part} is ill. {detail}.', { part: 'X', detail: words('It holds: {why}', { why: words(PLURAL, { n: 2 }) }) });
    expect(sentence.text).toBe('X is ill. It holds: 2 jobs wait.');
    expect(say(Words.parse(JSON.parse(JSON.stringify(sentence))))).toBe('X ist krank. Es hält: 2 Jobs warten.');
  });

  it('takes the first complete language of a list', () => {
    expect(bestLanguage(['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(bestLanguage(['fr'])).toBe('en');
  });
});
