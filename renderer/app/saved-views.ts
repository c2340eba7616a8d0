/** Views that a person has saved: a name and an address with its filters. Kept in this browser or app; a link sends one to somebody else. */
import { create } from 'zustand';
import { isConsolePath } from '../../shared/console-paths.ts';

export interface SavedView {
  readonly name: string;
  /** Path with its search, as in the address: `/flow?type=rule.*`. */
  readonly path: string;
}

const STORED = 'spine.saved-views';
const MOST = 100;

/** What is stored, as far as it can be understood. */
export function readViews(text: string | null): SavedView[] {
  try {
    const views: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(views)) return [];
    return views
      .filter((view: unknown): view is SavedView => typeof view === 'object' && view !== null && typeof (view as SavedView).name === 'string' && typeof (view as SavedView).path === 'string' && isConsolePath((view as SavedView).path))
      .slice(0, MOST);
  } catch {
    return [];
  }
}

/** Add a view, or give one of that name another address. By name. */
export function withView(views: readonly SavedView[], view: SavedView): SavedView[] {
  return [...views.filter(({ name }) => name !== view.name), view].sort((a, b) => a.name.localeCompare(b.name)).slice(0, MOST);
}

interface SavedViews {
  readonly views: readonly SavedView[];
  readonly save: (view: SavedView) => void;
  readonly remove: (name: string) => void;
}

function load(): SavedView[] {
  try {
    return readViews(localStorage.getItem(STORED));
  } catch {
    // Storage can be refused: then there are none.
    return [];
  }
}

export const useSavedViews = create<SavedViews>((set, get) => {
  const keep = (views: SavedView[]): void => {
    set({ views });
    try {
      localStorage.setItem(STORED, JSON.stringify(views));
    } catch {
      // Kept until the window is closed.
    }
  };
  return {
    views: load(),
    save: (view) => keep(withView(get().views, view)),
    remove: (name) => keep(get().views.filter((view) => view.name !== name)),
  };
});
