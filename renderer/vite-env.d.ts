/// <reference types="vite/client" />

interface Window {
  /** Present only in the desktop app: the preload announces that a port will be handed over. */
  readonly spineShell?: unknown;
  /** Read by the scroll lock of dialogs, which adds a style element of its own. */
  __webpack_nonce__?: string;
}
