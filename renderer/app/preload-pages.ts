/** Loads the code of all pages while nobody waits for anything: the first visit of a page is then as quick as the second. */
import { PAGES } from './pages.ts';
import { router } from './router.tsx';

/** The page that was asked for comes first, ms. */
const AFTER_MS = 2_000;

/** Call once, at start. */
export function preloadPages(): void {
  setTimeout(() => {
    void (async () => {
      await import('../flow/flow-map.tsx');
      for (const { to } of PAGES) {
        await new Promise<void>((resolve) => requestIdleCallback(() => resolve(), { timeout: 5_000 }));
        // Without the code of a page that was not reached, the visit loads it.
        await router.preloadRoute({ to }).catch(() => {});
      }
    })().catch(() => {});
  }, AFTER_MS);
}
