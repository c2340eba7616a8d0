/** What the double tells the test that launched it, and what the test may ask of it: messages of the child process channel. */

export type Report =
  /** Chromium runs; a second client may connect here to look at the page. */
  | { readonly what: 'chromium'; readonly endpoint: string }
  | { readonly what: 'window'; readonly webPreferences: Record<string, unknown>; readonly bounds: Partial<Record<'x' | 'y' | 'width' | 'height', number>> }
  | { readonly what: 'shown' }
  | { readonly what: 'hidden' }
  | { readonly what: 'services'; readonly pid: number }
  /** Something that the shell refused. */
  | { readonly what: 'refused'; readonly kind: 'navigation' | 'window'; readonly url: string }
  | { readonly what: 'opened-outside'; readonly url: string }
  /** The page asked the network for something. It must not. */
  | { readonly what: 'outside-request'; readonly url: string }
  /** Answers to what pages could ask for: as a check, and as a request. */
  | { readonly what: 'permissions'; readonly way: 'check' | 'request' | 'device'; readonly allowed: Record<string, boolean> }
  | { readonly what: 'scheme'; readonly scheme: string; readonly privileges: Record<string, boolean> }
  | { readonly what: 'sandbox' }
  /** An event of the page's contents was emitted by wish. */
  | { readonly what: 'emitted'; readonly event: string; readonly url: string; readonly prevented: boolean }
  /** A port was handed to the page. */
  | { readonly what: 'port'; readonly to: string }
  | { readonly what: 'tray'; readonly tooltip: string; readonly icon: string; readonly labels: readonly string[] }
  | { readonly what: 'badge'; readonly count: number }
  | { readonly what: 'notification'; readonly title: string; readonly body: string }
  | { readonly what: 'login-item'; readonly settings: Record<string, unknown> }
  | { readonly what: 'clipboard'; readonly text: string }
  | { readonly what: 'shown-in-folder'; readonly path: string }
  | { readonly what: 'dialog'; readonly kind: DialogKind; readonly options: Record<string, unknown> };

export type DialogKind = 'message' | 'save' | 'open' | 'error';

export type Wish =
  | { readonly wish: 'close-window' }
  /** Click an entry of the application menu: 'Help', 'Copy diagnostics…'. */
  | { readonly wish: 'menu'; readonly path: readonly string[] }
  | { readonly wish: 'tray'; readonly label: string }
  /** Click the n-th notification, from 0. */
  | { readonly wish: 'click-notification'; readonly nth: number }
  /** Something that a page tries, which the double's Chromium does not tell of. */
  | { readonly wish: 'emit'; readonly event: string; readonly url: string }
  /** What a person answers to the next dialog of this kind: the button's number, a path, or null to close it. */
  | { readonly wish: 'answer'; readonly kind: DialogKind; readonly value: number | string | null }
  /** The preload's channel, used by a frame that is not the console's own. */
  | { readonly wish: 'forge'; readonly channel: string; readonly frameUrl: string };

export function report(message: Report): void {
  process.send?.(message);
}
