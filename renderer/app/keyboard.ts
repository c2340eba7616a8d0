/** Keys of the whole console. Inside a field only Escape is ours. */
import { useEffect } from 'react';
import { message } from '../../shared/i18n/translate.ts';
import { focusedList } from '../kit/list-focus.ts';
import { keysOfPage } from '../kit/page-keys.ts';
import { PAGES } from './pages.ts';

/** How long `g` waits for its second key, ms. */
const SEQUENCE_MS = 1_200;

/** Listen while the shell is on screen. */
export function useKeyboard(go: (to: (typeof PAGES)[number]['to']) => void, openCheatSheet: () => void): void {
  useEffect(() => {
    // Not 0: in the first moments of the page every key would stand behind a `g` that nobody pressed.
    let wentAt = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      // A dialog has the keyboard to itself.
      if (document.querySelector('[role="dialog"][aria-modal="true"]')) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      // Nor does the Escape that closed one belong to the page: by now the dialog may be gone from it, with what had the focus.
      if (target?.closest('[role="dialog"]') != null) return;
      const inField = target?.closest('input:not([type="checkbox"]), textarea, select, [contenteditable="true"]') != null;
      if (event.key === 'Escape') {
        if (inField) target?.blur();
        else document.querySelector<HTMLElement>('[data-close-panel]')?.click();
        return;
      }
      if (inField) return;
      if (event.timeStamp - wentAt < SEQUENCE_MS) {
        wentAt = Number.NEGATIVE_INFINITY;
        const page = PAGES.find(({ key }) => key === event.key);
        if (page) {
          event.preventDefault();
          go(page.to);
        }
        return;
      }
      const act = ACTIONS[event.key] ?? keysOfPage()[event.key]?.act;
      if (event.key === 'g') wentAt = event.timeStamp;
      else if (event.key === '?') openCheatSheet();
      else if (event.key === 'Enter' && target?.closest('button, a, summary') != null) return;
      // Arrows scroll the panel that has the focus.
      else if (event.key.startsWith('Arrow') && target?.closest('.side-panel') != null) return;
      else if (act) {
        event.preventDefault();
        act();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [go, openCheatSheet]);
}

const ACTIONS: Record<string, () => void> = {
  '/': () => document.querySelector<HTMLElement>('input[data-page-filter]')?.focus(),
  j: () => focusedList()?.move(1),
  k: () => focusedList()?.move(-1),
  ArrowDown: () => focusedList()?.move(1),
  ArrowUp: () => focusedList()?.move(-1),
  Enter: () => focusedList()?.open(),
  ArrowRight: () => focusedList()?.expand?.(true),
  ArrowLeft: () => focusedList()?.expand?.(false),
  x: () => focusedList()?.pick?.(),
};

/** The cheat sheet: what each key does (a message), on every page; a page may add some of its own. */
export const CHEATS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['Ctrl', 'K'], message('Search or jump')],
  [['/'], message('Go to the filter')],
  [['j'], message('Next row')],
  [['k'], message('Row before')],
  [['Enter'], message('Open the row')],
  [['x'], message('Pick the row')],
  [['→'], message('Open the branch')],
  [['←'], message('Close the branch')],
  [['Esc'], message('Close the panel')],
  [['?'], message('This sheet')],
  ...PAGES.map(({ key, name }) => [['g', key], name] as const),
];
