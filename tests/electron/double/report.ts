/** What the double tells the test that launched it, and what the test may ask of it: messages of the child process channel. */

export type Report =
  /** Chromium runs; a second client may connect here to look at the page. */
  | { readonly what: 'chromium'; readonly endpoint: string }
  | { readonly what: 'window'; readonly webPreferences: Record<string, unknown> }
  | { readonly what: 'shown' }
  | { readonly what: 'services'; readonly pid: number }
  /** Something that the shell refused. */
  | { readonly what: 'refused'; readonly kind: 'navigation' | 'window'; readonly url: string }
  | { readonly what: 'opened-outside'; readonly url: string }
  /** The page asked the network for something. It must not. */
  | { readonly what: 'outside-request'; readonly url: string }
  | { readonly what: 'permissions'; readonly allowed: Record<string, boolean> }
  | { readonly what: 'error-box'; readonly title: string; readonly content: string };

export type Wish = { readonly wish: 'close-window' } | { readonly wish: 'second-instance' };

export function report(message: Report): void {
  process.send?.(message);
}
