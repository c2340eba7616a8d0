/** Keys that a page adds while it is on screen. */
import { useEffect, useLayoutEffect, useRef } from 'react';

export interface PageKey {
  /** What it does, for the sheet of keys, in the reader's language. */
  readonly does: string;
  act(): void;
}
type PageKeys = Readonly<Record<string, PageKey>>;

const registered: { current: PageKeys }[] = [];

/** Add keys while the component is on screen. They must not be among those of the whole console. */
export function usePageKeys(keys: PageKeys): void {
  const now = useRef(keys);
  useLayoutEffect(() => {
    now.current = keys;
  });
  useEffect(() => {
    registered.push(now);
    return () => {
      registered.splice(registered.indexOf(now), 1);
    };
  }, []);
}

/** The keys of the page on screen. */
export function keysOfPage(): PageKeys {
  return Object.assign({}, ...registered.map(({ current }) => current)) as PageKeys;
}
